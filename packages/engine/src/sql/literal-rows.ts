/** Its branches exclude each other, so a long literal needs no backtracking. */
const literal = String.raw`(?:[xX]?'[^']*(?:''[^']*)*'|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|null|true|false|default)`

const row = String.raw`\s*\(\s*${literal}(?:\s*,\s*${literal})*\s*\)`
const onlyRow = new RegExp(row, 'iy')
const followedRow = new RegExp(String.raw`${row}\s*,(?=\s*\()`, 'iy')

/**
 * Skips rows of literals that another row follows: an INSERT does the same without them, and megabytes of values need
 * not be read.
 *
 * @param start after VALUES
 * @returns where the first row that must be read begins
 */
export function endOfLiteralRows(sql: string, start: number): number {
  followedRow.lastIndex = start
  let end = start
  while (followedRow.test(sql)) end = followedRow.lastIndex
  return end
}

/** Where the row of literals at `start` ends; `start` if there is none. */
export function endOfLiteralRow(sql: string, start: number): number {
  onlyRow.lastIndex = start
  return onlyRow.test(sql) ? onlyRow.lastIndex : start
}
