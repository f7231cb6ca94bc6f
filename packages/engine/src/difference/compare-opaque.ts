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

/** Operations on extensions, functions and domains. */
export function standaloneOperations(from: Schema, to: Schema): Operation[] {
  const extensions = pairByKey(from.extensions, to.extensions, (name) => name)
  return [
    ...extensions.added.map((name): Operation => ({ op: 'createExtension', ...placed(to, name) })),
    ...extensions.removed.map((name): Operation => ({ op: 'dropExtension', ...placed(from, name) })),
    ...objectOperations(pairByName(from.domains ?? [], to.domains ?? []), onDomain, ({ sql }) => sql),
    ...objectOperations(pairByName(from.functions ?? [], to.functions ?? []), onFunction, ({ sql }) => sql),
  ]
}

/** The name of an extension, and its schema if that is not the default one. */
function placed({ extensionSchemas = {} }: Schema, name: string): { readonly name: string; readonly schema?: string } {
  const schema = extensionSchemas[name]
  return schema === undefined ? { name } : { name, schema }
}

/** Operations on the triggers, policies and partitions of one table. */
export function attachedOperations(table: ObjectName, from: Table, to: Table): Operation[] {
  const policies = pairByName(from.policies ?? [], to.policies ?? [])
  const partitions = pairByName(from.partitions ?? [], to.partitions ?? [])
  // A partition of a partition is listed after it, and dropped before it.
  const removed = [...partitions.removed].reverse()
  return [
    ...triggerOperations(table, from.triggers, to.triggers),
    ...objectOperations(policies, onPolicy(table), stableJson),
    ...objectOperations({ ...partitions, removed }, onPartition(table), stableJson),
  ]
}

export function triggerOperations(table: ObjectName, from: readonly Trigger[], to: readonly Trigger[]): Operation[] {
  return objectOperations(pairByName(from, to), onTrigger(table), ({ sql }) => canonicalTrigger(sql))
}

/**
 * Operations on objects that are compared as a whole.
 *
 * @param text a text that is equal for equal definitions
 */
export function objectOperations<T>(
  { removed, added, both }: Pairing<T>,
  on: CreateDropReplace<T>,
  text: (object: T) => string,
): Operation[] {
  return [
    ...removed.map((object) => on.drop(object)),
    ...added.map((object) => on.create(object)),
    ...both.filter(({ from, to }) => text(from) !== text(to)).map((change) => on.replace(change)),
  ]
}

/** A table without the parts that have separate operations. */
export function bareTable(definition: Table): Table {
  return { ...definition, foreignKeys: [], indexes: [], triggers: [], policies: undefined, partitions: undefined }
}
