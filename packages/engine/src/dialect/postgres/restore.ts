import { stat } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm'

import { AludelError, isAludelError } from '../../errors'
import { constructDataSource } from '../driver-error'
import type { Queryable } from '../queryable'
import type { CopiedTable } from '../roles/backup'
import type { Lock } from '../roles/locks'
import type { ConnectedSession, RestoreLeftover, Restoring, RestoreOptions } from '../roles/restore'
import { keyOf } from './backup-archive'
import { countRows, type DatabaseSettings, describeBackup, dumpedTables } from './backup-catalog'
import { targetOf } from './connection'
import { errorText, sqlStateOf } from './errors'
import { lockHolder } from './holder'
import { journal } from './journal'
import { leaseTableName } from './lock-key'
import { lock } from './lock'
import { text } from './literal'
import { quote } from './names'
import { majorOf, restoreArchive, restoreTools, rolesOfArchive } from './restore-archive'
import { keptName, leftoverKind, restoringName } from './restore-names'
import { lockRestore, openMaintenance, openTarget, restoreIsAtWork, type Target, usersOf } from './restore-server'
import { createDatabase, rolesOfSettings, settingStatements } from './restore-settings'
import { connected, connectedError, swapNames } from './restore-swap'
import { adminOptions, type Connection, templateConnection, toDatabase } from './shadow-options'

/** `insufficient_privilege` */
const forbidden = '42501'

/** Milliseconds in which sessions may leave before a restore is refused, and between two looks at them. */
const leavePatience = 2000
const leaveInterval = 100

/** Milliseconds between two proofs that the migration lock is still held, and two looks at the size of the new database. */
const checkInterval = 5000
const progressInterval = 500

/**
 * See `RestoreRole.open`. The sessions: one on the database, which has the migration lock; and some on another database, from which
 * databases are created, renamed and dropped.
 */
export async function openRestore(options: RestoreOptions): Promise<Restoring> {
  const { template } = options
  const connection = templateConnection(template)
  if (connection === undefined) throw new AludelError('ALUDEL_INTERNAL', 'this is not a PostgreSQL connection')
  const target = await openTarget(template, connection)
  const opened: Opened = { options, connection, target }
  try {
    return await begin(opened)
  } catch (error) {
    await opened.lock?.release()
    await opened.admin?.destroy().catch(() => undefined)
    if (target.state === 'open') await target.dataSource.destroy().catch(() => undefined)
    throw error
  }
}

interface Opened {
  readonly options: RestoreOptions
  readonly connection: Connection
  readonly target: Target
  lock?: Lock
  admin?: DataSource
}

async function begin(opened: Opened): Promise<Restoring> {
  const { options, connection, target } = opened
  const { template } = options
  const work = target.state === 'open' ? target.dataSource.createQueryRunner() : undefined
  await work?.connect()
  const name = await nameIn(work, template)
  const others = work === undefined ? [] : await otherDatabases(work)
  const admin = await openMaintenance(template, connection, { not: name, others, wanted: options.maintenanceDatabase })
  opened.admin = admin
  const session = admin.createQueryRunner()
  await lockRestore(session, name)
  await requireRights(session, name)
  if (work !== undefined) {
    opened.lock = await lock(work, { ...options.lock, key: await journal.locate(work, options.lock.key) })
  }
  const names = await databaseNames(session)
  const removed: string[] = []
  for (const one of names.filter((other) => leftoverKind(other, name) === 'unfinished')) {
    // A program of the killed restore may still be at work in it.
    await session.query(`DROP DATABASE IF EXISTS ${quote(one)} WITH (FORCE)`)
    removed.push(one)
  }
  const exists = target.state !== 'missing'
  const kept = exists ? keptName(name, options.backup.id, new Set(names)) : null
  const { dataSource, application } =
    target.state === 'open' ? target : { dataSource: undefined, application: undefined }
  return new DatabaseRestore(options, connection, {
    ...{ name, exists, kept, removed, admin, session, work, dataSource, application },
    lock: opened.lock,
  })
}

async function nameIn(work: QueryRunner | undefined, template: DataSource): Promise<string> {
  if (work === undefined) return nameOf(template.options) ?? ''
  const [row] = (await work.query('SELECT current_database()::text AS name')) as { name: string }[]
  return row?.name ?? ''
}

/** See `RestoreRole.nameOf`. */
export function nameOf(options: DataSourceOptions): string | undefined {
  const { database, user } = targetOf(options)
  return database ?? user
}

async function otherDatabases(work: Queryable): Promise<readonly string[]> {
  const rows = (await work.query(
    `SELECT datname::text AS name FROM pg_catalog.pg_database
     WHERE datallowconn AND datname <> current_database() AND has_database_privilege(oid, 'CONNECT') ORDER BY datistemplate, 1 LIMIT 20`,
  )) as { name: string }[]
  return rows.map(({ name }) => name)
}

async function databaseNames(admin: Queryable): Promise<readonly string[]> {
  const rows = (await admin.query('SELECT datname::text AS name FROM pg_catalog.pg_database')) as { name: string }[]
  return rows.map(({ name }) => name)
}

/**
 * Whoever renames a database must own it, and may create others.
 *
 * @throws AludelError `ALUDEL_PERMISSION`
 */
async function requireRights(admin: Queryable, database: string): Promise<void> {
  const [row] = (await admin.query(
    `SELECT r.rolname::text AS role, r.rolcreatedb OR r.rolsuper AS creates, d.owner,
       r.rolsuper OR d.datdba IS NULL OR pg_has_role(d.datdba, 'USAGE') AS owns
     FROM pg_catalog.pg_roles r LEFT JOIN (SELECT datdba, pg_get_userbyid(datdba)::text AS owner FROM pg_catalog.pg_database WHERE datname = $1) d ON true
     WHERE r.rolname = current_user`,
    [database],
  )) as { role: string; creates: boolean; owner: string | null; owns: boolean }[]
  if (row === undefined || (row.creates && row.owns)) return
  const grants = [
    ...(row.creates ? [] : [`ALTER ROLE ${quote(row.role)} CREATEDB`]),
    ...(row.owns ? [] : [`GRANT ${quote(row.owner ?? '')} TO ${quote(row.role)}`]),
  ]
  const lacks = [
    ...(row.creates ? [] : ['may not create databases']),
    ...(row.owns ? [] : [`does not own "${database}"`]),
  ]
  throw new AludelError(
    'ALUDEL_PERMISSION',
    `the role ${row.role} ${lacks.join(' and ')}: it cannot restore a database`,
    {
      help: [
        'Nothing was changed. Restore as another role, or grant:',
        ...grants.map((grant) => `  ${grant};`),
        'A backup of tables can be restored without these rights.',
      ].join('\n'),
      details: { role: row.role, database, grants },
    },
  )
}

interface Parts {
  readonly name: string
  readonly exists: boolean
  readonly kept: string | null
  readonly removed: readonly string[]
  readonly admin: DataSource
  /** A session on another database, which keeps other restores out. */
  readonly session: QueryRunner
  /** Null for a database that is missing, or accepts no connections. */
  readonly work: QueryRunner | undefined
  readonly dataSource: DataSource | undefined
  /** The name of its sessions. */
  readonly application: string | undefined
  readonly lock: Lock | undefined
}

/**
 * Replaces a database by one into which a backup was restored. Both get their new names in one transaction, so that there is a
 * whole database under the name at every moment.
 */
class DatabaseRestore implements Restoring {
  readonly name: string
  readonly exists: boolean
  readonly kept: string | null
  readonly removed: readonly string[]
  readonly #options: RestoreOptions
  readonly #connection: Connection
  readonly #parts: Parts
  /** The database into which the backup is restored. */
  readonly #fresh: string
  #created = false
  #released = false

  constructor(options: RestoreOptions, connection: Connection, parts: Parts) {
    const { name, exists, kept, removed } = parts
    this.name = name
    this.exists = exists
    this.kept = options.keep ? kept : null
    this.removed = removed
    this.#options = options
    this.#connection = connection
    this.#parts = parts
    this.#fresh = restoringName(name, options.backup.id)
  }

  async rows(): Promise<readonly CopiedTable[] | null> {
    const { work } = this.#parts
    return work === undefined ? null : rowsOf(work)
  }

  async others(): Promise<readonly ConnectedSession[]> {
    const { session, work, application } = this.#parts
    const holder = work === undefined ? null : await lockHolder(work, await this.#lockKey(work))
    const started = performance.now()
    const { disconnect } = this.#options
    for (;;) {
      const others = connected(await usersOf(session, this.name, { application, lock: holder?.session }))
      if (others.length === 0 || (disconnect && others.every(({ canBeEnded }) => canBeEnded))) return others
      // The server needs a moment to notice that a client has gone.
      if (performance.now() - started > leavePatience) throw connectedError(this.name, others)
      await wait(leaveInterval)
    }
  }

  #lockKey(work: Queryable): Promise<string> {
    return journal.locate(work, this.#options.lock.key)
  }

  async load(): Promise<void> {
    const { backup, signal } = this.#options
    const guard = this.#guardLock()
    try {
      await this.#restore(guard.signal)
    } catch (error) {
      signal?.throwIfAborted()
      guard.signal.throwIfAborted()
      if (isAludelError(error)) throw error
      throw new AludelError(
        'ALUDEL_RESTORE',
        `${JSON.stringify(backup.file)} cannot be restored: ${errorText(error)}`,
        {
          help:
            sqlStateOf(error) === forbidden
              ? 'Nothing was changed. Restore as a role that may set its owner and rights, or without them: --no-owner'
              : 'Nothing was changed.',
          details: { path: backup.file },
          cause: error,
        },
      )
    } finally {
      guard.stop()
    }
  }

  /** Stops when the lock is lost: another migrator may be at work on the old database then. */
  #guardLock(): { readonly signal: AbortSignal; stop(): void } {
    const { lock: held } = this.#parts
    const controller = new AbortController()
    const timer = setInterval(() => {
      held?.check().catch((error: unknown) => {
        controller.abort(error)
      })
    }, checkInterval)
    timer.unref()
    const { signal } = this.#options
    return {
      signal: signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]),
      stop: () => clearInterval(timer),
    }
  }

  async #restore(signal: AbortSignal): Promise<void> {
    const { backup, withOwners, warn, onProgress } = this.#options
    const { session } = this.#parts
    await stat(backup.file)
    const version = await versionOf(session)
    const tools = await restoreTools(majorOf(backup.made?.program), Math.trunc(version / 10000), this.#options.tools)
    const settings = await this.#settings()
    const archive = { tools, file: backup.file, withOwners, signal }
    const roles = [...(withOwners ? rolesOfSettings(settings) : []), ...(await rolesOfArchive(archive))]
    await requireRoles(session, backup.file, roles)
    const hasTablespace = await tablespaceExists(session, settings.tablespace)
    if (!hasTablespace) warn(`the tablespace ${settings.tablespace ?? ''} does not exist here; the default one is used`)

    await session.query(createDatabase(this.#fresh, settings, { version, hasTablespace, withOwner: withOwners }))
    this.#created = true
    const report = setInterval(() => void this.#reportSize(), progressInterval)
    try {
      await restoreArchive(session, this.#fresh, archive)
    } finally {
      clearInterval(report)
    }
    signal.throwIfAborted()
    onProgress({ phase: 'verify', bytes: 0, total: null })
    await this.within((database) => this.#verify(database))
    signal.throwIfAborted()
    for (const sql of await settingStatements(session, this.#fresh, settings, withOwners)) await session.query(sql)
  }

  /** Those of the backup; of a file that was not made by Aludel, those of the database that it replaces. */
  async #settings(): Promise<Partial<DatabaseSettings>> {
    const { made } = this.#options.backup
    if (made !== undefined) return made.settings as Partial<DatabaseSettings>
    const { work } = this.#parts
    return work === undefined ? {} : ((await describeBackup(work)).settings as unknown as DatabaseSettings)
  }

  async #reportSize(): Promise<void> {
    try {
      const [row] = await this.#parts.admin.query<{ bytes: string }[]>(
        'SELECT pg_database_size($1::name)::text AS bytes',
        [this.#fresh],
      )
      this.#options.onProgress({ phase: 'copy', bytes: Number(row?.bytes), total: null })
    } catch {
      // It is only information.
    }
  }

  async #verify(database: Queryable): Promise<void> {
    const { backup } = this.#options
    const found = new Map((await rowsOf(database)).map((table) => [keyOf(table), table.rows]))
    for (const table of backup.made?.tables ?? []) {
      const rows = found.get(keyOf(table))
      if (rows === table.rows) continue
      throw new AludelError(
        'ALUDEL_RESTORE',
        `${JSON.stringify(backup.file)} was restored with ${rows === undefined ? 'no' : String(rows)} rows of ${keyOf(table)} instead of ${String(table.rows)}`,
        { help: 'Nothing was changed. Choose another backup: aludel backup list', details: { path: backup.file } },
      )
    }
    await settle(database, this.#options.journal)
    // A dump has no statistics, and the first queries would be planned without them.
    await database.query('ANALYZE').catch(() => undefined)
  }

  async within<Result>(work: (database: Queryable) => Promise<Result>): Promise<Result> {
    const options = adminOptions(toDatabase(this.#connection, this.#fresh))
    const database = await constructDataSource(this.#options.template, options).initialize()
    try {
      return await work(database)
    } finally {
      await database.destroy()
    }
  }

  async swap(): Promise<void> {
    const { name, exists } = this
    const { session, admin, kept, lock: held, work, dataSource } = this.#parts
    await held?.check()
    if (work !== undefined) await this.#raiseTokens(work)
    // The session of the lock is one of those that keep the database from being renamed.
    await this.#release()
    await dataSource?.destroy()
    const old = exists && kept !== null ? { name, kept } : undefined
    await swapNames(session, admin, { fresh: this.#fresh, name, old, disconnect: this.#options.disconnect })
    this.#created = false
    if (old !== undefined && !this.#options.keep) await dropReplaced(session, old.kept)
  }

  /**
   * A lease of the restored database has a greater number than any that was given out before: a stopped run that comes back with an
   * old one must not take a new lease for its own.
   */
  async #raiseTokens(old: Queryable): Promise<void> {
    const leases: { schema: string; key: string; token: string }[] = []
    for (const { schema } of await tablesNamed(old, leaseTableName)) {
      const rows = (await old.query(
        `SELECT "key", "token"::text AS token FROM ${quote(schema)}.${quote(leaseTableName)}`,
      )) as {
        key: string
        token: string
      }[]
      leases.push(...rows.map((row) => ({ schema, ...row })))
    }
    if (leases.length === 0) return
    await this.within(async (database) => {
      const there = new Set((await tablesNamed(database, leaseTableName)).map(({ schema }) => schema))
      for (const { schema, key, token } of leases.filter((lease) => there.has(lease.schema))) {
        await database.query(
          `INSERT INTO ${quote(schema)}.${quote(leaseTableName)} AS l ("key", "expires_at", "token") VALUES ($1, clock_timestamp(), $2::bigint + 1)
           ON CONFLICT ("key") DO UPDATE SET "token" = greatest(l."token", $2::bigint) + 1`,
          [key, token],
        )
      }
    })
  }

  async close(): Promise<void> {
    const { session, admin, dataSource } = this.#parts
    if (this.#created) {
      await session.query(`DROP DATABASE IF EXISTS ${quote(this.#fresh)} WITH (FORCE)`).catch(() => undefined)
      this.#created = false
    }
    await this.#release()
    if (dataSource?.isInitialized === true) await dataSource.destroy().catch(() => undefined)
    await session.release().catch(() => undefined)
    if (admin.isInitialized) await admin.destroy().catch(() => undefined)
  }

  async #release(): Promise<void> {
    if (this.#released) return
    this.#released = true
    await this.#parts.lock?.release()
    await this.#parts.work?.release().catch(() => undefined)
  }
}

async function rowsOf(database: Queryable): Promise<readonly CopiedTable[]> {
  const tables = await dumpedTables(database)
  const counts = await countRows(database, tables)
  return tables.map(({ schema, name }, index) => ({ schema, name, rows: counts[index] ?? 0 }))
}

async function versionOf(admin: Queryable): Promise<number> {
  const [row] = (await admin.query(`SELECT current_setting('server_version_num')::integer AS version`)) as {
    version: number
  }[]
  return row?.version ?? 0
}

async function tablespaceExists(admin: Queryable, name: string | undefined): Promise<boolean> {
  if (name === undefined) return true
  const rows = await admin.query('SELECT FROM pg_catalog.pg_tablespace WHERE spcname = $1', [name])
  return (rows as unknown[]).length > 0
}

/** @throws AludelError `ALUDEL_RESTORE` naming the roles that do not exist */
async function requireRoles(admin: Queryable, file: string, roles: readonly string[]): Promise<void> {
  const rows = (await admin.query(
    `SELECT DISTINCT r.name FROM unnest($1::text[]) r (name)
     WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = r.name) ORDER BY 1`,
    [roles],
  )) as { name: string }[]
  if (rows.length === 0) return
  const missing = rows.map(({ name }) => name)
  throw new AludelError(
    'ALUDEL_RESTORE',
    `the backup names roles that this server does not have: ${missing.join(', ')}`,
    {
      help: [
        'Nothing was changed. Create them:',
        ...missing.map((role) => `  CREATE ROLE ${quote(role)};`),
        'or restore without owners and rights, so that all belongs to the role of the connection: --no-owner',
      ].join('\n'),
      details: { path: file, roles: missing },
    },
  )
}

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
async function settle(database: Queryable, journalName: string): Promise<void> {
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

/** See `RestoreRole.leftovers`. */
export async function leftovers(database: QueryRunner): Promise<readonly RestoreLeftover[]> {
  try {
    const rows = (await database.query(
      `SELECT d.datname::text AS name, current_database()::text AS own,
         CASE WHEN has_database_privilege(d.oid, 'CONNECT') THEN pg_database_size(d.oid)::float8 END AS bytes, ${restoreIsAtWork.replaceAll('$1', 'current_database()::text')} AS busy
       FROM pg_catalog.pg_database d ORDER BY 1`,
    )) as { name: string; own: string; bytes: number | null; busy: boolean }[]
    return rows.flatMap(({ name, own, bytes, busy }) => {
      const kind = leftoverKind(name, own)
      return kind === undefined || (kind === 'unfinished' && busy) ? [] : [{ kind, name, bytes }]
    })
  } catch {
    return []
  }
}

/** See `RestoreRole.removeLeftover`. */
export async function removeLeftover(database: QueryRunner, { name, kind }: RestoreLeftover): Promise<void> {
  const [row] = (await database.query('SELECT current_database()::text AS name')) as { name: string }[]
  if (leftoverKind(name, row?.name ?? '') === undefined)
    throw new AludelError('ALUDEL_RESTORE', `"${name}" is not what a restore of this database has left`)
  if (kind === 'replaced') await dropReplaced(database, name)
  else await database.query(`DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`)
}

/** `object_in_use` */
const inUse = '55006'

async function dropReplaced(database: QueryRunner, name: string): Promise<void> {
  try {
    await database.query(`DROP DATABASE IF EXISTS ${quote(name)}`)
  } catch (error) {
    if (sqlStateOf(error) === inUse) throw connectedError(name, connected(await usersOf(database, name)))
    throw new AludelError('ALUDEL_RESTORE', `"${name}" cannot be dropped: ${errorText(error)}`, {
      help: `Drop it in psql: DROP DATABASE ${quote(name)}`,
      cause: error,
    })
  }
}
