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
    reader ??= dialect.sql.readEffects()
    return (await reader).read(sql).reads
  }
}

/** Names of catalogs, in which a statement reads the schema and no rows: those of all databases. */
const catalog = /^"?(?:sqlite_|pragma_|information_schema\b|pg_|typeorm_metadata\b)/i

/**
 * Whether a statement that only reads may return rows of tables, and not only what the catalog knows about them.
 *
 * @example
 * readsRows('SELECT "id" FROM "roles"')        // true
 * readsRows('SELECT name FROM sqlite_master')  // false
 */
export function readsRows(sql: string): boolean {
  const sources = [...sql.matchAll(/\b(?:FROM|JOIN|TABLE)\s+([^\s(),;]+)(\s*\()?/gi)]
  return sources.some(([, name = '', call]) => call === undefined && !catalog.test(name))
}
