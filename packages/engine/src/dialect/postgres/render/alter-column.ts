import type { AlterColumn, ColumnValues } from '../../../operations/operation'
import { type Column, type ObjectName, sameName } from '../../../schema/schema'
import { text } from '../literal'
import { quote, quoteName } from '../names'
import { optionChanges, allOptions } from '../sequence-options'
import {
  commentOnColumn,
  createSerialSequence,
  defaultExpression,
  identityClause,
  nextval,
  ownSerialSequence,
} from './column'
import { conversion } from './conversion'
import { renameStatements } from './table'

/** True when the alteration changes the column's type or collation, or computes all values of the column. */
export function changesType({ from, to, values }: Pick<AlterColumn, 'from' | 'to' | 'values'>): boolean {
  return from.type !== to.type || from.collation !== to.collation || values?.using !== undefined
}

/** The actions of one ALTER TABLE. */
export function alterTableStatement(table: ObjectName, actions: readonly string[]): string[] {
  if (actions.length === 0) return []
  return [`ALTER TABLE ${quoteName(table)}${actions.length === 1 ? ' ' : '\n  '}${actions.join(',\n  ')}`]
}

/** The statements that change a column: the actions of an ALTER TABLE, which those of other columns can join. */
interface ColumnAlteration {
  readonly before: readonly string[]
  readonly actions: readonly string[]
  readonly after: readonly string[]
}

type Alteration = Pick<AlterColumn, 'table' | 'from' | 'to' | 'values'>

/** {@link alterColumns} for one column. */
export function alterColumn(alteration: Alteration, isFree: (name: ObjectName) => boolean): string[] {
  return alterColumns([alteration], isFree)
}

/**
 * Statements for all changes of columns of one table that are possible in place. One ALTER TABLE changes all of them, because
 * each one that changes a type rewrites the table; its USING expressions see the row before any change. A column that becomes
 * generated, or gets another expression, is dropped and recreated instead (see `type-changes.ts`).
 *
 * @param isFree whether no relation has the name
 * @param isPlain true when DROP EXPRESSION was already rendered
 */
export function alterColumns<A extends Alteration>(
  alterations: readonly A[],
  isFree: (name: ObjectName) => boolean,
  isPlain: (alteration: A) => boolean = () => false,
): string[] {
  const [first] = alterations
  if (first === undefined) return []
  const parts = alterations.map((alteration) => alterationOf(alteration, isFree, isPlain(alteration)))
  return [
    ...parts.flatMap(({ before }) => before),
    ...alterTableStatement(
      first.table,
      parts.flatMap(({ actions: own }) => own),
    ),
    ...parts.flatMap(({ after }) => after),
  ]
}

function alterationOf(
  { table, from, to, values }: Alteration,
  isFree: (name: ObjectName) => boolean,
  isPlain: boolean,
): ColumnAlteration {
  const column = `ALTER COLUMN ${quote(to.name)}`
  const before: string[] = []
  const after: string[] = []
  if (from.generated !== undefined && to.generated === undefined && !isPlain)
    before.push(dropExpression(table, from.name))
  const drop = alterTableStatement(table, [`${column} DROP IDENTITY`])
  const identity = from.identity === undefined || to.identity !== undefined ? undefined : from.identitySequence
  if (identity !== undefined && to.serial !== undefined && from.serial === undefined) {
    before.push(...serialInstead(identity, to.serial, to, drop))
    after.push(ownSerialSequence(to.serial, table, to.name))
  } else {
    if (from.identity !== undefined && to.identity === undefined) before.push(...drop)
    if (to.serial !== undefined && from.serial === undefined) {
      before.push(createSerialSequence(to.serial, to))
      after.push(
        ownSerialSequence(to.serial, table, to.name),
        continueAfterRows(table, to.name, `${text(quoteName(to.serial))}::regclass`),
      )
    }
  }
  if (from.serial !== undefined && to.serial !== undefined) {
    if (!sameName(from.serial, to.serial))
      before.push(...renameStatements('SEQUENCE', from.serial, to.serial, () => true))
    const changes = [...(from.type === to.type ? [] : [`AS ${to.type}`]), ...sequenceChanges(from, to)]
    if (changes.length > 0) after.push(`ALTER SEQUENCE ${quoteName(to.serial)} ${changes.join(' ')}`)
  }
  if (to.identity !== undefined && from.identity === undefined) after.push(...addIdentity(table, from, to, isFree))
  else if (from.serial !== undefined && to.serial === undefined) after.push(`DROP SEQUENCE ${quoteName(from.serial)}`)
  const fill = fillOf(from, to, values)
  // The UPDATE that fills NULLs may read the column in its new type, and must precede NOT NULL.
  const filled = fill === undefined ? to : { ...to, nullable: true }
  return {
    before,
    actions: actions(from, filled, values).map((action) => `${column} ${action}`),
    after: [
      ...(fill === undefined
        ? []
        : [
            `UPDATE ${quoteName(table)} SET ${quote(to.name)} = ${fill} WHERE ${quote(to.name)} IS NULL`,
            ...alterTableStatement(table, [`${column} SET NOT NULL`]),
          ]),
      ...after,
      ...(from.comment === to.comment ? [] : [commentOnColumn(table, to.name, to.comment)]),
    ],
  }
}

export function dropExpression(table: ObjectName, column: string): string {
  return `ALTER TABLE ${quoteName(table)} ALTER COLUMN ${quote(column)} DROP EXPRESSION`
}

/** In one ALTER TABLE the server drops defaults first, then changes types, then sets defaults and NOT NULL. */
function actions(from: Column, to: Column, values: ColumnValues | undefined): string[] {
  const list: string[] = []
  const typed = changesType({ from, to, values })
  const using = values?.using ?? conversion(from, to)
  const [old, value] = [defaultOf(from), defaultOf(to)]
  // The old default may have no cast to the new type, or one that gives another default than the wanted one.
  if (old !== undefined && (value === undefined || typed)) list.push('DROP DEFAULT')
  if (typed) {
    list.push(
      `TYPE ${to.type}${to.collation === undefined ? '' : ` COLLATE ${to.collation}`}${using === undefined ? '' : ` USING ${using}`}`,
    )
  }
  if (value !== undefined && (value !== old || typed)) list.push(`SET DEFAULT ${value}`)
  if (from.nullable !== to.nullable) list.push(to.nullable ? 'DROP NOT NULL' : 'SET NOT NULL')
  if (from.identity !== undefined && to.identity !== undefined && from.identity !== to.identity) {
    list.push(`SET GENERATED ${to.identity.toUpperCase()}`)
  }
  if (from.identity !== undefined && to.identity !== undefined) {
    const changes = sequenceChanges(from, to)
    if (changes.length > 0) list.push(changes.map((change) => `SET ${change}`).join(' '))
  }
  return list
}

/** Default limits follow the type automatically, so both sides are compared with the new type. */
function sequenceChanges(from: Column, to: Column): string[] {
  return optionChanges(allOptions(to.type, from.sequence), allOptions(to.type, to.sequence))
}

/** The expression that replaces NULL when the column becomes NOT NULL: the given backfill, or the default. */
export function fillOf(from: Column, to: Column, values: ColumnValues | undefined): string | undefined {
  if (!from.nullable || to.nullable || to.identity !== undefined || from.generated !== undefined) return undefined
  if (values?.backfill !== undefined) return values.backfill
  return to.default === undefined || to.serial !== undefined ? undefined : 'DEFAULT'
}

function defaultOf(column: Column): string | undefined {
  if (column.serial !== undefined) return nextval(column.serial)
  return column.default === undefined ? undefined : defaultExpression(column.default)
}

/** Makes the column an identity that continues after the largest value, or after the state of the old sequence. */
function addIdentity(table: ObjectName, from: Column, to: Column, isFree: (name: ObjectName) => boolean): string[] {
  const add = alterTableStatement(table, [`ALTER COLUMN ${quote(to.name)} ADD ${identityClause(to, table, isFree)}`])
  const sequence = `pg_get_serial_sequence(${text(quoteName(table))}, ${text(to.name)})`
  if (from.serial === undefined) return [...add, continueAfterRows(table, to.name, sequence)]
  // Under another name, because the sequence of the identity gets the name that the server chooses if it is free.
  const aside = { ...from.serial, name: 'aludel_aside' }
  const old = quoteName(aside)
  return [
    `ALTER SEQUENCE ${quoteName(from.serial)} OWNED BY NONE`,
    ...renameStatements('SEQUENCE', from.serial, aside, () => true),
    ...add,
    `SELECT setval(${sequence}, last_value, is_called) FROM ${old}`,
    `DROP SEQUENCE ${old}`,
  ]
}

/**
 * Drops the identity after its state was copied to the new sequence, so that no id is given out twice: the last ids may be
 * of deleted rows. The sequence of an identity cannot be kept, and often has the name that the new one gets.
 */
function serialInstead(old: ObjectName, serial: ObjectName, column: Column, drop: readonly string[]): string[] {
  const created = sameName(old, serial) ? { ...serial, name: 'aludel_aside' } : serial
  return [
    createSerialSequence(created, column),
    `SELECT setval(${text(quoteName(created))}::regclass, last_value, is_called) FROM ${quoteName(old)}`,
    ...drop,
    ...renameStatements('SEQUENCE', created, serial, () => true),
  ]
}

function continueAfterRows(table: ObjectName, column: string, sequence: string): string {
  return `SELECT setval(${sequence}, greatest(max(${quote(column)}), 0) + 1, false) FROM ${quoteName(table)}`
}
