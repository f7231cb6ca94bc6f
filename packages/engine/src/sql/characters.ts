/** Characters of SQL text by their UTF-16 code, and the words that they form. */

export const quote = 0x27
export const doubleQuote = 0x22
export const backtick = 0x60
export const dollar = 0x24
export const dot = 0x2e
export const comma = 0x2c
export const colon = 0x3a
export const minus = 0x2d
export const slash = 0x2f
export const star = 0x2a
export const openBracket = 0x5b
export const closeBracket = 0x5d
export const closeParenthesis = 0x29

/** Classes of ASCII characters. */
const [other, space, letter, digit, mark] = [0, 1, 2, 3, 4]
const classes = Uint8Array.from({ length: 0x80 }, (_, code) => {
  const character = String.fromCharCode(code)
  if (/\s/.test(character)) return space
  if (/[a-z_]/i.test(character)) return letter
  if (/\d/.test(character)) return digit
  return '\'"`[]$-/'.includes(character) ? mark : other
})

/** A byte order mark counts as a space, as in SQLite: it may begin a file. */
export function isSpace(code: number): boolean {
  return classes[code] === space || code === 0xfeff
}

/** Both databases treat every character outside ASCII as a letter. */
export function isLetter(code: number): boolean {
  return code >= 0x80 || classes[code] === letter
}

export function isDigit(code: number): boolean {
  return classes[code] === digit
}

/** True for a character that can begin a string, a quoted name, a comment or a variable. */
export function isMark(code: number): boolean {
  return classes[code] === mark
}

function isWordPart(code: number): boolean {
  return isLetter(code) || isDigit(code) || code === dollar
}

export function endOfWord(sql: string, start: number): number {
  let at = start + 1
  while (isWordPart(sql.charCodeAt(at))) at += 1
  return at
}

/** Where the word that ends at `end` begins, at `from` or later. */
export function startOfWord(sql: string, end: number, from: number): number {
  let at = end
  while (at > from && isWordPart(sql.charCodeAt(at - 1))) at -= 1
  return at
}

/**
 * A name without quotes as both databases compare it: without regard to the case of ASCII letters only.
 *
 * https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS (`downcase_identifier` leaves
 * other letters of a UTF-8 database as they are)
 */
export function lowerAscii(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}
