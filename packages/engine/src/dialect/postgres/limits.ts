import type { Queryable } from '../queryable'
import type { StatementLimits } from '../roles/running'

/**
 * How often the server checks during a statement that its client is still connected. Otherwise the session of a killed
 * process keeps its statement, its locks and the migration lock until the statement ends.
 * https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-CLIENT-CONNECTION-CHECK-INTERVAL
 */
const connectionCheck = '2s'

/** Sets the given limits, with `SET LOCAL` in a transaction, so that nothing is left on a pooled connection. */
export async function limit(
  database: Queryable,
  { lockTimeoutMs, statementTimeoutMs }: StatementLimits,
  scope: 'transaction' | 'session',
): Promise<() => Promise<void>> {
  const wanted: [string, string][] = []
  if (lockTimeoutMs !== undefined) wanted.push(['lock_timeout', String(lockTimeoutMs)])
  if (statementTimeoutMs !== undefined) wanted.push(['statement_timeout', String(statementTimeoutMs)])
  if (await canCheckConnection(database)) wanted.push(['client_connection_check_interval', connectionCheck])
  if (wanted.length === 0) return () => Promise.resolve()
  const names = wanted.map(([name]) => name)
  const before = scope === 'session' ? await currentValues(database, names) : []
  await setAll(database, wanted, scope === 'transaction')
  return async () => {
    try {
      if (before.length > 0) await setAll(database, before, false)
    } catch {
      // A session that has ended has no settings to restore.
    }
  }
}

async function currentValues(database: Queryable, names: readonly string[]): Promise<[string, string][]> {
  const columns = names.map((_, index) => `current_setting($${String(index + 1)}) AS "${String(index)}"`)
  const [row] = (await database.query(`SELECT ${columns.join(', ')}`, [...names])) as Record<string, string>[]
  return names.map((name, index) => [name, row?.[String(index)] ?? ''])
}

async function setAll(database: Queryable, values: readonly [string, string][], local: boolean): Promise<void> {
  const calls = values.map(
    (_, index) => `set_config($${String(2 * index + 1)}, $${String(2 * index + 2)}, ${String(local)})`,
  )
  await database.query(`SELECT ${calls.join(', ')}`, values.flat())
}

/** By session object: a server does not change while it is connected. */
const checked = new WeakMap<Queryable, boolean>()

/** Asks what {@link limit} must know of a server, once for a session: statements of a flight get no answer. */
export async function knowLimits(database: Queryable): Promise<void> {
  await canCheckConnection(database)
}

/** Since PostgreSQL 14, on operating systems that report a closed connection (Linux, macOS, BSD; not Windows). */
async function canCheckConnection(database: Queryable): Promise<boolean> {
  const known = checked.get(database)
  if (known !== undefined) return known
  const [row] = (await database.query(
    `SELECT current_setting('server_version_num')::int >= 140000
       AND version() ~* 'linux|darwin|apple|freebsd|openbsd|netbsd' AS can`,
  )) as { can: boolean }[]
  checked.set(database, row?.can === true)
  return row?.can === true
}
