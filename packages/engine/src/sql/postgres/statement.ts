import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { Collector } from './collector'
import type { BodyOf, NodeName } from './nodes'

/**
 * Adds to the collector what a statement does.
 *
 * @param again reads a statement that is a part of this one
 */
type Handler<N extends NodeName> = (body: BodyOf<N>, at: Collector, again: (part: Node | undefined) => void) => void

/** Handlers of statements by the name of their node. */
export type Handlers = { readonly [N in NodeName]?: Handler<N> }
