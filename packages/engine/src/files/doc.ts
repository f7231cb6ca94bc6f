/** Any text on one line. */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim()
}

/** One line of text as it may stand in a doc comment: it ends no comment and begins no tag. */
export function escapeDoc(line: string): string {
  return line.replace(/\*(\\*)\//g, '*\\$1/').replace(/^(\\*)@/, '\\$1@')
}

/** What {@link escapeDoc} was given. */
export function unescapeDoc(line: string): string {
  return line.replace(/^\\(\\*)@/, '$1@').replace(/\*\\(\\*)\//g, '*$1/')
}

/** A comment of a source file, without its delimiters. */
export interface Comment {
  readonly type: string
  readonly value: string
  readonly start: number
  readonly end: number
}

/** First line of the doc comment that stands right before `start`, without tags. */
export function docBefore(text: string, comments: readonly Comment[], start: number): string | undefined {
  const comment = comments.findLast(({ end }) => end <= start)
  if (comment?.type !== 'Block' || !comment.value.startsWith('*') || text.slice(comment.end, start).trim() !== '') {
    return undefined
  }
  const line = comment.value
    .split('\n')
    .map((one) => one.replace(/^\s*\*+/, '').trim())
    .find((one) => one !== '' && !one.startsWith('@'))
  return line === undefined ? undefined : unescapeDoc(line)
}
