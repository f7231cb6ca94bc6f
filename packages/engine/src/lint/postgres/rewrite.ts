import { wordOf } from '../../sql/lexer'
import { tokenize } from '../../sql/postgres/tokens'

/**
 * The statement with another word after the first `after` in it.
 *
 * @example
 * withWord('CREATE INDEX a ON b (c)', 'INDEX', 'CONCURRENTLY') // 'CREATE INDEX CONCURRENTLY a ON b (c)'
 */
export function withWord(sql: string, after: string, word: string): string {
  const token = tokenize(sql).find((one) => wordOf(one) === after)
  return token === undefined ? sql : `${sql.slice(0, token.end)} ${word}${sql.slice(token.end)}`
}
