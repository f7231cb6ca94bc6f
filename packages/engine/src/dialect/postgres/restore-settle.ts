import type { Queryable } from '../queryable'
import { text } from './literal'
import { leaseTableName } from './lock-key'
import { quote } from './names'

async function tablesNamed(database: Queryable, name: string): Promise<readonly { readonly schema: string }[]> {
  return (await database.query(
    `SELECT n.nspname::text AS schema FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relname = $1 AND c.relkind = 'r' AND n.nspname !~ '^pg_' ORDER BY 1`,
    [name],
  )) as { schema: string }[]
}

/**
 * Ends what was at work when the backup was made: its leases, and its runs in the journals. How far a run came stays there: its
 * statements are in the backup, and a run that resumes must not execute them again.
 */
export async function settle(database: Queryable, journalName: string): Promise<void> {
  for (const { schema } of await tablesNamed(database, journalName)) {
    await database.query(
      `UPDATE ${quote(schema)}.${quote(journalName)} SET "outcome" = 'failed', "error" = ${text('the backup was made while this run was at work')}
       WHERE "outcome" = 'running'`,
    )
  }
  for (const { schema } of await tablesNamed(database, leaseTableName)) {
    await database.query(
      `UPDATE ${quote(schema)}.${quote(leaseTableName)} SET "owner" = NULL, "pid" = NULL, "run_id" = NULL, "expires_at" = clock_timestamp()
       WHERE "run_id" IS NOT NULL`,
    )
  }
}

/** A row of a table of leases. */
interface Lease {
  readonly schema: string
  readonly key: string
  /** bigint, as text */
  readonly token: string
}

/** The leases of all schemas. */
export async function leasesOf(database: Queryable): Promise<readonly Lease[]> {
  const leases: Lease[] = []
  for (const { schema } of await tablesNamed(database, leaseTableName)) {
    const rows = (await database.query(
      `SELECT "key", "token"::text AS token FROM ${quote(schema)}.${quote(leaseTableName)}`,
    )) as Omit<Lease, 'schema'>[]
    leases.push(...rows.map((row) => ({ schema, ...row })))
  }
  return leases
}

/**
 * Makes the next lease of a restored database have a greater number than any that was given out before: a stopped run that comes
 * back with an old one must not take a new lease for its own.
 *
 * @param leases those of the database that is replaced
 */
export async function raiseTokens(database: Queryable, leases: readonly Lease[]): Promise<void> {
  const there = new Set((await tablesNamed(database, leaseTableName)).map(({ schema }) => schema))
  for (const { schema, key, token } of leases.filter((lease) => there.has(lease.schema))) {
    await database.query(
      `INSERT INTO ${quote(schema)}.${quote(leaseTableName)} AS l ("key", "expires_at", "token") VALUES ($1, clock_timestamp(), $2::bigint + 1)
       ON CONFLICT ("key") DO UPDATE SET "token" = greatest(l."token", $2::bigint) + 1`,
      [key, token],
    )
  }
}
