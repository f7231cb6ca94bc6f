/**
 * A number that a database has as a text: a number where that is exactly the same, a bigint for larger whole ones, else the text.
 *
 * @example
 * serverNumber('12.50') // 12.5
 * serverNumber('9007199254740993') // 9007199254740993n
 */
export function serverNumber(text: string): number | bigint | string {
  const number = Number(text)
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(number) ? number : BigInt(text)
  if (!/^-?\d+\.\d+$/.test(text)) return Number.isFinite(number) && text.trim() !== '' ? number : text
  return String(number) === text.replace(/\.?0+$/, '') ? number : text
}
