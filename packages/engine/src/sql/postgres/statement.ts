import type { Node } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { Collector } from './collector'
import type { BodyOf, NodeName } from './nodes'

/**
 * Tells the collector what a statement does.
 *
 * @param again reads a statement that is a part of this one
 */
export type Handler<N extends NodeName> = (
  body: BodyOf<N>,
  at: Collector,
  again: (part: Node | undefined) => void,
) => void

/** What is known of statements, by the node that they are. */
export type Handlers = { readonly [N in NodeName]?: Handler<N> }
