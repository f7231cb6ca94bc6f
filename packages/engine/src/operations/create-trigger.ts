import {
  displayName,
  type ObjectName,
  sameName,
  type Trigger,
  type Schema,
  type Table,
  type View,
} from '../schema/schema'
import { misfit } from './edit'
import type { CreateTrigger, DropTrigger, OperationKind, ReplaceTrigger } from './operation'

export const createTrigger: OperationKind<CreateTrigger> = {
  apply: ({ table, trigger }, schema) =>
    edit(schema, table, (list) => {
      if (list.some((other) => isSame(other, trigger)))
        throw misfit(`${displayName(table)} has a trigger ${trigger.name} already`)
      return [...list, trigger]
    }),
  reverse: ({ table, trigger }) => ({ op: 'dropTrigger', table, trigger }),
  destroys: () => [],
  lock: () => 'SHARE ROW EXCLUSIVE',
  describe: ({ table, trigger }) => `create trigger ${trigger.name} on ${displayName(table)}`,
  subject: ({ table, trigger }) => ({ table: displayName(table), name: trigger.name }),
}

export const dropTrigger: OperationKind<DropTrigger> = {
  apply: ({ table, trigger }, schema) =>
    edit(schema, table, (list) => {
      requireListed(list, table, trigger)
      return list.filter((other) => !isSame(other, trigger))
    }),
  reverse: ({ table, trigger }) => ({ op: 'createTrigger', table, trigger }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, trigger }) => `drop trigger ${trigger.name} on ${displayName(table)}`,
  subject: ({ table, trigger }) => ({ table: displayName(table), name: trigger.name }),
}

export const replaceTrigger: OperationKind<ReplaceTrigger> = {
  apply: ({ table, from, to }, schema) =>
    edit(schema, table, (list) => {
      requireListed(list, table, from)
      return list.map((other) => (isSame(other, from) ? to : other))
    }),
  reverse: ({ table, from, to }) => ({ op: 'replaceTrigger', table, from: to, to: from }),
  destroys: () => [],
  lock: () => 'ACCESS EXCLUSIVE',
  describe: ({ table, to }) => `replace trigger ${to.name} on ${displayName(table)}`,
  subject: ({ table, to }) => ({ table: displayName(table), name: to.name }),
}

/** Triggers of a table, or of a view. */
function edit(schema: Schema, owner: ObjectName, change: (list: readonly Trigger[]) => Trigger[]): Schema {
  if (![...schema.tables, ...schema.views].some((item) => sameName(item, owner))) {
    throw misfit(`there is no table or view ${displayName(owner)}`)
  }
  const table = (item: Table): Table => (sameName(item, owner) ? { ...item, triggers: change(item.triggers) } : item)
  const view = (item: View): View => {
    if (!sameName(item, owner)) return item
    const { triggers: _triggers, ...rest } = item
    const triggers = change(item.triggers ?? [])
    return triggers.length === 0 ? rest : { ...rest, triggers }
  }
  return { ...schema, tables: schema.tables.map(table), views: schema.views.map(view) }
}

function requireListed(list: readonly Trigger[], table: ObjectName, trigger: Trigger): void {
  if (!list.some((other) => isSame(other, trigger)))
    throw misfit(`${displayName(table)} has no trigger ${trigger.name}`)
}

function isSame(a: Trigger, b: Trigger): boolean {
  return a.name === b.name
}
