import type { Cursor, QualifiedName } from './cursor'
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
  /** SQLite has changed its text: a table or column that it names was renamed. */
  isRewritten: boolean
}

/** What CREATE TRIGGER says. */
export interface TriggerDefinition {
  readonly name: QualifiedName
  readonly table: QualifiedName
  readonly event: TriggerEvent
  readonly body: Trigger['body']
}

/** @param cursor behind the word TRIGGER */
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

/** The triggers that earlier statements have created; what the database had before is not known. */
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

  /** @param name of a table or column that gets another: https://sqlite.org/lang_altertable.html#alter_table_rename */
  rename(name: string): void {
    for (const trigger of this.#triggers.values()) {
      if (trigger.body.flat().some((token) => sameIdentifier(nameOf(token), name))) trigger.isRewritten = true
    }
  }

  /** @param keys that the name may have */
  drop(...keys: readonly string[]): void {
    const found = keys.find((key) => this.#triggers.has(key))
    if (found !== undefined) this.#triggers.delete(found)
  }

  /** The table has got another name, or is gone. */
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
