/**
 * Columns two spaces apart, without lines: easy to read in a log, and to process with `cut`.
 * (cli-table3 needs a third of a second for the history of a thousand revisions.)
 *
 * @param rows cells, which may contain color codes; empty columns are left out
 * @param align per column. Default is left.
 */
export function columns(rows: readonly (readonly string[])[], align: readonly ('left' | 'right')[] = []): string[] {
  const own = rows.map((row) => row.map(displayWidth))
  const widths: number[] = []
  for (const row of own) {
    for (const [index, width] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width)
  }
  return rows.map((row, line) =>
    row
      .map((cell, index) => {
        const padding = ' '.repeat((widths[index] ?? 0) - (own[line]?.[index] ?? 0))
        return align[index] === 'right' ? padding + cell : cell + padding
      })
      .filter((_, index) => widths[index] !== 0)
      .join('  ')
      .trimEnd(),
  )
}

// eslint-disable-next-line no-control-regex -- the color codes of a terminal start with a control character
const colorCode = /\x1b\[[0-9;]*m/g
const combining = /\p{M}|\u200d/gu
/** Characters that terminals draw two cells wide: CJK, Hangul, full-width forms, emoji. */
const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}]/gu

/** Width of a text in cells of a terminal. */
export function displayWidth(text: string): number {
  // Fast path for printable ASCII.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  const visible = text.replace(colorCode, '').replace(combining, '')
  return [...visible].length + (visible.match(wide)?.length ?? 0)
}

/** Truncates a text without color codes to a width, with `…` at the end. */
export function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  let fitting = ''
  let taken = 1
  for (const character of text) {
    taken += displayWidth(character)
    if (taken > width) break
    fitting += character
  }
  return width < 1 ? '' : `${fitting.trimEnd()}…`
}
