import Table from 'cli-table3'

/** No lines between the cells. */
const chars = Object.fromEntries(
  ['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right']
    .concat(['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid', 'middle'])
    .map((name) => [name, '']),
)

/**
 * Prints rows as columns two spaces apart, without lines and colors, which suits logs and `cut`.
 *
 * @param {object} table
 * @param {string[]} [table.head]
 * @param {(string | number)[][]} table.rows
 * @param {('left' | 'right')[]} table.align of each column
 * @param {number[]} [table.widths] of each column; longer cells are wrapped; default: the widest cell
 * @returns {string} without an empty line at its end
 */
export function columns({ head, rows, align, widths }) {
  const table = new Table({
    ...(head && { head }),
    ...(widths && { colWidths: widths.map((width) => width + 2), wordWrap: true }),
    colAligns: align,
    chars,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  })
  table.push(...rows)
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
