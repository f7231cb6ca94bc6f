import type { MigratorContext } from '../project/context'
import type { GraphResult } from '../results'
import type { GraphFormat } from '../revision/document/formats'
import { renderGraph } from '../revision/document/render'

import { readHistory } from './inspect'

export interface GraphOptions {
  /** `A:B`, both ends inclusive; default: all. */
  readonly range?: string
  /** Default `mermaid`. */
  readonly format?: GraphFormat
  /** Ask the database, and mark what is applied. */
  readonly indicateCurrent?: boolean
}

/** The graph as a document, see {@link renderGraph}. */
export async function drawDocument(
  context: MigratorContext,
  { format = 'mermaid', ...options }: GraphOptions,
): Promise<GraphResult> {
  const { revisions, graph } = await readHistory(context, options)
  // A file may name what it depends on by a label.
  const resolved = revisions.map((info) => ({
    ...info,
    dependsOn: graph.dependencies(info.revision).map(({ id }) => id),
  }))
  return { format, text: renderGraph(resolved, format) }
}
