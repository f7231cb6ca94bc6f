import { type Column, findTable, type Index, type Schema, type Table } from '../schema/schema'

/**
 * `to`, which was made from entities, with what no entity can say about a thing as it is in `from`: how a table is
 * partitioned, its row-level security, SQLite's STRICT, the options of a column's own sequence, storage parameters and
 * comments of indexes. They are properties of what the entities describe, and not in their words to change.
 */
export function keepUnmanagedProperties(from: Schema, to: Schema): Schema {
  return {
    ...to,
    tables: to.tables.map((table) => {
      const old = findTable(from, table)
      return old === undefined ? table : keepInTable(old, table)
    }),
  }
}

function keepInTable(from: Table, to: Table): Table {
  const { partitionBy, rowSecurity, forceRowSecurity, strict } = from
  return {
    ...to,
    ...(partitionBy === undefined ? {} : { partitionBy }),
    ...(rowSecurity === undefined ? {} : { rowSecurity }),
    ...(forceRowSecurity === undefined ? {} : { forceRowSecurity }),
    ...(strict === undefined ? {} : { strict }),
    columns: to.columns.map((column) => {
      const old = from.columns.find(({ name }) => name === column.name)
      return old === undefined ? column : keepInColumn(old, column)
    }),
    indexes: to.indexes.map((index) => {
      const old = from.indexes.find(({ name }) => name === index.name)
      return old === undefined ? index : keepInIndex(old, index)
    }),
  }
}

function keepInColumn(from: Column, to: Column): Column {
  const counts = (column: Column): boolean => column.serial !== undefined || column.identity !== undefined
  return from.sequence === undefined || !counts(from) || !counts(to) ? to : { ...to, sequence: from.sequence }
}

function keepInIndex({ storage, comment }: Index, to: Index): Index {
  return {
    ...to,
    ...(storage === undefined ? {} : { storage }),
    ...(comment === undefined || to.comment !== undefined ? {} : { comment }),
  }
}
