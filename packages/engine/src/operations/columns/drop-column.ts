import { readsColumn } from '../../schema/expressions'
import { scopeOf } from '../../schema/normalize'
import { type Column, displayName, type ObjectName, sameName, type Schema, type Table } from '../../schema/schema'
import { editTable, cannotApply, requireColumn, requireTable } from '../edit-schema'
import type { OperationKind } from '../operation'
import { columnName } from '../wording'
import type { ColumnValues } from './column-values'

export interface DropColumn {
  readonly op: 'dropColumn'
  readonly table: ObjectName
  readonly column: Column
  readonly values?: ColumnValues
  /** The `values` of the reverse operation, which adds the column again. */
  readonly undo?: ColumnValues
}

/** Drops the column alone: `apply` throws if a constraint or an index uses it. */
export const dropColumn: OperationKind<DropColumn> = {
  apply({ table, column: { name } }, schema) {
    const current = requireTable(schema, table)
    const column = requireColumn(current, name)
    const user = userOf(schema, current, name)
    if (user !== undefined) throw cannotApply(`${user} uses ${displayName(table)}.${name}`)
    const { serial } = column
    return {
      ...editTable(schema, table, () => ({
        ...current,
        columns: current.columns.filter((other) => other !== column),
      })),
      sequences: schema.sequences.filter((sequence) => serial === undefined || !sameName(sequence, serial)),
    }
  },
  reverse: ({ table, column, values, undo }) => ({ op: 'addColumn', table, column, values: undo, undo: values }),
  destroys: ({ table, column }) =>
    column.generated === undefined ? [`values of ${columnName(table, column.name)}`] : [],
  phase: ({ column }) => (column.generated === undefined ? 'dropColumn' : 'dropGeneratedColumn'),
  describe: ({ table, column }) => `drop column ${displayName(table)}.${column.name}`,
  phrase: ({ column }) => `drop column ${column.name}`,
  subject: ({ table, column }) => ({ table: displayName(table), name: column.name }),
}

/** The first object that uses the column, in words. */
function userOf(schema: Schema, table: Table, column: string): string | undefined {
  const scope = scopeOf(table)
  const reads = (sql: string | undefined): boolean => sql !== undefined && readsColumn(sql, column, scope)
  if (table.primaryKey?.columns.includes(column) === true) return 'the primary key'
  const unique = table.uniques.find((item) => item.columns.includes(column))
  if (unique !== undefined) return `unique constraint ${unique.name ?? ''}`.trimEnd()
  const foreignKey = table.foreignKeys.find((item) => item.columns.includes(column))
  if (foreignKey !== undefined) return `foreign key ${foreignKey.name ?? ''}`.trimEnd()
  const referencing = schema.tables.find((other) =>
    other.foreignKeys.some((key) => sameName(key.references, table) && key.references.columns.includes(column)),
  )
  if (referencing !== undefined) return `a foreign key of ${displayName(referencing)}`
  const check = table.checks.find((item) => reads(item.expression))
  if (check !== undefined) return `check ${check.name ?? check.expression}`
  const exclusion = table.exclusions.find((item) => reads(item.definition))
  if (exclusion !== undefined) return `exclusion constraint ${exclusion.name}`
  const index = table.indexes.find(
    (item) =>
      item.keys.some((key) => key.column === column || reads(key.expression)) ||
      item.include?.includes(column) === true ||
      reads(item.where),
  )
  if (index !== undefined) return `index ${index.name}`
  const generated = table.columns.find((item) => item.name !== column && reads(item.generated?.expression))
  if (generated !== undefined) return `generated column ${generated.name}`
  const sequence = schema.sequences.find(
    ({ ownedBy, ...name }) =>
      ownedBy?.column === column &&
      sameName(ownedBy, table) &&
      !table.columns.some((item) => item.serial !== undefined && sameName(item.serial, name)),
  )
  return sequence === undefined ? undefined : `sequence ${displayName(sequence)}`
}
