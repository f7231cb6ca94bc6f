// cspell:ignore doub floa
import { violationText, type Need } from '../../difference/needs'
import { type Column, keyOf, sameName } from '../../schema/schema'
import { lay } from '../layout'
import { quote, quoteText } from './quote'

/** A query that counts the rows that violate a need; null if SQLite keeps every value unchanged. */
export function countViolations(need: Need): string | null {
  const condition = violationCondition(need)
  return condition === null ? null : `SELECT count(*) AS n FROM ${source(need, condition)}`
}

/**
 * Statements that fail, with the number of rows, while rows violate the needs: one for each table, which reads it once. SQLite
 * can raise a custom error only in a trigger, and only with a fixed text; but its error for an invalid JSON path contains the
 * path, under every driver. `errorText` removes the words around it.
 */
export function guards(needs: readonly Need[]): string[] {
  const counted = needs.filter((need) => violationCondition(need) !== null)
  const tables = new Map(
    counted.map(({ table }) => [keyOf(table), counted.filter((need) => sameName(need.table, table))]),
  )
  return [...tables.values()].map((own) => {
    const [first, ...others] = own
    return first === undefined || others.length > 0 ? guardOfSeveral(own) : guardOfOne(first)
  })
}

function guardOfOne(need: Need): string {
  const message = `${quoteText(`${violationText(need)}: `)} || count(*)`
  return lay([
    `SELECT json_extract('{}', ${message})`,
    `FROM ${source(need, violationCondition(need) ?? '')}`,
    'HAVING count(*) > 0',
  ])
}

function guardOfSeveral(needs: readonly Need[]): string {
  const counts = needs.map((need, index) => {
    const condition = violationCondition(need) ?? ''
    return `${condition === '' ? 'count(*)' : `count(CASE WHEN ${condition} THEN 1 END)`} AS n${String(index + 1)}`
  })
  const messages = needs.map(
    (need, index) =>
      `WHEN n${String(index + 1)} > 0 THEN ${quoteText(`${violationText(need)}: `)} || n${String(index + 1)}`,
  )
  return lay([
    `SELECT json_extract('{}', CASE ${messages.join(' ')} END)`,
    `FROM (SELECT ${counts.join(', ')} FROM ${quote(needs[0]?.table.name ?? '')})`,
    `WHERE ${needs.map((_, index) => `n${String(index + 1)} > 0`).join(' OR ')}`,
  ])
}

function source({ table }: Need, condition: string): string {
  return `${quote(table.name)}${condition === '' ? '' : ` WHERE ${condition}`}`
}

/** Empty for every row. */
function violationCondition({ kind, column, from, to, rowid, gone, kept = [] }: Need): string | null {
  const name = quote(column)
  switch (kind) {
    case 'noRows':
      return ''
    case 'noNulls':
      return `${name} IS NULL`
    case 'values':
      return `${name} ${gone === undefined ? 'NOT IN' : 'IN'} (${(gone ?? kept).map(quoteText).join(', ')})`
    case 'zone':
      return null
    case 'fits':
      return from === undefined || to === undefined ? null : violation(name, from, to, rowid === true)
  }
}

/** Types of numbers; a text does not belong into them, even where SQLite would leave it a text. */
const numbers = /int|real|floa|doub|num|dec|bool|money/

/**
 * The condition for values that a conversion would change, or that are no numbers in a column of numbers: SQLite turns the text
 * `'007'` into 7 and leaves `'abc'` a text, but a JSON number converts without loss. Bytes become a text that ends at the first
 * zero. A rowid allows only integers.
 */
function violation(value: string, from: Column, to: Column, rowid: boolean): string | null {
  const isText = /char|clob|text/.test(to.type)
  if (isText && from.type.includes('blob')) return `typeof(${value}) = 'blob' AND instr(${value}, X'00') > 0`
  if (isText || to.type.includes('blob') || to.type === '') return null
  const wanted = to.type.includes('int') ? `('integer')` : `('integer', 'real')`
  const kind = `CASE WHEN json_valid(${value}) THEN json_type(${value}) ELSE 'text' END`
  // SQLite has no `uuid` or `datetime`: such a column stores texts. The first comparison is true for those that become numbers.
  const number = `CAST(${value} AS NUMERIC)`
  if (!numbers.test(to.type))
    return `typeof(${value}) = 'text' AND ${number} = ${value} AND CAST(${number} AS TEXT) <> ${value}`
  const text = `typeof(${value}) = 'text' AND (${kind} NOT IN ${wanted} OR length(${value}) > 18)`
  if (rowid) return `${text} OR ${noInteger(value)}`
  // A float has 53 bits for the 64 of an integer.
  const rounded = `typeof(${value}) = 'integer' AND CAST(CAST(${value} AS REAL) AS INTEGER) <> ${value}`
  return /real|floa|doub/.test(to.type) ? `${text} OR ${rounded}` : text
}

/** The condition for numbers and bytes that a rowid does not allow; SQLite would report only `datatype mismatch`. */
function noInteger(value: string): string {
  return `typeof(${value}) = 'blob' OR typeof(${value}) = 'real' AND ${value} <> CAST(${value} AS INTEGER)`
}
