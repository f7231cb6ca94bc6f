import { dotText } from './dot'
import type { GraphFormat } from './formats'
import { mermaidText } from './mermaid'
import type { DocumentRevision } from './revision'
import { svgText } from './svg'

const renderers: Readonly<Record<GraphFormat, (revisions: readonly DocumentRevision[]) => string>> = {
  mermaid: mermaidText,
  dot: dotText,
  svg: svgText,
}

/**
 * Renders the graph of revisions. The text depends only on the revisions, so it can be committed.
 *
 * @param revisions newest first
 */
export function renderGraph(revisions: readonly DocumentRevision[], format: GraphFormat): string {
  return renderers[format](revisions)
}
