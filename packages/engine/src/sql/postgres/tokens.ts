import type { Token } from '../lexer'
import { tokenize as tokenizeAs } from '../tokens'

/** All tokens of a text by PostgreSQL's rules, including spaces and comments. */
export function tokenize(sql: string): Token[] {
  return tokenizeAs(sql, 'postgres')
}
