import { violationText, type Need } from '../../../difference/needs'
import { keyOf, sameName } from '../../../schema/schema'
import { doStatement, text } from '../literal'
import { quote, quoteName } from '../names'
import { violation } from './violation'

/** A SELECT that counts the rows violating a need; null where only the conversion itself detects them. */
export function countViolations(need: Need): string | null {
  const rows = violatingRows(need)
  return rows === null ? null : `SELECT count(*) AS n ${rows}`
}

/**
 * Statements that fail while rows violate the needs, and report their number: one for each table, which reads it once.
 *
 * @example
 * guards(needs) // ['DO $do$ … SELECT count(*) INTO n FROM "users" WHERE char_length("name") > 50; …']
 */
export function guards(needs: readonly Need[]): string[] {
  const counted = needs.filter((need) => violatingRows(need) !== null)
  const tables = new Map(
    counted.map(({ table }) => [keyOf(table), counted.filter((need) => sameName(need.table, table))]),
  )
  return [...tables.values()].map(guard)
}

function guard(needs: readonly Need[]): string {
  const [first] = needs
  if (first === undefined) return ''
  const names = needs.map((_, index) => (needs.length === 1 ? 'n' : `n${String(index + 1)}`))
  const count =
    needs.length === 1
      ? `SELECT count(*) INTO n ${violatingRows(first) ?? ''};`
      : [
          `SELECT ${needs.map(countIf).join(',\n         ')}`,
          `    INTO ${names.join(', ')}`,
          `    FROM ${quoteName(first.table)};`,
        ].join('\n')
  const code = [
    // A column may be called as the variable is, or as one of PL/pgSQL's own (`found`).
    '#variable_conflict use_column',
    `DECLARE ${names.map((name) => `${name} bigint; `).join('')}BEGIN`,
    `  ${count}`,
    ...needs.flatMap((need, index) => raise(need, names[index] ?? 'n')),
    'END',
  ].join('\n')
  return doStatement(code)
}

function countIf(need: Need): string {
  const condition = violationCondition(need)
  return condition === null || condition === '' ? 'count(*)' : `count(*) FILTER (WHERE ${condition})`
}

function raise(need: Need, count: string): string[] {
  return [
    `  IF ${count} > 0 THEN`,
    `    RAISE EXCEPTION ${text(`${violationText(need).replaceAll('%', '%%')}: %`)}, ${count}`,
    `      USING ERRCODE = 'check_violation', HINT = 'Nothing was changed. Change these rows, then run it again.';`,
    '  END IF;',
  ]
}

/** FROM and WHERE of the rows that violate the need. */
function violatingRows(need: Need): string | null {
  const condition = violationCondition(need)
  if (condition === null) return null
  return `FROM ${quoteName(need.table)}${condition === '' ? '' : ` WHERE ${condition}`}`
}

/** A condition on the rows that violate the need; empty for all rows. */
function violationCondition({ kind, column, from, to, gone, kept = [] }: Need): string | null {
  const name = quote(column)
  switch (kind) {
    case 'noRows':
      return ''
    case 'noNulls':
      return `${name} IS NULL`
    case 'fits':
      return from === undefined || to === undefined ? null : violation(name, from, to)
    case 'values': {
      const list = (gone ?? kept).map(text).join(', ')
      if (from?.type.endsWith('[]') === true) {
        const array = `ARRAY[${list}]::text[]`
        const others = gone === undefined ? `NOT ${name}::text[] <@ ${array}` : `${name}::text[] && ${array}`
        return to?.type.endsWith('[]') === false ? `${others} OR cardinality(${name}) <> 1` : others
      }
      return `${name}::text ${gone === undefined ? 'NOT IN' : 'IN'} (${list})`
    }
    case 'zone':
      return null
  }
}
