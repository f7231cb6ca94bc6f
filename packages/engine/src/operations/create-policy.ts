import { displayName, type ObjectName, type Policy, type Schema } from '../schema/schema'
import { editTable, misfit } from './edit'
import type { CreatePolicy, DropPolicy, OperationKind, ReplacePolicy } from './operation'

export const createPolicy: OperationKind<CreatePolicy> = {
  apply: ({ table, policy }, schema) =>
    edit(schema, table, (list) => {
      if (list.some((other) => isSame(other, policy)))
        throw misfit(`${displayName(table)} has a policy ${policy.name} already`)
      return [...list, policy]
    }),
  reverse: ({ table, policy }) => ({ op: 'dropPolicy', table, policy }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, policy }) => `create policy ${policy.name} on ${displayName(table)}`,
  subject: ({ table, policy }) => ({ table: displayName(table), name: policy.name }),
}

export const dropPolicy: OperationKind<DropPolicy> = {
  apply: ({ table, policy }, schema) =>
    edit(schema, table, (list) => {
      requireListed(list, table, policy)
      return list.filter((other) => !isSame(other, policy))
    }),
  reverse: ({ table, policy }) => ({ op: 'createPolicy', table, policy }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, policy }) => `drop policy ${policy.name} on ${displayName(table)}`,
  subject: ({ table, policy }) => ({ table: displayName(table), name: policy.name }),
}

export const replacePolicy: OperationKind<ReplacePolicy> = {
  apply: ({ table, from, to }, schema) =>
    edit(schema, table, (list) => {
      requireListed(list, table, from)
      return list.map((other) => (isSame(other, from) ? to : other))
    }),
  reverse: ({ table, from, to }) => ({ op: 'replacePolicy', table, from: to, to: from }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, to }) => `replace policy ${to.name} on ${displayName(table)}`,
  subject: ({ table, to }) => ({ table: displayName(table), name: to.name }),
}

function edit(schema: Schema, table: ObjectName, change: (list: readonly Policy[]) => Policy[]): Schema {
  return editTable(schema, table, (current) => ({ ...current, policies: change(current.policies ?? []) }))
}

function requireListed(list: readonly Policy[], table: ObjectName, policy: Policy): void {
  if (!list.some((other) => isSame(other, policy))) throw misfit(`${displayName(table)} has no policy ${policy.name}`)
}

function isSame(a: Policy, b: Policy): boolean {
  return a.name === b.name
}
