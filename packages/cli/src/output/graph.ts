import { stripVTControlCharacters } from 'node:util'

import type { LaneRow, RevisionInfo } from '@aludel/engine'

import { dateTime } from './format'
import type { Colors } from './output'
import { marks } from './revisions'
import { cut, displayWidth } from './table'

/** So much of a message is worth more than the date. */
const enough = 24

/**
 * Lines of `history --graph`: the lanes, and what `history` says of each revision right beside them.
 *
 * @param width cells of the terminal, so that no line is broken: first the message is cut, then the date goes; null: any
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
    // More lanes or marks than the terminal has room for: still one line each, or nothing would stand below the other.
    if (width === null || displayWidth(line) <= width) return line
    return cut(stripVTControlCharacters(line), width)
  })
}

function revisionText(revision: RevisionInfo, shown: ReadonlySet<string>, colors: Colors, width: number): string {
  // A line of text is one line, whatever a message holds.
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

/** What a revision depends on without a line in the drawing: dependencies are no lanes, and a range shows not every parent. */
function edges({ down, dependsOn }: RevisionInfo, shown: ReadonlySet<string>): string[] {
  const beyond = down.filter((id) => !shown.has(id))
  return [
    ...(beyond.length === 0 ? [] : [`(on ${beyond.join(', ')})`]),
    ...(dependsOn.length === 0 ? [] : [`(depends on ${dependsOn.join(', ')})`]),
  ]
}
