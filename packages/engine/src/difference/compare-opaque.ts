import { onDomain } from '../operations/domains/domain'
import { onFunction } from '../operations/functions/function'
import type { CreateDropReplace } from '../operations/object-kinds'
import type { Operation } from '../operations/operation'
import { onPartition } from '../operations/partitions/partition'
import { onPolicy } from '../operations/policies/policy'
import { onTrigger } from '../operations/triggers/trigger'
import { stableJson } from '../schema/json'
import type { ObjectName, Schema, Table, Trigger } from '../schema/schema'
import { canonicalTrigger } from '../schema/trigger-text'
import { type Pairing, pairByKey, pairByName } from './pairing'

/** Of extensions, functions and domains. */
export function standaloneOperations(from: Schema, to: Schema): Operation[] {
  const extensions = pairByKey(from.extensions, to.extensions, (name) => name)
  return [
    ...extensions.come.map((name): Operation => ({ op: 'createExtension', name })),
    ...extensions.gone.map((name): Operation => ({ op: 'dropExtension', name })),
    ...objectOperations(pairByName(from.domains ?? [], to.domains ?? []), onDomain, ({ sql }) => sql),
    ...objectOperations(pairByName(from.functions ?? [], to.functions ?? []), onFunction, ({ sql }) => sql),
  ]
}

/** Of triggers, policies and partitions of one table. */
export function attachedOperations(table: ObjectName, from: Table, to: Table): Operation[] {
  const policies = pairByName(from.policies ?? [], to.policies ?? [])
  const partitions = pairByName(from.partitions ?? [], to.partitions ?? [])
  // A partition of a partition is listed after it, and dropped before it.
  const gone = [...partitions.gone].reverse()
  return [
    ...triggerOperations(table, from.triggers, to.triggers),
    ...objectOperations(policies, onPolicy(table), stableJson),
    ...objectOperations({ ...partitions, gone }, onPartition(table), stableJson),
  ]
}

export function triggerOperations(table: ObjectName, from: readonly Trigger[], to: readonly Trigger[]): Operation[] {
  return objectOperations(pairByName(from, to), onTrigger(table), ({ sql }) => canonicalTrigger(sql))
}

/**
 * Operations on objects that are compared as a whole.
 *
 * @param text the definition as a text that is the same for the same
 */
export function objectOperations<T>(
  { gone, come, both }: Pairing<T>,
  on: CreateDropReplace<T>,
  text: (object: T) => string,
): Operation[] {
  return [
    ...gone.map((object) => on.drop(object)),
    ...come.map((object) => on.create(object)),
    ...both.filter(({ from, to }) => text(from) !== text(to)).map((change) => on.replace(change)),
  ]
}

/** A new table without what has operations of its own. */
export function bareTable(definition: Table): Table {
  const { policies: _policies, partitions: _partitions, ...rest } = definition
  return { ...rest, foreignKeys: [], indexes: [], triggers: [] }
}
