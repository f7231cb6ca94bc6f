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

/**
 * Cuts cells so that {@link columns} of them are not wider than a terminal, those of the widest columns first.
 *
 * @param rows cells without color codes
 * @param width in cells; null: nothing is cut
 * @param cuttable indexes of the columns that may be cut
 */
export function fit(
  rows: readonly (readonly string[])[],
  width: number | null,
  cuttable: readonly number[],
): readonly (readonly string[])[] {
  const widths: number[] = []
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, displayWidth(cell))
  const used = widths.filter((cell) => cell > 0)
  const total = used.reduce((sum, cell) => sum + cell, 0) + 2 * (used.length - 1)
  if (width === null || total <= width) return rows
  const narrowed = narrow(
    cuttable.map((index) => widths[index] ?? 0),
    total - width,
  )
  const limits = new Map(cuttable.map((index, place) => [index, narrowed[place] ?? 0]))
  return rows.map((row) => row.map((cell, index) => cut(cell, limits.get(index) ?? Infinity)))
}

/** What a cut cell has at least. */
const narrowest = 4

/** Takes cells from the widest columns, until `excess` is taken or all are narrow. */
function narrow(widths: readonly number[], excess: number): number[] {
  const left = [...widths]
  for (let taken = 0; taken < excess; taken += 1) {
    const widest = left.indexOf(Math.max(...left))
    if ((left[widest] ?? 0) <= narrowest) break
    left[widest] = (left[widest] ?? 0) - 1
  }
  return left
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
