import type { Queryable } from '../queryable'
import { StatementReader } from '../../sql/reader'
import type { Blocker } from '../roles/running'
import { quoteName } from './names'

/** Maximum number of names to look up; the objects that a statement locks are named near its beginning. */
const mostNames = 40

/**
 * The sessions that hold a lock on an object named in a statement. `pg_blocking_pids` reports a statement only while it
 * waits, when its session cannot query: so the locks are read afterwards, on the same session, which needs no second one.
 *
 * @returns strongest lock first, at most five
 */
export async function blockers(database: Queryable, sql: string): Promise<readonly Blocker[]> {
  const reader = new StatementReader(sql.slice(0, 20_000), 'postgres')
  const names = [...new Set(reader.everyName().map(quoteName))].slice(0, mostNames)
  // Statements that change rows are blocked by other writers, never by readers.
  const rows = /^\s*(?:insert|update|delete|merge|select|with)\b/i.test(sql)
  try {
    return (await database.query(
      `WITH named AS (
         SELECT DISTINCT to_regclass(name) AS oid FROM unnest($1::text[]) AS name
       ), wanted AS (
         SELECT oid FROM named WHERE oid IS NOT NULL
         UNION SELECT i.indrelid FROM pg_catalog.pg_index i JOIN named n ON n.oid = i.indexrelid
         UNION SELECT i.indexrelid FROM pg_catalog.pg_index i JOIN named n ON n.oid = i.indrelid
       ), held AS (
         SELECT DISTINCT ON (l.pid) l.pid, l.mode, c.relname,
           array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock',
             'ShareUpdateExclusiveLock', 'RowExclusiveLock', 'RowShareLock', 'AccessShareLock'], l.mode) AS rank
         FROM pg_catalog.pg_locks l JOIN wanted w ON w.oid = l.relation JOIN pg_catalog.pg_class c ON c.oid = l.relation
         WHERE l.granted AND l.pid <> pg_backend_pid() AND l.database = (
           SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()
         ) AND (NOT $2 OR l.mode NOT IN ('AccessShareLock', 'RowShareLock'))
         ORDER BY l.pid, rank
       )
       SELECT h.pid, a.usename::text AS user, nullif(a.application_name, '') AS application, a.state,
         to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
         CASE WHEN a.query = '<insufficient privilege>' THEN NULL
           ELSE left(regexp_replace(a.query, '\\s+', ' ', 'g'), 200) END AS query,
         upper(regexp_replace(replace(h.mode, 'Lock', ''), '([a-z])([A-Z])', '\\1 \\2', 'g')) || ' on ' || quote_ident(h.relname) AS holds
       FROM held h LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = h.pid
       ORDER BY h.rank, a.xact_start LIMIT 5`,
      [names, rows],
    )) as Blocker[]
  } catch {
    // Unknown names do no harm, and a role without the right to look must still see the error of its statement.
    return []
  }
}
