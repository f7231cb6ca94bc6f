import { sameData } from '../schema/json'
import { type Column, findTable, type Index, sameName, type Schema, type Table, type View } from '../schema/schema'

/**
 * `to`, which was created from entities, with the properties of `from` that entities cannot declare: partitioning,
 * row-level security and STRICT of tables, options of columns' sequences, storage parameters and comments of indexes, options of views.
 */
export function keepUnmanagedProperties(from: Schema, to: Schema): Schema {
  return {
    ...to,
    tables: to.tables.map((table) => {
      const old = findTable(from, table)
      return old === undefined ? table : keepInTable(old, table)
    }),
    views: to.views.map((view) => {
      const old = from.views.find((other) => sameName(other, view))
      return old === undefined ? view : keepInView(old, view)
    }),
  }
}

function keepInTable(from: Table, to: Table): Table {
  if (sameData(from, to)) return to
  const { partitionBy, rowSecurity, forceRowSecurity, strict } = from
  return {
    ...to,
    partitionBy: partitionBy ?? to.partitionBy,
    rowSecurity: rowSecurity ?? to.rowSecurity,
    forceRowSecurity: forceRowSecurity ?? to.forceRowSecurity,
    strict: strict ?? to.strict,
    columns: to.columns.map((column) => {
      const old = from.columns.find(({ name }) => name === column.name)
      return old === undefined ? column : keepInColumn(old, column)
    }),
    indexes: keepInIndexes(from.indexes, to.indexes),
  }
}

function keepInView(from: View, to: View): View {
  return {
    ...to,
    ...(from.options === undefined ? {} : { options: from.options }),
    indexes: keepInIndexes(from.indexes, to.indexes),
  }
}

function keepInIndexes(from: readonly Index[], to: readonly Index[]): readonly Index[] {
  return to.map((index) => {
    const old = from.find(({ name }) => name === index.name)
    return old === undefined ? index : keepInIndex(old, index)
  })
}

function keepInColumn(from: Column, to: Column): Column {
  const counts = (column: Column): boolean => column.serial !== undefined || column.identity !== undefined
  return from.sequence === undefined || !counts(from) || !counts(to) ? to : { ...to, sequence: from.sequence }
}

function keepInIndex({ storage, comment }: Index, to: Index): Index {
  return { ...to, storage: storage ?? to.storage, comment: to.comment ?? comment }
}
