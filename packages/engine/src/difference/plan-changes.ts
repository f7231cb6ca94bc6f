import type { Operation } from '../operations/operation'
import { compare, type CompareOptions } from './compare'
import { orderOperations } from './order'
import { applyRenames, type RenameAnswer } from './renames/apply'
import { LineageOfNames } from './lineage-of-names'
import { findTable, type Schema } from '../schema/schema'
import { keepUnmanagedProperties } from './unmanaged-properties'
import { sameData } from '../schema/json'
import { keepCounters } from '../schema/taken-names'
import { type IsUnmanaged, keepUnmanaged } from '../schema/unmanaged'

interface PlanOptions extends CompareOptions {
  /** `to` was created from entities: properties that entities cannot declare stay as in `from`. */
  readonly entities?: boolean
}

export interface Plan {
  readonly operations: readonly Operation[]
  /** The schema after the operations: `to` with the unmanaged objects of `from`. */
  readonly to: Schema
  /** True for an unmanaged object under the name of its table before or after the operations. Absent: none. */
  readonly kept?: IsUnmanaged
}

/**
 * Operations that turn one schema into the other, including renames, in an order that applies in both directions.
 *
 * @param answers the renames; any other changed name is a drop and a create
 * @example
 * planChanges(from, to, [{ kind: 'column', table: { name: 'users' }, from: 'name', to: 'full_name' }])
 */
export function planChanges(
  from: Schema,
  to: Schema,
  answers: readonly RenameAnswer[] = [],
  options: PlanOptions = {},
): Plan {
  if (answers.length === 0 && sameData(from, to)) return { operations: [], to, kept: options.unmanaged }
  const renamed = applyRenames(from, answers)
  const named = keepCounters(renamed.schema, to)
  const described = options.entities === true ? keepUnmanagedProperties(renamed.schema, named) : named
  const wanted =
    options.unmanaged === undefined
      ? described
      : keepUnmanaged(renamed.schema, described, underOldNames(options.unmanaged, from, renamed.operations))
  const rest = compare(renamed.schema, wanted)
  const operations = renamed.operations.length === 0 ? rest : withRenames(renamed.operations, rest, from, wanted)
  const kept = options.unmanaged && underEveryName(options.unmanaged, from, renamed.operations)
  return { operations, to: wanted, kept }
}

/**
 * Renames and the other operations. A trigger that is dropped is dropped before them, under its old names and with its old text, so
 * that the way back makes it from that text after the names are the old ones again: no database renames inside all of it.
 */
function withRenames(
  renames: readonly Operation[],
  rest: readonly Operation[],
  from: Schema,
  wanted: Schema,
): readonly Operation[] {
  const names = new LineageOfNames(from, renames)
  const first: Operation[] = []
  const others: Operation[] = []
  for (const operation of rest) {
    const table = operation.op === 'dropTrigger' ? names.originalTable(operation.table) : undefined
    const trigger =
      operation.op === 'dropTrigger' && table !== undefined
        ? findTable(from, table)?.triggers.find(({ name }) => name === operation.trigger.name)
        : undefined
    if (table !== undefined && trigger !== undefined) first.push({ op: 'dropTrigger', table, trigger })
    else others.push(operation)
  }
  return orderOperations([...first, ...renames, ...others], from, wanted, new Set(first))
}

/** A pattern with the old name of a table also matches the objects of the renamed table. */
function underOldNames(isUnmanaged: IsUnmanaged, from: Schema, renames: readonly Operation[]): IsUnmanaged {
  const names = new LineageOfNames(from, renames)
  return (kind, table, name) => {
    const old = table && names.originalTable(table)
    return isUnmanaged(kind, table, name) || (old !== undefined && isUnmanaged(kind, old, name))
  }
}

/** A pattern with the name of a table before or after its rename matches the objects of both. */
function underEveryName(isUnmanaged: IsUnmanaged, from: Schema, renames: readonly Operation[]): IsUnmanaged {
  const underOld = underOldNames(isUnmanaged, from, renames)
  const names = new LineageOfNames(from, renames)
  return (kind, table, name) => {
    const now = table && names.tableNow(table)
    return underOld(kind, table, name) || (now !== undefined && isUnmanaged(kind, now, name))
  }
}
