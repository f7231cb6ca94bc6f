import type { ObjectName, Trigger } from '../../schema/schema'
import { editTableOrView } from '../edit-schema'
import { type CreateDropReplace, replaceableKinds } from '../object-kinds'
import type { Change, OfTable, Operations } from '../operation'

/** `table` may be a view. */
export type TriggerOperation =
  | Operations<'createTrigger' | 'dropTrigger', OfTable & { trigger: Trigger }>
  | Operations<'replaceTrigger', OfTable & Change<Trigger>>

export function onTrigger(table: ObjectName): CreateDropReplace<Trigger> {
  return {
    create: (trigger) => ({ op: 'createTrigger', table, trigger }),
    drop: (trigger) => ({ op: 'dropTrigger', table, trigger }),
    replace: (change) => ({ op: 'replaceTrigger', table, ...change }),
  }
}

export const {
  create: createTrigger,
  drop: dropTrigger,
  replace: replaceTrigger,
} = replaceableKinds<'trigger', Trigger, OfTable>({
  key: 'trigger',
  word: 'trigger',
  operations: ({ table }) => onTrigger(table),
  edit: (schema, { table }, change) =>
    editTableOrView(schema, table, {
      table: (owner) => ({ ...owner, triggers: change(owner.triggers) }),
      view: (owner) => ({ ...owner, triggers: change(owner.triggers ?? []) }),
    }),
  phases: { create: 'createTrigger', drop: 'dropTrigger', replace: 'createTrigger' },
})
