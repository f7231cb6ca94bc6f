import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { Collector } from './collector'
import { drops } from './drop'
import { maintenance, rowStatements } from './maintenance'
import { objects } from './objects'
import { renames } from './rename'
import { sessionStatements } from './session'
import type { Handlers } from './statement'
import { creations } from './tables'

/** Handlers that report whether the statement reads or writes; all others write. */
const either: Handlers = { ...sessionStatements, ...rowStatements }
const writing: Handlers = { ...creations, ...drops, ...renames, ...maintenance, ...objects }

/** Adds to the collector what one statement of the parse tree does. An unknown statement may do anything. */
export function readStatement(node: Node | undefined, at: Collector): void {
  const [name, body] = Object.entries(node ?? {})[0] ?? ['nothing', undefined]
  const run = handlerOf(either, name) ?? handlerOf(writing, name)
  if (name in writing) at.is('writes')
  if (run === undefined) {
    at.does(name)
    at.doesUnknown(`is not known: ${name}`)
  } else run(body, at, (part) => readStatement(part, at))
}

/** Each handler has the name of the node that it takes, which the type of a looked-up one cannot express. */
type AnyHandler = (body: unknown, at: Collector, again: (part: Node | undefined) => void) => void

function handlerOf(handlers: Handlers, name: string): AnyHandler | undefined {
  return Object.hasOwn(handlers, name) ? (handlers[name as keyof Handlers] as AnyHandler) : undefined
}
