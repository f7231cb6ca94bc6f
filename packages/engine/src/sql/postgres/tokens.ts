import { Lexer, type Token } from '../lexer'
import { allTokens } from '../tokens'

/** The tokens of a text by PostgreSQL's own rules, spaces and comments too. */
export function tokenize(sql: string): Token[] {
  return allTokens(new Lexer(sql, 'postgres'))
}
