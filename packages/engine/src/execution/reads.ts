import type { Dialect } from '../dialect/dialect'
import type { EffectsReader } from '../sql/effects'
import { firstWords } from '../sql/text'

/** Tells whether a statement only reads: to execute it again changes nothing. What is not known to is taken to write. */
export type ReadTest = (sql: string) => Promise<boolean>

const words: ReadonlySet<string | undefined> = new Set([
  ...['SELECT', 'WITH', 'VALUES', 'TABLE', 'SHOW', 'EXPLAIN', 'PRAGMA', '('],
])

/**
 * Asks the dialect's reader of effects, which is loaded for the first statement that may be a read.
 *
 * @example
 * const isRead = readTest(postgres)
 * await isRead('SELECT now()')          // true
 * await isRead('SELECT archive_rows()') // false: nobody knows what it does
 */
export function readTest(dialect: Dialect): ReadTest {
  let reader: Promise<EffectsReader> | undefined
  return async (sql) => {
    if (!words.has(firstWords(sql, 1)[0])) return false
    reader ??= dialect.sql.readEffects(() => Promise.resolve(() => undefined))
    return (await reader).read(sql).reads
  }
}
