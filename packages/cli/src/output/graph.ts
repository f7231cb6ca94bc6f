import { stripVTControlCharacters } from 'node:util'

import type { LaneRow, RevisionInfo } from '@aludel/engine'

import { dateTime } from './format'
import type { Colors } from './output'
import { marks } from './revisions'
import { cut, displayWidth } from './table'

/** Cells of a message that are more important than the date. */
const enough = 24

/**
 * Lines of `history --graph`: the lanes, and each revision as in `history`.
 *
 * @param width of the terminal in cells: longer lines lose the date, then the end of the message; null: no limit
 */
export function graphLines(
  rows: readonly LaneRow<RevisionInfo>[],
  colors: Colors,
  width: number | null = null,
): string[] {
  const shown = new Set(rows.flatMap(({ revision }) => revision?.revision ?? []))
  return rows.map(({ drawing, width: lanes, revision }) => {
    const line =
      revision === null
        ? drawing
        : drawing.padEnd(lanes) + revisionText(revision, shown, colors, width === null ? Infinity : width - lanes)
    // Lanes and marks that do not fit are cut, too: a wrapped line would break the drawing.
    if (width === null || displayWidth(line) <= width) return line
    return cut(stripVTControlCharacters(line), width)
  })
}

function revisionText(revision: RevisionInfo, shown: ReadonlySet<string>, colors: Colors, width: number): string {
  // A message may contain line breaks.
  const message = revision.message.replace(/\s+/gu, ' ')
  const parts = [
    ...marks(revision, colors, 'drawn'),
    ...edges(revision, shown),
    ...revision.branchLabels.map(colors.magenta),
  ]
  const after = parts.length === 0 ? '' : `  ${parts.join(' ')}`
  const date = `  ${dateTime(revision.createdAt)}`
  const fixed = displayWidth(revision.revision) + 2 + displayWidth(after)
  const room = width - fixed
  const dated = room - date.length >= Math.min(displayWidth(message), enough)
  const text = cut(message, dated ? room - date.length : room)
  return `${colors.yellow(revision.revision)}  ${text}${dated ? colors.dim(date) : ''}${after}`
}

/** Edges that are not drawn: dependencies, and parents outside the range. */
function edges({ down, dependsOn }: RevisionInfo, shown: ReadonlySet<string>): string[] {
  const beyond = down.filter((id) => !shown.has(id))
  return [
    ...(beyond.length === 0 ? [] : [`(on ${beyond.join(', ')})`]),
    ...(dependsOn.length === 0 ? [] : [`(depends on ${dependsOn.join(', ')})`]),
  ]
}
