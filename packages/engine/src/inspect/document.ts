import type { MigratorContext } from '../project/context'
import type { GraphResult } from '../results'
import type { GraphFormat } from '../revision/document/formats'
import { renderGraph } from '../revision/document/render'

import { readHistory } from './inspect'

/** Options of `Migrator.graph`. */
export interface GraphOptions {
  /** `A:B`, both ends inclusive. Default: all revisions. */
  readonly range?: string
  /** Default is `mermaid`. */
  readonly format?: GraphFormat
  /** Read the history of the database, and mark the applied revisions. Default is false. */
  readonly indicateCurrent?: boolean
}

/** Renders the graph of revisions, see {@link renderGraph}. */
export async function drawDocument(
  context: MigratorContext,
  { format = 'mermaid', ...options }: GraphOptions,
): Promise<GraphResult> {
  const { revisions, graph } = await readHistory(context, options)
  // Dependencies in files may be labels.
  const resolved = revisions.map((info) => ({
    ...info,
    dependsOn: graph.dependencies(info.revision).map(({ id }) => id),
  }))
  return { format, text: renderGraph(resolved, format) }
}
