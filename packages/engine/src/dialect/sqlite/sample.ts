import { columnsIn } from '../../schema/expressions'
import { scopeOf } from '../../schema/normalize'
import type { Column, Schema, Table } from '../../schema/schema'
import { defaultSql } from './table-sql'
import { quoteText } from './quote'
import { boundsOf, type Bounds } from './sample-bounds'

/**
 * A value for one column of a sample row. Different seeds give different values if the column allows enough of them; the
 * value satisfies checks of the usual kinds (a list of values, a range, a length).
 *
 * @param column of a table of `schema`, which has its checks
 * @returns null for a generated column, and for one with a check that is not understood, without a default and not nullable
 */
export function sampleValue(column: Column, schema: Schema, seed: number): { readonly sql: string } | null {
  if (column.generated !== undefined) return null
  const table = schema.tables.find((item) => item.columns.includes(column))
  const bounds = table === undefined ? boundsOf(column.name, []) : boundsOf(column.name, checksOn(table, column))
  if (bounds.values.length > 0) return { sql: bounds.values[Math.abs(seed) % bounds.values.length] ?? 'NULL' }
  if (!bounds.understood) return fallback(column)
  return { sql: valueOf(column.type, bounds, Math.abs(Math.trunc(seed))) }
}

/** Checks that read only this column. */
function checksOn(table: Table, column: Column): string[] {
  return table.checks.flatMap(({ expression }) => {
    const [only, ...others] = columnsIn(expression, scopeOf(table))
    return only === column.name && others.length === 0 ? [expression] : []
  })
}

function fallback(column: Column): { readonly sql: string } | null {
  if (column.default !== undefined) return { sql: defaultSql(column.default) }
  return column.nullable ? { sql: 'NULL' } : null
}

const dayMs = 86_400_000
const start = Date.UTC(2024, 0, 1, 3, 4, 5)

function valueOf(type: string, bounds: Bounds, seed: number): string {
  const moment = new Date(start + seed * dayMs).toISOString()
  if (/^datetime|^timestamp/.test(type)) return quoteText(moment.slice(0, 19).replace('T', ' ') + '.000')
  if (type.startsWith('date')) return quoteText(moment.slice(0, 10))
  if (type.startsWith('time')) return quoteText(new Date(start + seed * 1000).toISOString().slice(11, 19))
  if (type.startsWith('bool')) return String(seed % 2)
  if (type.includes('json')) return quoteText(JSON.stringify({ sample: seed }))
  if (type.includes('blob')) return `X'${seed.toString(16).padStart(8, '0')}'`
  // SQLite's own rules, in its order: https://sqlite.org/datatype3.html#determination_of_column_affinity
  if (type.includes('int')) return String(integerWithin(seed, bounds))
  if (/char|clob|text|uuid|^any$|^$/.test(type)) return quoteText(textOf(type, bounds, seed))
  return String(realWithin(seed, bounds, 10 ** integerDigits(type)))
}

/** As many different integers as the bounds allow, then the same again. */
function integerWithin(seed: number, bounds: Bounds): number {
  const [min, max] = [Math.ceil(bounds.min), Math.floor(bounds.max)]
  const first = Math.max(min, Math.min(1, max))
  if (first + seed <= max) return first + seed
  return min === -Infinity ? max - seed : min + (seed % (max - min + 1))
}

/** Between 0 and 1 without bounds, which satisfies most checks. */
function realWithin(seed: number, { min, max }: Bounds, limit: number): number {
  const [low, high] = [min === -Infinity ? Math.min(0, max - 1) : min, max === Infinity ? Math.max(1, min + 1) : max]
  return low + (Math.min(high, limit) - low) / (seed + 2)
}

/** `decimal(5,2)` holds three digits before the point. */
function integerDigits(type: string): number {
  const [, precision, scale = '0'] = /\((\d+)(?:,(\d+))?\)/.exec(type) ?? []
  return precision === undefined ? 15 : Math.max(Number(precision) - Number(scale), 0)
}

function textOf(type: string, { minLength, maxLength }: Bounds, seed: number): string {
  const [, declared = '255'] = /\((\d+)\)/.exec(type) ?? []
  const longest = Math.min(Number(declared), maxLength)
  if (longest === 36 || type.includes('uuid')) return `00000000-0000-4000-8000-${seed.toString(16).padStart(12, '0')}`
  const counted = seed.toString(36)
  const text = longest < 8 + counted.length ? counted.padStart(longest, 'a') : `sample-${counted}`
  return text.padEnd(minLength, 'x').slice(-longest)
}
