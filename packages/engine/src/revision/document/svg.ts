import { layOutLanes, type LaneEdge } from '../lanes'

import { type DocumentRevision, isBase, marksOf, messageOf } from './revision'

/** Pixels. */
const rowHeight = 32
const laneWidth = 20
const margin = 20
const cellWidth = 7.5

/**
 * A self-contained picture, without scripts, fonts or other files. Newest at the top, in the lanes of `history --graph`.
 * Its colors follow the reader's preference for light or dark.
 */
export function svgText(revisions: readonly DocumentRevision[]): string {
  const { nodes, edges, width: lanes } = layOutLanes(revisions)
  const rows = new Map(nodes.map(({ revision, lane }, row) => [revision.revision, { row, lane }]))
  const textX = margin + Math.max(lanes, 1) * laneWidth + 8
  const longest = Math.max(0, ...revisions.map((revision) => cells([...texts(revision)].join('  '))))
  const width = Math.ceil(textX + longest * cellWidth + margin)
  const height = 2 * margin + Math.max(revisions.length - 1, 0) * rowHeight
  const size = `${String(width)} ${String(height)}`

  const dependencies = revisions.flatMap(({ revision, dependsOn }) =>
    dependsOn.flatMap((id) => {
      const [from, to] = [rows.get(revision), rows.get(id)]
      return from === undefined || to === undefined ? [] : [dependency(from, to, textX - 8)]
    }),
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Graph of revisions" width="${String(width)}" height="${String(height)}" viewBox="0 0 ${size}">`,
    `<style>${style}</style>`,
    `<rect class="paper" width="${String(width)}" height="${String(height)}"/>`,
    '<g class="lines">',
    ...edges.map(line),
    ...dependencies,
    '</g>',
    ...nodes.map(({ revision, lane }, row) => node(revision, row, lane, textX)),
    '</svg>',
    '',
  ].join('\n')
}

/** Colors that are visible on white and on black. */
const laneColors = ['#3b82f6', '#10b981', '#f59e0b', '#ef4444', '#8b5cf6', '#06b6d4', '#ec4899', '#84a316']

const style = `
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}
.paper{fill:#ffffff}.id{fill:#9a6700}.message{fill:#1f2328}.marks{fill:#0550ae}
.lines path{fill:none;stroke-width:2}.dependency{stroke:#6e7781;stroke-dasharray:4 4}
.node{stroke-width:2}.hollow{fill:#ffffff}
@media (prefers-color-scheme:dark){
.paper,.hollow{fill:#0d1117}.id{fill:#d29922}.message{fill:#e6edf3}.marks{fill:#79c0ff}.dependency{stroke:#8b949e}
}
`

function x(lane: number): number {
  return margin + lane * laneWidth
}

function y(row: number): number {
  return margin + row * rowHeight
}

function color(lane: number): string {
  return laneColors[lane % laneColors.length] ?? 'gray'
}

/** A path that is straight within a lane, and curved where it changes the lane. */
function line({ points }: LaneEdge): string {
  const [start, ...rest] = points
  if (start === undefined) return ''
  let [row, lane] = start
  let path = `M${String(x(lane))} ${String(y(row))}`
  for (const [nextRow, nextLane] of rest) {
    const [top, bottom] = [y(row), y(nextRow)]
    const middle = (top + bottom) / 2
    path +=
      nextLane === lane
        ? `V${String(bottom)}`
        : `C${String(x(lane))} ${String(middle)} ${String(x(nextLane))} ${String(middle)} ${String(x(nextLane))} ${String(bottom)}`
    ;[row, lane] = [nextRow, nextLane]
  }
  return `<path stroke="${color(Math.max(...points.map(([, at]) => at)))}" d="${path}"/>`
}

interface Place {
  readonly row: number
  readonly lane: number
}

function dependency(from: Place, to: Place, bend: number): string {
  const [start, end] = [`${String(x(from.lane))} ${String(y(from.row))}`, `${String(x(to.lane))} ${String(y(to.row))}`]
  return `<path class="dependency" d="M${start}C${String(bend)} ${String(y(from.row))} ${String(bend)} ${String(y(to.row))} ${end}"/>`
}

/** A base is a square, a merge a ring around a dot, a head is larger; pending revisions are hollow. */
function node(revision: DocumentRevision, row: number, lane: number, textX: number): string {
  const [id, message, marks] = texts(revision)
  const fill = revision.applied === false ? 'class="node hollow"' : `class="node" fill="${color(lane)}"`
  const look = `${fill} stroke="${color(lane)}"`
  const at = `cx="${String(x(lane))}" cy="${String(y(row))}"`
  const shape = isBase(revision)
    ? `<rect ${look} x="${String(x(lane) - 5)}" y="${String(y(row) - 5)}" width="10" height="10"/>`
    : revision.isMergePoint
      ? `<circle class="node hollow" stroke="${color(lane)}" ${at} r="7"/><circle ${look} ${at} r="2.5"/>`
      : `<circle ${look} ${at} r="${revision.isHead ? '6.5' : '5'}"/>`
  const text = [
    `<tspan class="id"${revision.isHead ? ' font-weight="bold"' : ''}>${escape(id)}</tspan>`,
    ...(message === '' ? [] : [`<tspan class="message">  ${escape(message)}</tspan>`]),
    ...(marks === '' ? [] : [`<tspan class="marks">  ${escape(marks)}</tspan>`]),
  ].join('')
  return `<g>${shape}<text xml:space="preserve" x="${String(textX)}" y="${String(y(row) + 4)}">${text}</text></g>`
}

function texts(revision: DocumentRevision): readonly [id: string, message: string, marks: string] {
  return [revision.revision, messageOf(revision), marksOf(revision).join(' ')]
}

/** Width in cells of a monospaced font; characters of most other scripts than Latin may take two. */
function cells(text: string): number {
  return [...text].reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2), 0)
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
