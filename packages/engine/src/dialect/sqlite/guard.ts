import { violationText, type Need } from '../../difference/needs'
import type { Column } from '../../schema/schema'
import { lay } from '../layout'
import { quote, quoteText } from './quote'

/** Counts the rows that stand against a need; null where SQLite keeps every value as it is. */
export function countViolations(need: Need): string | null {
  const condition = violationCondition(need)
  return condition === null ? null : `SELECT count(*) AS n FROM ${source(need, condition)}`
}

/**
 * A statement that fails, naming their number, while rows stand against the need. SQLite has no statement that raises an
 * error of one's own outside a trigger, and in a trigger only one with a fixed text; but it quotes a JSON path that it
 * does not understand, whatever runs the revision. `errorText` takes that decoration off again.
 */
export function guard(need: Need): string | null {
  const condition = violationCondition(need)
  if (condition === null) return null
  const message = `${quoteText(`${violationText(need)}: `)} || count(*)`
  return lay([`SELECT json_extract('{}', ${message})`, `FROM ${source(need, condition)}`, 'HAVING count(*) > 0'])
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
    case 'fits':
      return from === undefined || to === undefined ? null : violation(name, from, to, rowid === true)
  }
}

/**
 * Texts that would not be the same as numbers: SQLite makes `7` of `'007'` and leaves `'abc'` a text. What JSON takes
 * for a number is one without loss. Bytes become a text that ends where one of them is zero. A rowid takes integers only.
 */
function violation(value: string, from: Column, to: Column, rowid: boolean): string | null {
  const isText = /char|clob|text/.test(to.type)
  if (isText && from.type.includes('blob')) return `typeof(${value}) = 'blob' AND instr(${value}, X'00') > 0`
  if (isText || to.type.includes('blob') || to.type === '') return null
  const wanted = to.type.includes('int') ? `('integer')` : `('integer', 'real')`
  const kind = `CASE WHEN json_valid(${value}) THEN json_type(${value}) ELSE 'text' END`
  const text = `typeof(${value}) = 'text' AND (${kind} NOT IN ${wanted} OR length(${value}) > 18)`
  return rowid ? `${text} OR ${noInteger(value)}` : text
}

/** Numbers and bytes that a rowid does not take; all that SQLite says of them is `datatype mismatch`. */
function noInteger(value: string): string {
  return `typeof(${value}) = 'blob' OR typeof(${value}) = 'real' AND ${value} <> CAST(${value} AS INTEGER)`
}
