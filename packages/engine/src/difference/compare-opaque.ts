import type { Operation } from '../operations/operation'
import { stableJson } from '../schema/json'
import { pairByKey, pairByName } from './pairing'
import {
  keyOf,
  type ObjectName,
  type Partition,
  type Policy,
  type Schema,
  type Table,
  type Trigger,
} from '../schema/schema'
import { canonicalTrigger } from '../schema/trigger-text'

/** What is compared as the one text, or the few, that the catalog has of it: extensions, functions, domains. */
export function standaloneOperations(from: Schema, to: Schema): Operation[] {
  const extensions = pairByKey(from.extensions, to.extensions, (name) => name)
  const domains = pairByName(from.domains ?? [], to.domains ?? [])
  const functions = pairByName(from.functions ?? [], to.functions ?? [])
  return [
    ...extensions.come.map((name): Operation => ({ op: 'createExtension', name })),
    ...extensions.gone.map((name): Operation => ({ op: 'dropExtension', name })),
    ...domains.gone.map((definition): Operation => ({ op: 'dropDomain', definition })),
    ...domains.come.map((definition): Operation => ({ op: 'createDomain', definition })),
    ...changed(domains.both).map((pair): Operation => ({ op: 'replaceDomain', ...pair })),
    ...functions.gone.map((definition): Operation => ({ op: 'dropFunction', definition })),
    ...functions.come.map((definition): Operation => ({ op: 'createFunction', definition })),
    ...changed(functions.both).map((pair): Operation => ({ op: 'replaceFunction', ...pair })),
  ]
}

/** Triggers, policies and partitions of one table. */
export function attachedOperations(table: ObjectName, from: Table, to: Table): Operation[] {
  const policies = pairByKey(from.policies ?? [], to.policies ?? [], nameOf)
  const partitions = pairByKey(from.partitions ?? [], to.partitions ?? [], keyOf)
  return [
    ...triggerOperations(table, from.triggers, to.triggers),
    ...policies.gone.map((policy): Operation => ({ op: 'dropPolicy', table, policy })),
    ...policies.come.map((policy): Operation => ({ op: 'createPolicy', table, policy })),
    ...policies.both
      .filter((pair) => stableJson(pair.from) !== stableJson(pair.to))
      .map((pair): Operation => ({ op: 'replacePolicy', table, ...pair })),
    ...[...partitions.gone].reverse().map((partition): Operation => ({ op: 'dropPartition', table, partition })),
    ...partitions.come.map((partition): Operation => ({ op: 'createPartition', table, partition })),
    ...partitions.both
      .filter((pair) => stableJson(pair.from) !== stableJson(pair.to))
      .map((pair): Operation => ({ op: 'replacePartition', table, ...pair })),
  ]
}

export function triggerOperations(table: ObjectName, from: readonly Trigger[], to: readonly Trigger[]): Operation[] {
  const { gone, come, both } = pairByKey(from, to, nameOf)
  return [
    ...gone.map((trigger): Operation => ({ op: 'dropTrigger', table, trigger })),
    ...come.map((trigger): Operation => ({ op: 'createTrigger', table, trigger })),
    ...both
      .filter((pair) => canonicalTrigger(pair.from.sql) !== canonicalTrigger(pair.to.sql))
      .map((pair): Operation => ({ op: 'replaceTrigger', table, ...pair })),
  ]
}

/** A new table without what has operations of its own. */
export function bareTable(definition: Table): Table {
  const { policies: _policies, partitions: _partitions, ...rest } = definition
  return { ...rest, foreignKeys: [], indexes: [], triggers: [] }
}

function changed<T extends { readonly sql: string }>(
  pairs: readonly { readonly from: T; readonly to: T }[],
): { readonly from: T; readonly to: T }[] {
  return pairs.filter(({ from, to }) => from.sql !== to.sql)
}

function nameOf({ name }: Policy | Trigger | Partition): string {
  return name
}
