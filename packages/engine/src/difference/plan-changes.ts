import type { Operation } from '../operations/operation'
import { compare, type CompareOptions } from './compare'
import { orderOperations } from './order'
import { applyRenames, type RenameAnswer } from './renames/apply'
import { LineageOfNames } from './lineage-of-names'
import type { ObjectName, Schema } from '../schema/schema'
import { keepUnmanagedProperties } from './unmanaged-properties'
import { keepCounters } from '../schema/taken-names'
import { type IsUnmanaged, keepUnmanaged } from '../schema/unmanaged'

export interface PlanOptions extends CompareOptions {
  /** `to` was made from entities: what these cannot say about a thing stays as it is in `from`. */
  readonly entities?: boolean
}

export interface Plan {
  readonly operations: readonly Operation[]
  /** `to`, with unmanaged objects as they are in `from`: the schema after the operations. */
  readonly to: Schema
}

/**
 * Operations that turn one schema into the other, renames included, in an order that applies both ways.
 *
 * @param answers what was renamed; a table or column not among them is dropped and made
 * @example
 * planChanges(from, to, [{ kind: 'column', table: { name: 'users' }, from: 'name', to: 'full_name' }])
 */
export function planChanges(
  from: Schema,
  to: Schema,
  answers: readonly RenameAnswer[] = [],
  options: PlanOptions = {},
): Plan {
  const renamed = applyRenames(from, answers)
  const named = keepCounters(renamed.schema, to)
  const described = options.entities === true ? keepUnmanagedProperties(renamed.schema, named) : named
  const wanted =
    options.unmanaged === undefined
      ? described
      : keepUnmanaged(renamed.schema, described, underOldNames(options.unmanaged, from, renamed.operations))
  const rest = compare(renamed.schema, wanted)
  const operations =
    renamed.operations.length === 0 ? rest : orderOperations([...renamed.operations, ...rest], from, wanted)
  return { operations, to: wanted }
}

/** What was said of the things of a table holds for it under its new name. */
function underOldNames(isUnmanaged: IsUnmanaged, from: Schema, renames: readonly Operation[]): IsUnmanaged {
  const names = new LineageOfNames(from)
  for (const operation of renames) names.follow(operation)
  return (kind, table, name) => {
    if (isUnmanaged(kind, table, name)) return true
    const old: ObjectName | undefined = table === undefined ? undefined : names.originalTable(table)
    return old !== undefined && isUnmanaged(kind, old, name)
  }
}
