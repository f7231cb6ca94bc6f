import type { Index, Table } from '../schema/schema'

/** The table with every expression in it rewritten: checks, exclusions, generated columns, parts of indexes. Not defaults. */
export function editExpressions(table: Table, edit: (sql: string) => string): Table {
  return {
    ...table,
    columns: table.columns.map((column) =>
      column.generated === undefined
        ? column
        : { ...column, generated: { ...column.generated, expression: edit(column.generated.expression) } },
    ),
    checks: table.checks.map((check) => ({ ...check, expression: edit(check.expression) })),
    exclusions: table.exclusions.map((exclusion) => ({ ...exclusion, definition: edit(exclusion.definition) })),
    indexes: table.indexes.map((index) => editIndex(index, edit)),
  }
}

/** The table with every default rewritten. */
export function editDefaults(table: Table, edit: (sql: string) => string): Table {
  return {
    ...table,
    columns: table.columns.map((column) =>
      column.default === undefined ? column : { ...column, default: edit(column.default) },
    ),
  }
}

function editIndex(index: Index, edit: (sql: string) => string): Index {
  return {
    ...index,
    keys: index.keys.map((key) => (key.expression === undefined ? key : { ...key, expression: edit(key.expression) })),
    ...(index.where === undefined ? {} : { where: edit(index.where) }),
  }
}
