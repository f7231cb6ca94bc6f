import type { AlterEnum, Operation } from '../../../operations/operation'
import { type Column, type EnumType, sameName } from '../../../schema/schema'
import { mentionsType, namesAny, textsOf } from './enum'
import { stringsIn } from '../expression'

/**
 * The operations with every change of an enum moved before the first operation that needs an added value (a default, a
 * check or a view that names it), and after the last one that drops columns of the type: rows of a dropped table may still
 * have a removed value.
 *
 * Where both are impossible together, the enum is changed twice, and has the added and the removed values in between.
 */
export function orderEnums(operations: readonly Operation[]): readonly Operation[] {
  return operations.reduce<readonly Operation[]>(
    (ordered, operation) =>
      operation.op === 'alterEnum' ? beforeUses(operation, afterDrops(operation, ordered)) : ordered,
    operations,
  )
}

/** Moves the change after the last operation that drops columns of the type. */
function afterDrops(operation: AlterEnum, operations: readonly Operation[]): readonly Operation[] {
  const { from, to } = operation
  if (from.values.every((value) => to.values.includes(value))) return operations
  const at = operations.indexOf(operation)
  const last = operations.findLastIndex((other, place) => place > at && dropsColumnsOf(other, from))
  if (last < 0) return operations
  return [...operations.slice(0, at), ...operations.slice(at + 1, last + 1), operation, ...operations.slice(last + 1)]
}

/** Moves the change before the first operation that needs an added value. */
function beforeUses(operation: AlterEnum, operations: readonly Operation[]): readonly Operation[] {
  const { from, to } = operation
  const added = new Set(to.values.filter((value) => !from.values.includes(value)))
  const at = operations.indexOf(operation)
  const first = operations.findIndex((other, place) => place < at && needsValue(other, from, added))
  if (first < 0) return operations
  const between = operations.slice(first, at)
  const rest = operations.slice(at + 1)
  const removes = from.values.some((value) => !to.values.includes(value))
  if (!removes || !between.some((other) => dropsColumnsOf(other, from)))
    return [...operations.slice(0, first), operation, ...between, ...rest]
  const both: EnumType = { ...to, values: [...to.values, ...from.values.filter((value) => !to.values.includes(value))] }
  return [
    ...operations.slice(0, first),
    { op: 'alterEnum', from, to: both },
    ...between,
    { op: 'alterEnum', from: both, to },
    ...rest,
  ]
}

/** True when the operation creates an object that names one of the values. */
function needsValue(operation: Operation, type: EnumType, values: ReadonlySet<string>): boolean {
  return textsOf(createdBy(operation)).some(
    (sql) => mentionsType(sql, type) && stringsIn(sql).some((string) => namesAny(string, values)),
  )
}

function createdBy(operation: Operation): unknown {
  switch (operation.op) {
    case 'createTable':
    case 'createView':
      return operation.definition
    case 'addColumn':
      return [operation.column, operation.values]
    case 'alterColumn':
      return [operation.to, operation.values]
    case 'addCheck':
      return operation.check
    case 'addExclusion':
      return operation.exclusion
    case 'createIndex':
      return operation.index
    case 'createPolicy':
      return operation.policy
    default:
      return undefined
  }
}

/** True when the operation drops columns of the type, or gives one another type. */
function dropsColumnsOf(operation: Operation, type: EnumType): boolean {
  const isOfType = (column: Column): boolean => column.enum !== undefined && sameName(column.enum, type)
  switch (operation.op) {
    case 'dropTable':
      return operation.definition.columns.some(isOfType)
    case 'dropColumn':
      return isOfType(operation.column)
    case 'alterColumn':
      return isOfType(operation.from) && !isOfType(operation.to)
    default:
      return false
  }
}
