/** Its branches exclude each other, so a long literal needs no backtracking. */
const literal = String.raw`(?:[xX]?'[^']*(?:''[^']*)*'|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|null|true|false|default)`

const row = new RegExp(String.raw`\s*\(\s*${literal}(?:\s*,\s*${literal})*\s*\)\s*,(?=\s*\()`, 'iy')

/**
 * Skips rows of literals that another row follows: an INSERT does the same without them, and megabytes of values need
 * not be read.
 *
 * @param start after VALUES
 * @returns where the first row that must be read begins
 */
export function endOfLiteralRows(sql: string, start: number): number {
  row.lastIndex = start
  let end = start
  while (row.test(sql)) end = row.lastIndex
  return end
}
