import type { Cursor } from './cursor'
import { fold, nameOf } from './tokens'

/**
 * What PRAGMA statements do: https://sqlite.org/pragma.html. A pragma in none of these lists is unknown: SQLite ignores
 * it, but a library built on SQLite may not (`PRAGMA rekey`).
 */

/** Pragmas that only read; their value names the object to read. */
const reading = list(
  'collation_list compile_options data_version database_list foreign_key_check foreign_key_list freelist_count ' +
    'function_list index_info index_list index_xinfo integrity_check module_list page_count pragma_list quick_check ' +
    'table_info table_list table_xinfo',
)

/**
 * Pragmas that set something for the session, or read it without a value. The file does not change. (`temp_store` also
 * drops the temporary tables, which end with the session anyway; it cannot run in a transaction.)
 */
const session = list(
  'analysis_limit automatic_index busy_timeout cache_size cache_spill case_sensitive_like cell_size_check ' +
    'checkpoint_fullfsync count_changes defer_foreign_keys empty_result_callbacks foreign_keys full_column_names fullfsync ' +
    'hard_heap_limit ignore_check_constraints journal_size_limit legacy_alter_table locking_mode max_page_count mmap_size ' +
    'query_only read_uncommitted recursive_triggers reverse_unordered_selects secure_delete short_column_names ' +
    'soft_heap_limit synchronous temp_store temp_store_directory threads trusted_schema wal_autocheckpoint',
)

/** Pragmas that change the file, but no row or table, or read it without a value. */
const writing = list('application_id auto_vacuum default_cache_size encoding journal_mode page_size user_version')

/** Pragmas that change the file, but no row or table, even without a value: statistics, the log, free pages. */
const acting = list('incremental_vacuum optimize wal_checkpoint')

/** Pragmas that are harmless only without a value. */
const dangerous = list('schema_version writable_schema')

/** Pragmas that a transaction refuses or ignores. */
const outside = list(
  'auto_vacuum incremental_vacuum journal_mode locking_mode page_size synchronous temp_store wal_checkpoint',
)

/** What one PRAGMA does. */
export interface PragmaEffects {
  /** In lower case. */
  readonly name: string
  readonly kind: 'reads' | 'session' | 'writes' | 'unknown'
  /** False if it cannot run in a transaction. `foreign_keys` is ignored in one, as intended: see `isTransactional`. */
  readonly transactional: boolean
  /** It was given a value. */
  readonly sets: boolean
  /** The value, in lower case and without quotes: `on`, `0`. */
  readonly value: string | undefined
}

/**
 * Never throws.
 *
 * @param cursor after the word PRAGMA
 */
export function readPragma(cursor: Cursor): PragmaEffects {
  const [first, second] = [nameAt(cursor), cursor.takeSymbol('.') ? nameAt(cursor) : undefined]
  const name = second ?? first ?? ''
  const sets = ['=', '==', '('].includes(cursor.peek()?.text ?? '')
  const acts = acting.has(name)
  const given = sets ? cursor.peek(1) : undefined
  const value = given === undefined ? undefined : fold(nameOf(given))
  return { name, kind: kindOf(name, sets), transactional: !(outside.has(name) && (sets || acts)), sets, value }
}

function nameAt(cursor: Cursor): string | undefined {
  return ['word', 'name', 'string'].includes(cursor.peek()?.kind ?? '') ? fold(nameOf(cursor.next())) : undefined
}

function kindOf(name: string, sets: boolean): PragmaEffects['kind'] {
  if (reading.has(name)) return 'reads'
  if (acting.has(name)) return 'writes'
  if (name === 'shrink_memory' || name === 'case_sensitive_like') return 'session'
  if (session.has(name)) return sets ? 'session' : 'reads'
  if (writing.has(name)) return sets ? 'writes' : 'reads'
  return dangerous.has(name) && !sets ? 'reads' : 'unknown'
}

/**
 * True for a pragma whose table (`pragma_table_info`) can be read. SQLite has such tables for pragmas without side effects
 * (https://sqlite.org/pragma.html#pragfunc), and for `optimize`, which has some.
 */
export function readsAsTable(name: string): boolean {
  return reading.has(name) || session.has(name) || writing.has(name) || dangerous.has(name)
}

function list(names: string): ReadonlySet<string> {
  return new Set(names.split(' '))
}
