import { Cursor } from './cursor'
import { readPragma } from './pragmas'
import { statementsIn } from './statements'
import type { Token } from './tokens'

/**
 * False for a text that SQLite refuses or ignores inside a transaction, as a whole or in part. True for `PRAGMA
 * foreign_keys`, although a transaction ignores it: a run turns foreign keys off before the transaction and checks them
 * before its end, and outside one a revision that turned them on would make its rebuilds cascade. Never throws.
 *
 * @example
 * isTransactional('PRAGMA journal_mode')       // true: it only reads
 * isTransactional('PRAGMA journal_mode = WAL') // false
 */
export function isTransactional(sql: string): boolean {
  // Most texts have none of these words, and a text with a megabyte of values need not be read.
  return !/vacuum|tach|pragma/i.test(sql) || statementsIn(sql).every((tokens) => takesTransaction(sql, tokens))
}

/** The same for one statement of `sql`. */
export function takesTransaction(sql: string, tokens: readonly Token[]): boolean {
  const cursor = new Cursor(sql, tokens)
  if (cursor.take('EXPLAIN')) {
    cursor.take('QUERY', 'PLAN')
    // SQLite may execute a pragma even after EXPLAIN: https://sqlite.org/pragma.html
    if (!cursor.is('PRAGMA')) return true
  }
  if (cursor.is('VACUUM') || cursor.is('ATTACH') || cursor.is('DETACH')) return false
  return !cursor.take('PRAGMA') || readPragma(cursor).transactional
}
