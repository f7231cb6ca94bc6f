import type { Operation } from '../operations/operation'
import { withListed } from '../schema/enum-values'
import { LineageOfNames } from '../schema/lineage-of-names'
import { needsOf } from '../schema/needs'
import { type Column, keyOf, type ObjectName, sameName, type Schema, type Table } from '../schema/schema'

/** What sample rows are like, so that the operations take them, and what they change about rows is seen. */
export interface SampleShape {
  /**
   * The schema that values are made for: columns that get a narrower type have that one already, and enums only the
   * values that stay or get another name. The database still has the old one, and takes such values too, or is given
   * others.
   */
  readonly fitting: Schema
  /** True for columns in which one row has NULL, because the operations fill it. */
  hasNull(table: ObjectName, column: string): boolean
}

/** The plain shape: values for the schema as it is, NULL nowhere. */
export function plainShape(schema: Schema): SampleShape {
  return { fitting: schema, hasNull: () => false }
}

/**
 * @param operations that the rows shall go through
 * @param from the schema before them
 * @param to the schema after them
 */
export function sampleShape(operations: readonly Operation[], from: Schema, to: Schema): SampleShape {
  const names = new LineageOfNames(from)
  const narrowed = new Map<string, Column>()
  const filled = new Set<string>()
  for (const operation of operations) {
    if (operation.op === 'alterColumn') {
      const original = names.originalColumn(operation.table, operation.from.name)
      const { from: old, to: wanted, values } = operation
      if (original !== undefined) {
        const key = columnKey(original.table, original.column)
        if (old.type !== wanted.type && wanted.generated === undefined) narrowed.set(key, wanted)
        const isFilled = values?.backfill !== undefined || wanted.default !== undefined
        if (old.nullable && !wanted.nullable && isFilled) filled.add(key)
      }
    }
    names.follow(operation)
  }
  const needs = needsOf(operations, from)
  const isNarrowed = (table: ObjectName, column: string): boolean =>
    needs.some((need) => need.kind === 'fits' && sameName(need.table, table) && need.column === column) ||
    needs.some(
      (need) =>
        need.kind === 'values' && need.gone === undefined && sameName(need.table, table) && need.column === column,
    )
  const listed = needs.filter((need) => need.kind === 'values')
  const using = operations.some((operation) => operation.op === 'alterColumn' && operation.values?.using !== undefined)
  const tables = from.tables.map((table): Table => {
    const columns = table.columns.map((column): Column => {
      const wanted = narrowed.get(columnKey(table, column.name))
      if (wanted === undefined || !(using || isNarrowed(table, column.name))) return column
      const { enum: _enum, ...rest } = column
      return {
        ...rest,
        type: withArrayOf(column.type, wanted.type),
        ...(wanted.enum === undefined ? {} : { enum: wanted.enum }),
      }
    })
    return listed
      .filter((need) => sameName(need.table, table))
      .reduce<Table>((current, need) => withListed(current, need.column, need.kept ?? []), { ...table, columns })
  })
  const enums = [
    ...from.enums.map((type) => {
      const using = listed.filter((need) => need.from?.enum !== undefined && sameName(need.from.enum, type))
      const gone = new Set(using.flatMap((need) => need.gone ?? []))
      return { ...type, values: type.values.filter((value) => !gone.has(value)) }
    }),
    ...to.enums.filter((type) => !from.enums.some((other) => sameName(other, type))),
  ]
  return {
    fitting: { ...from, tables, enums },
    hasNull: (table, column) => filled.has(columnKey(table, column)),
  }
}

/** The wanted element in as many brackets as the column has now. */
function withArrayOf(from: string, wanted: string): string {
  const [brackets] = /(?:\[\])*$/.exec(from) ?? ['']
  return `${wanted.replace(/(?:\[\])+$/, '')}${brackets}`
}

function columnKey(table: ObjectName, column: string): string {
  return `${keyOf(table)} ${column}`
}
