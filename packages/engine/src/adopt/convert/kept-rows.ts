import type { Dialect } from '../../dialect/dialect'
import type { Queryable } from '../../dialect/queryable'
import type { Witness } from '../../dialect/roles/conversion'
import { AludelError } from '../../errors'
import { displayName, keyOf, type ObjectName } from '../../schema/schema'
import { plural } from '../../text'
import type { ColumnChange, TableChange } from './column-changes'
import { changedValues, type EnumValues } from './enum-values'

/** The rows of the tables of a conversion before it, for a comparison with what they are after it. */
export interface KeptRows {
  /** @throws AludelError `ALUDEL_PROOF` if a row is missing, or a value is not what it was or should be now */
  compare(): Promise<void>
}

/** What is compared of a column: expressions with the same text before and after, or the number of values; undefined: nothing. */
type Compared =
  | { readonly kind: 'exact'; readonly before: string; readonly after: string }
  | { readonly kind: 'counted'; readonly added: number }
  | undefined

/** Reads all rows of the tables in the open transaction. */
export async function watchRows(
  dialect: Dialect,
  database: Queryable,
  changes: readonly TableChange[],
  enums: readonly EnumValues[],
): Promise<KeptRows> {
  await dialect.conversion.hold(
    database,
    changes.map(({ table }) => table),
  )
  const before = new Map<string, Witness>()
  for (const change of changes)
    before.set(keyOf(change.table), await witnessOf(dialect, database, change, enums, 'before'))
  return {
    async compare() {
      for (const change of changes) {
        const { table } = change
        const was = before.get(keyOf(table))
        const is = await witnessOf(dialect, database, change, enums, 'after')
        const lost = was === undefined ? undefined : difference(dialect, change, enums, was, is)
        if (lost !== undefined) throw rowsDiffer(table, lost)
      }
    },
  }
}

async function witnessOf(
  dialect: Dialect,
  database: Queryable,
  { table, columns }: TableChange,
  enums: readonly EnumValues[],
  when: 'before' | 'after',
): Promise<Witness> {
  const exact: string[] = []
  const counted: string[] = []
  for (const change of columns) {
    const compared = comparedOf(dialect, change, enums)
    if (compared?.kind === 'exact') exact.push(compared[when])
    if (compared?.kind === 'counted') counted.push(change.column.from.name)
  }
  return dialect.conversion.witness(database, table, { exact, counted })
}

function comparedOf(dialect: Dialect, change: ColumnChange, enums: readonly EnumValues[]): Compared {
  const { column, using, why, fill, nulls } = change
  const { from, to } = column
  const name = dialect.sql.quote(from.name)
  if (why === 'answer') return undefined
  if (fill !== undefined) return { kind: 'counted', added: nulls }
  const values = enums.find((one) => one.column === column)
  const changed = values === undefined ? undefined : changedValues(values)
  if (changed !== undefined && changed.size > 0) {
    if (from.type.endsWith('[]')) return { kind: 'counted', added: 0 }
    const { enum: _, ...asText } = to
    return { kind: 'exact', before: dialect.conversion.replaced(from, asText, changed), after: name }
  }
  if (using !== undefined) return { kind: 'exact', before: using, after: name }
  if (values === undefined && !dialect.conversion.printsTheSame(from, to)) return { kind: 'counted', added: 0 }
  return { kind: 'exact', before: name, after: name }
}

/** What is not as it should be, in words; undefined if nothing is. */
function difference(
  dialect: Dialect,
  { columns }: TableChange,
  enums: readonly EnumValues[],
  was: Witness,
  is: Witness,
): string | undefined {
  if (was.rows !== is.rows) return `had ${plural(was.rows, 'row')} and would have ${String(is.rows)}`
  if (was.digest !== is.digest) return 'would have other values'
  for (const change of columns) {
    const compared = comparedOf(dialect, change, enums)
    if (compared?.kind !== 'counted') continue
    const { name } = change.column.from
    const [old = 0, now = 0] = [was.values[name], is.values[name]]
    // A filled column has a value in every row.
    const wanted = compared.added > 0 ? is.rows : old
    if (now !== wanted)
      return `had ${plural(old, 'value')} of ${name} and would have ${String(now)} instead of ${String(wanted)}`
  }
  return undefined
}

function rowsDiffer(table: ObjectName, what: string): AludelError {
  return new AludelError('ALUDEL_PROOF', `after the conversion, ${displayName(table)} ${what}`, {
    help: 'Nothing was changed. If no trigger changes rows, this is a defect of Aludel: please report it, with the schema of the table.',
  })
}
