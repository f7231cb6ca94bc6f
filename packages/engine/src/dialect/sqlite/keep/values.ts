import { quote } from '../quote'

/** SQL: true if two values are not the same, also if they only compare as equal: `1` and `1.0`, `'a'` and `'A'`. */
export function differs(one: string, other: string): string {
  return `(${one} COLLATE BINARY IS NOT ${other} COLLATE BINARY OR typeof(${one}) <> typeof(${other}))`
}

/**
 * SQL: true if two rows have the same key. The first one decides how texts are compared.
 *
 * @param one the name of the row, as it is written in SQL
 */
export function joined(one: string, columns: readonly string[], other: string, others: readonly string[]): string {
  return columns.map((name, at) => `${one}.${quote(name)} = ${other}.${quote(others[at] ?? name)}`).join(' AND ')
}
