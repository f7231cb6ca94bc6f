/** Any text on one line. */
export function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim()
}

/** Escapes one line of text for a doc comment: it must not end the comment or start a tag. */
export function escapeDoc(line: string): string {
  return line.replace(/\*(\\*)\//g, '*\\$1/').replace(/^(\\*)@/, '\\$1@')
}

/** Reverses {@link escapeDoc}. */
function unescapeDoc(line: string): string {
  return line.replace(/^\\(\\*)@/, '$1@').replace(/\*\\(\\*)\//g, '*$1/')
}

/** A comment of a source file, without its delimiters. */
interface Comment {
  readonly type: string
  readonly value: string
  readonly start: number
  readonly end: number
}

/** First line, without tags, of the doc comment directly before `start`. */
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
