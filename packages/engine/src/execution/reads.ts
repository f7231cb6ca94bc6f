import type { Dialect } from '../dialect/dialect'
import type { EffectsReader } from '../sql/effects'
import { firstWords } from '../sql/text'

/** Whether a statement only reads, so that executing it again changes nothing. False if that is not known. */
export type ReadTest = (sql: string) => Promise<boolean>

const words: ReadonlySet<string | undefined> = new Set([
  ...['SELECT', 'WITH', 'VALUES', 'TABLE', 'SHOW', 'EXPLAIN', 'PRAGMA', '('],
])

/**
 * A test that uses the dialect's reader of effects, which is loaded for the first statement that may be a read.
 *
 * @example
 * const isRead = readTest(postgres)
 * await isRead('SELECT now()')          // true
 * await isRead('SELECT archive_rows()') // false: the function may do anything
 */
export function readTest(dialect: Dialect): ReadTest {
  let reader: Promise<EffectsReader> | undefined
  return async (sql) => {
    if (!words.has(firstWords(sql, 1)[0])) return false
    reader ??= dialect.sql.readEffects(() => Promise.resolve(() => undefined))
    return (await reader).read(sql).reads
  }
}
