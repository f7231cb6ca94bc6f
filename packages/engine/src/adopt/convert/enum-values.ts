import type { Dialect } from '../../dialect/dialect'
import type { Queryable } from '../../dialect/queryable'
import { AludelError } from '../../errors'
import { valuesOf } from '../../schema/enum-values'
import { sameName, type Schema } from '../../schema/schema'
import type { Answers } from './answers'
import { keysOf, mapValue } from './enum-mapping'
import type { SharedColumn } from './shared-columns'

/** The values of a column that is an enum in the revisions. */
export interface EnumValues {
  readonly column: SharedColumn
  /** Those of the revisions. */
  readonly wanted: readonly string[]
  /** By value in the database, the one that it becomes; also those that stay. */
  readonly becomes: ReadonlyMap<string, string>
  /** By value in the database, how many rows have it. */
  readonly rows: ReadonlyMap<string, number>
  readonly unknown: readonly UnknownValue[]
}

/** A value of rows that does not show which value of the enum it is. */
export interface UnknownValue {
  readonly value: string
  readonly rows: number
  /** The values of the enum that it may be; empty if it resembles none. */
  readonly candidates: readonly string[]
}

/** Different values that are read of one column: an enum has fewer. */
const mostValues = 200

/**
 * Reads the values of the columns that are enums in the revisions, and finds what each becomes.
 *
 * @param declared the enums of the entities
 * @throws AludelError `ALUDEL_USAGE` for an answer with a value that the enum does not have
 */
export async function readEnumValues(
  { conversion }: Dialect,
  database: Queryable,
  { live, wanted, columns, declared, answers }: EnumQuestion,
): Promise<readonly EnumValues[]> {
  const found: EnumValues[] = []
  for (const column of columns) {
    const values = valuesOf(wanted, column.wanted, column.to)
    if (values === undefined) continue
    const read = (await database.query(conversion.valuesIn(column.table, column.from, mostValues))) as {
      readonly value: string
      readonly n: string | number
    }[]
    const rows = new Map(read.map(({ value, n }): [string, number] => [value, Number(n)]))
    const { enum: type } = column.from
    const listed = live.enums.find((one) => type !== undefined && sameName(one, type))?.values ?? []
    const keys = keysOf(values, declared)
    const becomes = new Map<string, string>()
    const unknown: UnknownValue[] = []
    for (const value of new Set([...listed, ...rows.keys()])) {
      const given = answers.mapped(column.flag, value)
      if (given !== undefined && !values.includes(given)) throw noSuchValue(column.flag, value, given, values)
      const mapped = given === undefined ? mapValue(value, values, keys) : { to: given }
      if ('to' in mapped) becomes.set(value, mapped.to)
      else if (rows.has(value)) unknown.push({ value, rows: rows.get(value) ?? 0, candidates: mapped.candidates })
    }
    found.push({ column, wanted: values, becomes, rows, unknown })
  }
  return found
}

interface EnumQuestion {
  readonly live: Schema
  readonly wanted: Schema
  readonly columns: readonly SharedColumn[]
  readonly declared: readonly Readonly<Record<string, unknown>>[]
  readonly answers: Answers
}

/** By value in the database, the one that it becomes, of those that change; in the order of the enum, whatever rows there are. */
export function changedValues({ becomes, wanted }: EnumValues): ReadonlyMap<string, string> {
  const changed = [...becomes].filter(([from, to]) => from !== to)
  return new Map(changed.sort(([a, aTo], [b, bTo]) => wanted.indexOf(aTo) - wanted.indexOf(bTo) || (a < b ? -1 : 1)))
}

function noSuchValue(column: string, old: string, given: string, values: readonly string[]): AludelError {
  const flag = `${column}.${old}=${given}`
  return new AludelError('ALUDEL_USAGE', `--map ${flag}: ${column} cannot be ${given}`, {
    help: `Its values are ${values.join(', ')}.`,
    details: { flag },
  })
}
