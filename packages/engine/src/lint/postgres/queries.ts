import { quotedName } from '../../sql/tokens'
import type { Name } from './facts'

/* Queries that find the rows that a statement would refuse, for the help of a finding. */

/**
 * @param keys columns, quoted, or expressions
 * @param conditions of the rows that count
 * @example
 * duplicates(nameOf(['orders']), ['"email"'], ['"email" IS NOT NULL'])
 * // 'SELECT "email", count(*) FROM "orders" WHERE "email" IS NOT NULL GROUP BY "email" HAVING count(*) > 1'
 */
export function duplicates(table: Name, keys: readonly string[], conditions: readonly string[]): string {
  const list = keys.join(', ')
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  return `SELECT ${list}, count(*) FROM ${table.sql}${where} GROUP BY ${list} HAVING count(*) > 1`
}

export function countRows(table: Name, condition: string): string {
  return `SELECT count(*) FROM ${table.sql} WHERE ${condition}`
}

/** Rows whose key has no row in the other table. */
export function orphans(
  table: Name,
  columns: readonly string[],
  referenced: Name,
  referencedColumns: readonly string[],
): string {
  const keys = columns.map(quotedName)
  const pairs = keys.map((key, index) => `p.${quotedName(referencedColumns[index] ?? '')} = c.${key}`).join(' AND ')
  const filled = keys.map((key) => `c.${key} IS NOT NULL`).join(' AND ')
  return (
    `SELECT count(*) FROM ${table.sql} AS c WHERE ${filled} ` +
    `AND NOT EXISTS (SELECT FROM ${referenced.sql} AS p WHERE ${pairs})`
  )
}
