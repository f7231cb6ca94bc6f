import type { WrittenName } from '../reader'
import type { Cursor } from './cursor'
import { nameOf, sameIdentifier, type Token } from './tokens'

export type TriggerEvent = 'INSERT' | 'UPDATE' | 'DELETE'

/** A trigger that an earlier statement has created. */
export interface Trigger {
  /** The key of its table or view. */
  table: string
  readonly event: TriggerEvent
  /** The statements that it executes, as tokens of `sql`. */
  readonly body: readonly (readonly Token[])[]
  readonly sql: string
  /** SQLite has rewritten its text, because a table or column in it was renamed. */
  isRewritten: boolean
}

interface TriggerDefinition {
  readonly name: WrittenName
  readonly table: WrittenName
  readonly event: TriggerEvent
  readonly body: Trigger['body']
}

/** @param cursor after the word TRIGGER */
export function readTrigger(cursor: Cursor): TriggerDefinition {
  cursor.take('IF', 'NOT', 'EXISTS')
  const name = cursor.qualifiedName()
  if (!cursor.take('BEFORE') && !cursor.take('AFTER')) cursor.take('INSTEAD', 'OF')
  const events = ['INSERT', 'UPDATE', 'DELETE'] as const
  const event = events.find((word) => cursor.take(word)) ?? 'UPDATE'
  while (!cursor.take('ON')) cursor.next()
  const table = cursor.qualifiedName()
  while (!cursor.take('BEGIN')) cursor.next()
  const body: Token[][] = [[]]
  for (const token of cursor.rest()) {
    if (token.kind === 'symbol' && token.text === ';') body.push([])
    else body.at(-1)?.push(token)
  }
  // The last one is END.
  return { name, table, event, body: body.slice(0, -1) }
}

/** The triggers that earlier statements have created. Triggers that existed before are not known. */
export class Triggers {
  #triggers = new Map<string, Trigger>()

  copy(): Triggers {
    const copy = new Triggers()
    for (const [key, trigger] of this.#triggers) copy.#triggers.set(key, { ...trigger })
    return copy
  }

  add(key: string, trigger: Omit<Trigger, 'isRewritten'>): void {
    this.#triggers.set(key, { ...trigger, isRewritten: false })
  }

  /** @param name of a table or column that is renamed: https://sqlite.org/lang_altertable.html#alter_table_rename */
  rename(name: string): void {
    for (const trigger of this.#triggers.values()) {
      if (trigger.body.flat().some((token) => sameIdentifier(nameOf(token), name))) trigger.isRewritten = true
    }
  }

  /** @param keys that the trigger may have; the first known one is dropped */
  drop(...keys: readonly string[]): void {
    const found = keys.find((key) => this.#triggers.has(key))
    if (found !== undefined) this.#triggers.delete(found)
  }

  /** Follows a table that was renamed, or dropped if `to` is undefined. */
  follow(table: string, to: string | undefined): void {
    for (const [key, trigger] of this.#triggers) {
      if (trigger.table !== table) continue
      if (to === undefined) this.#triggers.delete(key)
      else trigger.table = to
    }
  }

  on(table: string, event: TriggerEvent): readonly Trigger[] {
    return [...this.#triggers.values()].filter((trigger) => trigger.table === table && trigger.event === event)
  }
}
