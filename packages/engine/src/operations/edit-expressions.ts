import type { Index, Policy, Table } from '../schema/schema'

/** The table with every expression edited: checks, exclusions, generated columns, indexes, policies; not defaults. */
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
    policies: table.policies?.map((policy) => editPolicy(policy, edit)),
  }
}

/** The table with every default edited. */
export function editDefaults(table: Table, edit: (sql: string) => string): Table {
  return {
    ...table,
    columns: table.columns.map((column) =>
      column.default === undefined ? column : { ...column, default: edit(column.default) },
    ),
  }
}

function editPolicy(policy: Policy, edit: (sql: string) => string): Policy {
  return {
    ...policy,
    using: policy.using && edit(policy.using),
    check: policy.check && edit(policy.check),
  }
}

function editIndex(index: Index, edit: (sql: string) => string): Index {
  return {
    ...index,
    keys: index.keys.map((key) => (key.expression === undefined ? key : { ...key, expression: edit(key.expression) })),
    where: index.where && edit(index.where),
  }
}
