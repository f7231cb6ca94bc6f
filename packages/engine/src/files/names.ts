// cspell:ignore grosse
import { randomBytes } from 'node:crypto'

/** Cuts a text to `length` characters, at the end of a word where possible. */
function shorten(text: string, length: number, separator: string): string {
  if (text.length <= length) return text
  // Never within a surrogate pair.
  const cut = text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')
  const end = text.startsWith(separator, cut.length) ? cut.length : cut.lastIndexOf(separator)
  return end > length / 2 ? cut.slice(0, end) : cut
}

/**
 * A message as part of a file name: lower case, words joined by `-`, at most 60 characters, never empty.
 * Accents of Latin letters are removed; letters of other scripts stay.
 *
 * @example
 * slugify('Größe & "unit" of assets') // 'grosse-unit-of-assets'
 */
export function slugify(message: string): string {
  const words = withoutAccents(message)
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^[-\p{M}]+|-+$/gu, '')
  // Some file systems count 255 bytes for the whole name.
  let slug = shorten(words, 60, '-')
  while (Buffer.byteLength(slug) > 180) slug = slug.slice(0, -1).replace(/[\uD800-\uDBFF]$/, '')
  return slug === '' ? 'revision' : slug.replace(/-+$/, '')
}

/**
 * A message as the name of a migration class, ending in the timestamp that TypeORM requires. It has only ASCII letters and
 * digits: compilers do not agree which others a name may contain, and the name is stored in the database.
 *
 * @param timestamp milliseconds since the epoch, 13 digits
 * @example
 * classNameFor('add 2fa to users', 1763750000000) // 'Add2faToUsers1763750000000'
 * classNameFor('2fa', 1763750000000) // 'Revision2fa1763750000000'
 */
export function classNameFor(message: string, timestamp: number): string {
  const words = withoutAccents(message)
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
  const name = shorten(words.join(' '), 80, ' ').replaceAll(' ', '')
  return `${/^[A-Z]/.test(name) ? '' : 'Revision'}${name}${timestamp}`
}

function withoutAccents(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/(\p{Script=Latin})\p{M}+/gu, '$1')
    .replace(/ß/g, 'ss')
}

/** A new revision id: 12 random hex digits. */
export function newRevisionId(): string {
  return randomBytes(6).toString('hex')
}
