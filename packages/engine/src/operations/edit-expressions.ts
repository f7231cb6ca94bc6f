import type { Index, Policy, Table } from '../schema/schema'

/** The table with every expression in it rewritten: checks, exclusions, generated columns, indexes, policies. Not defaults. */
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
    ...(table.policies === undefined ? {} : { policies: table.policies.map((policy) => editPolicy(policy, edit)) }),
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

function editPolicy(policy: Policy, edit: (sql: string) => string): Policy {
  return {
    ...policy,
    ...(policy.using === undefined ? {} : { using: edit(policy.using) }),
    ...(policy.check === undefined ? {} : { check: edit(policy.check) }),
  }
}

function editIndex(index: Index, edit: (sql: string) => string): Index {
  return {
    ...index,
    keys: index.keys.map((key) => (key.expression === undefined ? key : { ...key, expression: edit(key.expression) })),
    ...(index.where === undefined ? {} : { where: edit(index.where) }),
  }
}
