import type { Cursor } from './cursor'
import { fold, nameOf } from './tokens'

/**
 * What PRAGMA statements do, by https://sqlite.org/pragma.html. A pragma that is in none of these lists is not known:
 * SQLite ignores it, and a library that is built on SQLite may not (`PRAGMA rekey`).
 */

/** Those that only read; what may stand in brackets is what they are asked about. */
const reading = list(
  'collation_list compile_options data_version database_list foreign_key_check foreign_key_list freelist_count ' +
    'function_list index_info index_list index_xinfo integrity_check module_list page_count pragma_list quick_check ' +
    'table_info table_list table_xinfo',
)

/**
 * Those that set something for the session, and read when they are only asked. The database remembers nothing of it.
 * (`temp_store` also clears the temporary tables, which end with the session anyway; no transaction takes it.)
 */
const session = list(
  'analysis_limit automatic_index busy_timeout cache_size cache_spill case_sensitive_like cell_size_check ' +
    'checkpoint_fullfsync count_changes defer_foreign_keys empty_result_callbacks foreign_keys full_column_names fullfsync ' +
    'hard_heap_limit ignore_check_constraints journal_size_limit legacy_alter_table locking_mode max_page_count mmap_size ' +
    'query_only read_uncommitted recursive_triggers reverse_unordered_selects secure_delete short_column_names ' +
    'soft_heap_limit synchronous temp_store temp_store_directory threads trusted_schema wal_autocheckpoint',
)

/** Those that change the file and no row or table in it, and read when they are only asked. */
const writing = list('application_id auto_vacuum default_cache_size encoding journal_mode page_size user_version')

/** Those that change the file and no row or table in it, asked or not: the statistics, the log, free pages. */
const acting = list('incremental_vacuum optimize wal_checkpoint')

/** Dangerous ones that can be asked. */
const dangerous = list('schema_version writable_schema')

/** What a transaction refuses to set, or ignores. */
const outside = list(
  'auto_vacuum incremental_vacuum journal_mode locking_mode page_size synchronous temp_store wal_checkpoint',
)

/** What one PRAGMA does. */
export interface PragmaEffects {
  /** In lower case. */
  readonly name: string
  readonly kind: 'reads' | 'session' | 'writes' | 'unknown'
  /** False: no transaction takes it. `foreign_keys` is ignored in one, which is known and wanted: see `isTransactional`. */
  readonly transactional: boolean
  /** It was given a value. */
  readonly sets: boolean
}

/**
 * Never throws.
 *
 * @param cursor behind the word PRAGMA
 */
export function readPragma(cursor: Cursor): PragmaEffects {
  const [first, second] = [nameAt(cursor), cursor.takeSymbol('.') ? nameAt(cursor) : undefined]
  const name = second ?? first ?? ''
  const sets = ['=', '==', '('].includes(cursor.peek()?.text ?? '')
  const acts = acting.has(name)
  return { name, kind: kindOf(name, sets), transactional: !(outside.has(name) && (sets || acts)), sets }
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
 * True for a pragma whose table (`pragma_table_info`) can be read. SQLite has tables only of pragmas without side effects
 * (https://sqlite.org/pragma.html#pragfunc), and makes one of `optimize` anyway.
 */
export function readsAsTable(name: string): boolean {
  return reading.has(name) || session.has(name) || writing.has(name) || dangerous.has(name)
}

function list(names: string): ReadonlySet<string> {
  return new Set(names.split(' '))
}
