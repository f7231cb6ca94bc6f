import { Lexer, type Token, wordOf } from '../lexer'

export { nameOf, type Token, wordOf } from '../lexer'

/** A row of literals with the comma behind it. No literal repeats into itself, so a long one needs no long way back. */
const literalRow =
  /\s*\(\s*(?:[xX]?'[^']*(?:''[^']*)*'|[+-]?\d+(?:\.\d+)?|null)(?:\s*,\s*(?:[xX]?'[^']*(?:''[^']*)*'|[+-]?\d+(?:\.\d+)?|null))*\s*\)\s*,(?=\s*\()/iy

/**
 * The tokens of a statement without spaces and comments, by SQLite's own rules: what `sqlite_master.sql` keeps is text,
 * and only a lexer distinguishes a comma in a list from one in a literal.
 *
 * @param rows `last` leaves out rows of literals after VALUES that other rows follow: what a statement does can be seen
 *   without a token for each value of a megabyte of them
 */
export function tokenize(sql: string, rows: 'all' | 'last' = 'all'): Token[] {
  const tokens: Token[] = []
  const lexer = new Lexer(sql, 'sqlite')
  for (let token = lexer.next(); token !== undefined; token = lexer.next()) {
    if (token.kind === 'space' || token.kind === 'comment') continue
    tokens.push(token)
    if (rows === 'last' && wordOf(token) === 'VALUES') lexer.skipTo(endOfRows(sql, token.end))
  }
  return tokens
}

function endOfRows(sql: string, start: number): number {
  let at = start
  for (;;) {
    literalRow.lastIndex = at
    if (!literalRow.test(sql)) return at
    at = literalRow.lastIndex
  }
}

/** True for a token that can be an identifier somewhere. */
export function isIdentifier(token: Token | undefined): token is Token {
  return token?.kind === 'word' || token?.kind === 'name'
}

/** SQLite compares names without regard to the case of ASCII letters. */
export function fold(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

export function sameIdentifier(a: string, b: string): boolean {
  return a === b || (a.length === b.length && fold(a) === fold(b))
}
