import type { AlterEnum, Operation } from '../../../operations/operation'
import { type Column, type EnumType, sameName } from '../../../schema/schema'
import { mentionsType, namesAny, textsOf } from './enum'
import { stringsIn } from '../expression'

/**
 * The operations with every change of an enum before the first one that needs a value it brings: a default, a check or a
 * view that names it. Backwards, what is made with such a value comes before the enum has it again. And behind the last one
 * that gets rid of a value that goes: the rows of a table that goes too may have it.
 *
 * Where both cannot be, the enum has both for as long.
 */
export function enumsInTime(operations: readonly Operation[]): readonly Operation[] {
  return operations.reduce<readonly Operation[]>(
    (ordered, operation) =>
      operation.op === 'alterEnum' ? inTime(operation, behindDrops(operation, ordered)) : ordered,
    operations,
  )
}

/** What needs a new value meanwhile is seen to by `inTime`. */
function behindDrops(operation: AlterEnum, operations: readonly Operation[]): readonly Operation[] {
  const { from, to } = operation
  if (from.values.every((value) => to.values.includes(value))) return operations
  const at = operations.indexOf(operation)
  const last = operations.findLastIndex((other, place) => place > at && isRidOf(other, from))
  if (last < 0) return operations
  return [...operations.slice(0, at), ...operations.slice(at + 1, last + 1), operation, ...operations.slice(last + 1)]
}

function inTime(operation: AlterEnum, operations: readonly Operation[]): readonly Operation[] {
  const { from, to } = operation
  const added = new Set(to.values.filter((value) => !from.values.includes(value)))
  const at = operations.indexOf(operation)
  const first = operations.findIndex((other, place) => place < at && needsValue(other, from, added))
  if (first < 0) return operations
  const between = operations.slice(first, at)
  const rest = operations.slice(at + 1)
  const goes = from.values.some((value) => !to.values.includes(value))
  if (!goes || !between.some((other) => isRidOf(other, from)))
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

/** True when the operation makes something that names one of the values. */
function needsValue(operation: Operation, type: EnumType, values: ReadonlySet<string>): boolean {
  return textsOf(madeBy(operation)).some(
    (sql) => mentionsType(sql, type) && stringsIn(sql).some((string) => namesAny(string, values)),
  )
}

function madeBy(operation: Operation): unknown {
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

/** True when values of the type go with what the operation drops or makes another. */
function isRidOf(operation: Operation, type: EnumType): boolean {
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
