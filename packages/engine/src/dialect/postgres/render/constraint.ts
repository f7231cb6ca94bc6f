import type { Check, Deferrable, Exclusion, ForeignKey, PrimaryKey, Unique } from '../../../schema/schema'
import { lay, layCondition } from '../../layout'
import { quote, quoteList, quoteName } from '../names'

/** Clauses of constraints, for CREATE TABLE and ALTER TABLE … ADD. */

export function primaryKeyClause(key: PrimaryKey): string {
  return `${named(key.name)}PRIMARY KEY (${quoteList(key.columns)})${deferrable(key.deferrable)}`
}

export function uniqueClause(unique: Unique): string {
  const nulls = unique.nullsNotDistinct === true ? 'NULLS NOT DISTINCT ' : ''
  return `${named(unique.name)}UNIQUE ${nulls}(${quoteList(unique.columns)})${deferrable(unique.deferrable)}`
}

export function checkClause(check: Check): string {
  const condition = layCondition(check.expression, '    ')
  return condition.includes('\n')
    ? `${named(check.name)}CHECK (\n    ${condition}\n  )`
    : `${named(check.name)}CHECK (${condition})`
}

export function exclusionClause(exclusion: Exclusion): string {
  return `${named(exclusion.name)}EXCLUDE ${exclusion.definition}${deferrable(exclusion.deferrable)}`
}

export function foreignKeyClause(key: ForeignKey): string {
  const { references } = key
  const target =
    [
      `REFERENCES ${quoteName(references)} (${quoteList(references.columns)})`,
      ...(key.match === undefined ? [] : [`MATCH ${key.match}`]),
      ...(key.onDelete === 'NO ACTION' ? [] : [`ON DELETE ${key.onDelete}`]),
      ...(key.onUpdate === 'NO ACTION' ? [] : [`ON UPDATE ${key.onUpdate}`]),
    ].join(' ') + deferrable(key.deferrable)
  return lay([`${named(key.name)}FOREIGN KEY (${quoteList(key.columns)})`, target], '    ')
}

function named(name: string | undefined): string {
  return name === undefined ? '' : `CONSTRAINT ${quote(name)} `
}

export function deferrable(kind: Deferrable | undefined): string {
  if (kind === undefined) return ''
  return kind === 'initially deferred' ? ' DEFERRABLE INITIALLY DEFERRED' : ' DEFERRABLE'
}
