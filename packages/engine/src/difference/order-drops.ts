import type { Operation, OperationOf } from '../operations/operation'
import { beside, keyOf, type ObjectName, type Table } from '../schema/schema'

/** The keys of dropped tables whose name, or the name of an index or key of theirs, something else takes. */
export function tablesToDropEarly(operations: readonly Operation[]): ReadonlySet<string> {
  const taken = new Set(operations.flatMap(namesTaken))
  return new Set(
    operations.flatMap((operation) => {
      const isDrop = operation.op === 'dropTable' || operation.op === 'dropIndex'
      return isDrop && namesFreed(operation).some((name) => taken.has(name)) ? [keyOf(operation.table)] : []
    }),
  )
}

function namesTaken(operation: Operation): string[] {
  switch (operation.op) {
    case 'createTable':
      return [keyOf(operation.table), ...keyNames(operation.definition)]
    case 'createView':
    case 'createSequence':
      return [keyOf(operation.definition)]
    case 'createPartition':
      return [keyOf(operation.partition)]
    case 'renameIndex':
    case 'renameConstraint':
      return [keyBeside(operation.table, operation.to)]
    case 'createIndex':
      return [keyBeside(operation.table, operation.index.name)]
    case 'addPrimaryKey':
      return named(operation.table, operation.primaryKey.name)
    case 'addUnique':
      return named(operation.table, operation.unique.name)
    case 'addExclusion':
      return named(operation.table, operation.exclusion.name)
    default:
      return []
  }
}

function namesFreed(operation: OperationOf<'dropTable' | 'dropIndex'>): string[] {
  if (operation.op === 'dropIndex') return [keyBeside(operation.table, operation.index.name)]
  return [keyOf(operation.table), ...keyNames(operation.definition)]
}

/** The names of constraints with an index, which share their namespace with tables. */
function keyNames(table: Table): string[] {
  return [table.primaryKey, ...table.uniques, ...table.exclusions].flatMap((key) => named(table, key?.name))
}

function named(table: ObjectName, name: string | undefined): string[] {
  return name === undefined ? [] : [keyBeside(table, name)]
}

function keyBeside(table: ObjectName, name: string): string {
  return keyOf(beside(table, name))
}
