import { applyOperation } from '../../operations'
import type { Operation } from '../../operations/operation'
import { applyRenames, type RenameAnswer } from '../../difference/renames/apply'
import { keyOf, nameOf, type ObjectName, sameName, type Schema } from '../../schema/schema'
import { changedValues, type EnumValues } from './enum-values'
import type { SharedColumn } from './shared-columns'

/** An enum type of the database that becomes one of the revisions, with all its columns and without reading a row. */
interface TypeRename {
  readonly from: ObjectName
  readonly to: ObjectName
}

/** Renames of types and of their values, and the schema after them. */
export interface EnumRenames {
  readonly operations: readonly Operation[]
  readonly schema: Schema
  /** The columns whose values these operations change. */
  readonly columns: ReadonlySet<SharedColumn>
}

/**
 * Renames enum types and their values, where all columns of a type get the same other type: rows refer to a value by its id, so no
 * row is touched. Where two values become one, the rows with the second get the first.
 */
export function renameEnumTypes(
  live: Schema,
  columns: readonly SharedColumn[],
  values: readonly EnumValues[],
): EnumRenames {
  const types = renamedTypes(live, columns)
  const answers: RenameAnswer[] = []
  const done = new Set<SharedColumn>()
  for (const { from } of types) {
    const labels = live.enums.find((type) => sameName(type, from))?.values ?? []
    const own = values.filter(({ column }) => column.from.enum !== undefined && sameName(column.from.enum, from))
    const taken = new Set(labels.filter((label) => !own.some((one) => changedValues(one).has(label))))
    const becomes = new Map(own.flatMap((one) => [...changedValues(one)]))
    for (const one of own) done.add(one.column)
    for (const [old, value] of becomes) {
      if (taken.has(value)) {
        for (const { column } of own)
          answers.push({ kind: 'map', table: nameOf(column.table), column: column.from.name, from: old, to: value })
        continue
      }
      taken.add(value)
      const [first] = own
      if (first === undefined) continue
      const { table, from: column } = first.column
      answers.push({ kind: 'value', table: nameOf(table), column: column.name, from: old, to: value })
    }
  }
  const renamed = applyRenames(live, answers)
  const operations = [...renamed.operations]
  let { schema } = renamed
  for (const { from, to } of types) {
    if (sameName(from, to)) continue
    const operation: Operation = { op: 'renameEnum', from, to }
    operations.push(operation)
    schema = applyOperation(operation, schema)
  }
  return { operations, schema, columns: done }
}

function renamedTypes(live: Schema, columns: readonly SharedColumn[]): readonly TypeRename[] {
  const taken = new Set<string>()
  return live.enums.flatMap((type): TypeRename[] => {
    const users = live.tables.flatMap((table) =>
      table.columns
        .filter((column) => column.enum !== undefined && sameName(column.enum, type))
        .map((column) => columns.find((one) => sameName(one.table, table) && one.from.name === column.name)),
    )
    const targets = users.map((user) =>
      user?.to.enum !== undefined && isArray(user.from.type) === isArray(user.to.type) ? user.to.enum : undefined,
    )
    const [to] = targets
    if (to === undefined || !targets.every((target) => target !== undefined && sameName(target, to))) return []
    const isFree = sameName(type, to) || !live.enums.some((other) => sameName(other, to))
    if (!isFree || taken.has(keyOf(to))) return []
    taken.add(keyOf(to))
    return [{ from: nameOf(type), to: nameOf(to) }]
  })
}

function isArray(type: string): boolean {
  return type.endsWith('[]')
}
