import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { Collector } from './collector'
import { drops } from './drop'
import { copies, maintenance } from './maintenance'
import { objects } from './objects'
import { renames } from './rename'
import { sessionStatements } from './session'
import type { Handlers } from './statement'
import { creations } from './tables'

/** These say themselves what they are; all others write. */
const either: Handlers = { ...sessionStatements, ...copies }
const writing: Handlers = { ...creations, ...drops, ...renames, ...maintenance, ...objects }

/** Tells the collector what one statement of the parse tree does. What is not known by name may do anything. */
export function readStatement(node: Node | undefined, at: Collector): void {
  const [name, body] = Object.entries(node ?? {})[0] ?? ['nothing', undefined]
  const run = handlerOf(either, name) ?? handlerOf(writing, name)
  if (name in writing) at.is('writes')
  if (run === undefined) {
    at.says(name)
    at.doesUnknown(`is not known: ${name}`)
  } else run(body, at, (part) => readStatement(part, at))
}

function handlerOf(handlers: Handlers, name: string) {
  // Each handler stands under the name of what it takes.
  return Object.hasOwn(handlers, name)
    ? (handlers[name as keyof Handlers] as (
        body: unknown,
        at: Collector,
        again: (part: Node | undefined) => void,
      ) => void)
    : undefined
}
