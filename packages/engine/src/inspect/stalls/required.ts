import { findTable, type ForeignKey, keyOf, type Schema, type Table } from '../../schema/schema'

/**
 * A schema with the constraints that its tables get from the steps of a plan: rows of a scale model must meet them, as those of the live
 * database do, or else the steps fail.
 *
 * @param from before the steps
 * @param to after them
 */
export function withRequired(from: Schema, to: Schema): Schema {
  return { ...from, tables: from.tables.map((table) => tableWith(from, table, findTable(to, table))) }
}

function tableWith(schema: Schema, table: Table, later: Table | undefined): Table {
  if (later === undefined) return table
  const has = (one: Table, columns: readonly string[]): boolean =>
    columns.length > 0 && columns.every((name) => one.columns.some((column) => column.name === name))
  const isPossible = ({ columns, references }: ForeignKey): boolean => {
    const parent = findTable(schema, references)
    return has(table, columns) && parent !== undefined && has(parent, references.columns)
  }
  const isNew = ({ columns, references }: ForeignKey): boolean =>
    !table.foreignKeys.some(
      (one) => keyOf(one.references) === keyOf(references) && one.columns.join('\n') === columns.join('\n'),
    )
  const primaryKey =
    table.primaryKey ??
    (later.primaryKey !== undefined && has(table, later.primaryKey.columns) ? later.primaryKey : undefined)
  const indexes = later.indexes.filter(
    ({ unique, keys }) => unique && keys.every(({ column }) => column !== undefined && has(table, [column])),
  )
  return {
    ...table,
    ...(primaryKey !== undefined && { primaryKey }),
    foreignKeys: [...table.foreignKeys, ...later.foreignKeys.filter((key) => isPossible(key) && isNew(key))],
    uniques: [...table.uniques, ...later.uniques.filter(({ columns }) => has(table, columns))],
    indexes: [...table.indexes, ...indexes],
  }
}
