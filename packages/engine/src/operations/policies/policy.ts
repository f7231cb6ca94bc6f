import type { ObjectName, Policy } from '../../schema/schema'
import { editTable } from '../edit-schema'
import { type CreateDropReplace, replaceableKinds } from '../object-kinds'
import type { Change, OfTable, Operations } from '../operation'

export type PolicyOperation =
  | Operations<'createPolicy' | 'dropPolicy', OfTable & { policy: Policy }>
  | Operations<'replacePolicy', OfTable & Change<Policy>>

export function onPolicy(table: ObjectName): CreateDropReplace<Policy> {
  return {
    create: (policy) => ({ op: 'createPolicy', table, policy }),
    drop: (policy) => ({ op: 'dropPolicy', table, policy }),
    replace: (change) => ({ op: 'replacePolicy', table, ...change }),
  }
}

export const {
  create: createPolicy,
  drop: dropPolicy,
  replace: replacePolicy,
} = replaceableKinds<'policy', Policy, OfTable>({
  key: 'policy',
  word: 'policy',
  operations: ({ table }) => onPolicy(table),
  edit: (schema, { table }, change) =>
    editTable(schema, table, (owner) => ({ ...owner, policies: change(owner.policies ?? []) })),
  phases: { create: 'createPolicy', drop: 'dropPolicy', replace: 'createPolicy' },
})
