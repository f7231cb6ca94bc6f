import { type DocumentRevision, edgesOf, isBase, marksOf, messageOf } from './revision'

/**
 * A directed graph for Graphviz, oldest at the bottom.
 *
 * @see https://graphviz.org/doc/info/lang.html
 */
export function dotText(revisions: readonly DocumentRevision[]): string {
  return [
    'digraph revisions {',
    '  rankdir=BT',
    '  node [shape=box, style=rounded, fontname="Helvetica"]',
    ...[...revisions].reverse().map(node),
    ...edgesOf(revisions).map(
      ({ from, to, dependency }) => `  ${quote(from)} -> ${quote(to)}${dependency ? ' [style=dashed]' : ''}`,
    ),
    '}',
    '',
  ].join('\n')
}

function node(revision: DocumentRevision): string {
  const lines = [revision.revision, messageOf(revision), marksOf(revision).join(' ')].filter((line) => line !== '')
  const shape = isBase(revision) ? 'ellipse' : revision.isMergePoint ? 'hexagon' : null
  const attributes = [
    // Graphviz itself interprets `\n`.
    `label="${lines.map(escapeLabel).join('\\n')}"`,
    ...(shape === null ? [] : [`shape=${shape}`]),
    ...(revision.isHead ? ['penwidth=2.5'] : []),
    ...(revision.applied === true ? ['style="rounded,filled"', 'fillcolor="#d1fae5"', 'fontcolor="#064e3b"'] : []),
    ...(revision.applied === false ? ['style="rounded,dashed"'] : []),
  ]
  return `  ${quote(revision.revision)} [${attributes.join(', ')}]`
}

/** A quoted name, in which only a quote is escaped. */
function quote(id: string): string {
  return `"${id.replaceAll('"', '\\"')}"`
}

/** Escapes a label, in which `\N` is the name of the node and `&lt;` is `<`. */
function escapeLabel(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}
