import type { FuncCall } from 'libpg-query' with { 'resolution-mode': 'import' }

import type { Collector, Kind } from './collector'
import { stableFunctions } from './function-names'
import { displayParts, stringsOf, textOf } from './nodes'

/** VOLATILE functions of pg_catalog that change nothing: clocks, random values, sizes, the state of the server. */
const volatileReaders = new Set(
  (
    'amvalidate array_sample array_shuffle clock_timestamp current_query currval gen_random_uuid lastval ' +
    'pg_blocking_pids pg_collation_actual_version pg_current_wal_flush_lsn pg_current_wal_insert_lsn pg_current_wal_lsn ' +
    'pg_database_collation_actual_version pg_database_size pg_indexes_size pg_is_in_recovery pg_jit_available ' +
    'pg_last_committed_xact pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp pg_lock_status ' +
    'pg_notification_queue_usage pg_partition_ancestors pg_partition_tree pg_relation_size ' +
    'pg_safe_snapshot_blocking_pids pg_sequence_last_value pg_sleep pg_sleep_for pg_sleep_until pg_table_size ' +
    'pg_tablespace_size pg_total_relation_size pg_xact_commit_timestamp pg_xact_status random random_normal timeofday ' +
    'timezone txid_current txid_status uuidv4 uuidv7'
  ).split(' '),
)

/** Functions that affect only the session or listeners: settings, seeds, advisory locks, notifications. */
const sessionFunctions = new Set(
  (
    'pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared ' +
    'pg_advisory_xact_lock pg_advisory_xact_lock_shared pg_notify pg_try_advisory_lock pg_try_advisory_lock_shared ' +
    'pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared set_config setseed'
  ).split(' '),
)

/** Functions that move a sequence. Its position is not a row. */
const sequenceFunctions = new Set(['nextval', 'setval'])

/**
 * Functions of the extension uuid-ossp, in any schema: TypeORM writes `DEFAULT uuid_generate_v4()` for generated uuid
 * columns. https://www.postgresql.org/docs/current/uuid-ossp.html
 */
const extensionReaders = new Set(['v1', 'v1mc', 'v3', 'v4', 'v5'].map((version) => `uuid_generate_${version}`))

/**
 * What a call does. A name without a schema belongs to pg_catalog unless the search path puts another schema first. A
 * function with the same name and other argument types in another schema is not distinguished.
 */
export function kindOfCall(parts: readonly string[], catalogComesFirst: boolean): Kind | 'unknown' {
  const name = parts.at(-1) ?? ''
  if (extensionReaders.has(name)) return 'reads'
  const isOfCatalog = parts.length > 1 ? parts.at(-2) === 'pg_catalog' : catalogComesFirst
  if (!isOfCatalog) return 'unknown'
  if (stableFunctions.has(name) || volatileReaders.has(name)) return 'reads'
  if (sessionFunctions.has(name)) return 'session'
  return sequenceFunctions.has(name) ? 'writes' : 'unknown'
}

/** True unless the function is known to return the same for every row, so that a default is computed once. */
export function mayBeVolatile(parts: readonly string[]): boolean {
  const isOfCatalog = parts.length < 2 || parts.at(-2) === 'pg_catalog'
  const name = parts.at(-1) ?? ''
  // AT TIME ZONE: only the overload for `time with time zone` is VOLATILE, and only in old versions.
  return !isOfCatalog || (!stableFunctions.has(name) && name !== 'timezone')
}

/** True if the function is known to return another value for each row, so that a default is computed for every row. */
export function isKnownVolatile(parts: readonly string[]): boolean {
  const name = parts.at(-1) ?? ''
  if (parts.length > 1 && parts.at(-2) !== 'pg_catalog') return extensionReaders.has(name)
  return extensionReaders.has(name) || volatileReaders.has(name) || sequenceFunctions.has(name)
}

export function readCall(call: FuncCall, at: Collector): void {
  const parts = stringsOf(call.funcname)
  const kind = kindOfCall(parts, at.memory.catalogComesFirst)
  if (kind === 'unknown') at.doesUnknown(`calls a function that is not known: ${displayName(parts)}()`)
  else at.is(kind)
  if (parts.at(-1) === 'set_config') setConfig(call, at)
}

/** Keeps the schema in `public.f`: it is the reason why the function is not known. */
function displayName(parts: readonly string[]): string {
  return parts[0] === 'pg_catalog' ? displayParts(parts.slice(1)) : parts.join('.')
}

function setConfig({ args }: FuncCall, at: Collector): void {
  const setting = textOf(args?.[0])
  if (setting !== null && setting.toLowerCase() !== 'search_path') return
  const path = textOf(args?.[1])
  at.memory.losePath(path === null || path.includes('pg_catalog'))
}
