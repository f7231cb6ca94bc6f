import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm'

import { AludelError } from '../../errors'
import type { Queryable } from '../queryable'
import type { Lock } from '../roles/locks'
import type { Restoring, RestoreOptions } from '../roles/restore'
import { targetOf } from './connection'
import { journal } from './journal'
import { lock } from './lock'
import { quote } from './names'
import { DatabaseRestore } from './restore-database'
import { keptName, leftoverKind } from './restore-names'
import { requireRights } from './restore-rights'
import { lockRestore, openMaintenance, openTarget, refusePooledRestore, type Target } from './restore-server'
import { type Connection, templateConnection } from './shadow-options'

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
  await refusePooledRestore(session, admin)
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
