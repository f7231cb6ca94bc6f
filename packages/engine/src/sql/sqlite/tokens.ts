import { lowerAscii } from '../characters'
import { Lexer, nameOf, type Token, wordOf } from '../lexer'
import { endOfLiteralRows } from '../literal-rows'

export { nameOf, type Token, wordOf } from '../lexer'

/**
 * The tokens of a statement by SQLite's rules, without spaces and comments.
 *
 * @param rows `last` omits rows of literals after VALUES that other rows follow. The last row shows what the statement
 *   does, without a token for each value of a megabyte of them.
 */
export function tokenize(sql: string, rows: 'all' | 'last' = 'all'): Token[] {
  const tokens: Token[] = []
  const lexer = new Lexer(sql, 'sqlite')
  for (let token = lexer.nextCode(); token !== undefined; token = lexer.nextCode()) {
    tokens.push(token)
    if (rows === 'last' && wordOf(token) === 'VALUES') lexer.skipTo(endOfLiteralRows(sql, token.end))
  }
  return tokens
}

/** True for a token that can be an identifier somewhere. */
export function isIdentifier(token: Token | undefined): token is Token {
  return token?.kind === 'word' || token?.kind === 'name'
}

/** SQLite compares names without regard to the case of ASCII letters. */
export const fold = lowerAscii

export function sameIdentifier(a: string, b: string): boolean {
  return a === b || (a.length === b.length && fold(a) === fold(b))
}

/** A collation's name; SQLite's own in capitals. */
export function collationName(token: Token): string {
  const name = nameOf(token)
  return ['BINARY', 'NOCASE', 'RTRIM'].find((own) => own === name.toUpperCase()) ?? name
}
