import type { Dialect } from '../dialect/dialect'
import { columnsIn } from '../schema/expressions'
import { scopeOf } from '../schema/normalize'
import type { Column, Schema, Table } from '../schema/schema'
import { significant, type Token, tokenize } from '../sql/tokens'

/** The most values of one column. */
const limit = 12
/** A seed that rows do not start with. */
const further = 17
/** The longest text for a check of a length. */
const longestText = 1000

const isText = (type: string): boolean => /char|clob|text|name\b/i.test(type)

/**
 * Literals for a column that may satisfy its checks: the literals in the checks, the numbers just above and below, texts
 * of these lengths, and, if columns are compared with each other, another sample value. The database decides which of
 * them it accepts.
 *
 * @example
 * candidatesOf(sqlite, schema, table, column, ['"age" > 17']) // ['17', '18', '16']
 */
export function candidatesOf(
  dialect: Dialect,
  schema: Schema,
  table: Table,
  column: Column,
  checks: readonly string[],
): readonly string[] {
  const texts: string[] = []
  const numbers: number[] = []
  const others: string[] = []
  for (const expression of checks) {
    const read = columnsIn(expression, scopeOf(table))
    if (!read.includes(column.name)) continue
    if (read.length > 1) others.push(dialect.shadow.sampleValue(column, schema, further)?.sql ?? 'NULL')
    const tokens = tokenize(expression)
    const places = significant(tokens).flatMap((index) => tokens[index] ?? [])
    places.forEach((token, index) => {
      if (token.kind === 'number') numbers.push(numberOf(token.text) * (isMinus(places[index - 1]) ? -1 : 1))
      if (token.kind !== 'string') return
      const text = token.text.replace(/^[^']*'|'$/g, '').replaceAll("''", "'")
      if (text.trim() !== '' && Number.isFinite(Number(text))) numbers.push(Number(text))
      texts.push(text)
    })
  }
  const near = numbers.flatMap((number) => [number, number + 1, number - 1])
  // `{"a"}` is an array literal of PostgreSQL, the only database with arrays.
  const literal = (text: string): string =>
    dialect.sql.literal(column.type.endsWith('[]') ? `{${JSON.stringify(text)}}` : text)
  const values = isText(column.type)
    ? [
        ...texts,
        ...near.flatMap((length) => (length >= 0 && length <= longestText ? ['x'.repeat(Math.trunc(length))] : [])),
      ].map(literal)
    : [...near.map(String), ...texts.map(literal)]
  return [...new Set([...values, ...others])].slice(0, limit)
}

function numberOf(text: string): number {
  return Number(text.replaceAll('_', ''))
}

function isMinus(token: Token | undefined): boolean {
  return token?.kind === 'symbol' && token.text.endsWith('-')
}
