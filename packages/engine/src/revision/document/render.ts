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
 * The graph of revisions as a document. The same revisions give the same text, so that it can be committed.
 *
 * @param revisions newest first
 */
export function renderGraph(revisions: readonly DocumentRevision[], format: GraphFormat): string {
  return renderers[format](revisions)
}
