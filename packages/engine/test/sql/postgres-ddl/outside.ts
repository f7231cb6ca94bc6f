import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import { Client } from 'pg'

import { levelOf } from '../../../src/dialect/postgres/trace'
import { addLock, isStronger, lockText, type TableLock } from '../../../src/sql/effects'

import { base, type Form } from './form'
import type { Result } from './measure'

interface Relation {
  readonly name: string
  readonly isIndex: boolean
  /** Of an index: its table. */
  readonly owner: string | null
  /** Its file. */
  readonly node: string | null
  readonly scans: number
}

const relations = `SELECT c.relname AS name, c.relkind IN ('i', 'I') AS "isIndex", i.indrelid::regclass::text AS owner,
    pg_relation_filenode(c.oid)::text AS node, pg_stat_get_numscans(c.oid)::int AS scans
  FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid
  WHERE c.relnamespace = 'forms'::regnamespace AND c.relkind IN ('r', 'p', 'm', 'i', 'I')`

/** Locks that a session has or waits for. */
const locksOf = `SELECT c.relname AS name, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
  WHERE l.pid = $1 AND l.locktype = 'relation' AND c.relnamespace = 'forms'::regnamespace`

interface Lock {
  readonly name: string
  readonly mode: string
}

/**
 * Measures a statement that cannot run in a transaction, and so holds no lock when it has ended. Another session lets it wait: for a
 * reader, for a writer, and for a statement like VACUUM, on the table and on each of its partitions. Meanwhile a third one reads which
 * locks it has and which one it waits for. All of them together are its locks.
 */
export async function measureOutside(url: string, form: Form, major: number): Promise<Result> {
  const { sql, table = 'items' } = form
  const watcher = await connect(url)
  try {
    await setUp(url, form)
    await settle(watcher, major)
    const before = await read(watcher)
    await runAlone(url, sql)
    await settle(watcher, major)
    const after = [...(await read(watcher)).values()]

    const taken: Lock[] = []
    for (const { name, isIndex } of before.values()) {
      if (isIndex || (name !== table && !name.startsWith(`${table}_`))) continue
      for (const hold of [
        `SELECT count(*) FROM ONLY ${name}`,
        `LOCK TABLE ONLY ${name} IN ROW EXCLUSIVE MODE`,
        `LOCK TABLE ONLY ${name} IN SHARE UPDATE EXCLUSIVE MODE`,
      ]) {
        await setUp(url, form)
        taken.push(...(await locksWhileWaiting(url, sql, hold, watcher)))
      }
    }
    const changed = after.filter(({ name, node }) => before.has(name) && before.get(name)?.node !== node)
    return {
      locks: strongest(taken, before),
      rewrites: changed.flatMap(({ name, isIndex }) => (isIndex ? [] : [name])).sort(),
      rebuilds: changed.flatMap(({ name, isIndex }) => (isIndex ? [name] : [])).sort(),
      scans: after
        .flatMap(({ name, isIndex, scans }) => (!isIndex && scans > (before.get(name)?.scans ?? scans) ? [name] : []))
        .sort(),
    }
  } catch (cause) {
    throw new Error(`cannot measure: ${form.title}`, { cause })
  } finally {
    await watcher.query('DROP SCHEMA IF EXISTS forms CASCADE')
    await watcher.end()
  }
}

/** As `trace.ts` reports them: of an index only a lock that blocks rows and is stronger than that of its table. */
function strongest(taken: readonly Lock[], relations: ReadonlyMap<string, Relation>): readonly string[] {
  const locks = new Map<string, TableLock>()
  const known = taken.flatMap(({ name, mode }) => {
    const relation = relations.get(name)
    return relation === undefined ? [] : [{ ...relation, level: levelOf(mode) }]
  })
  for (const { name, isIndex, level } of known) if (!isIndex) addLock(locks, { level, table: name })
  for (const { name, isIndex, owner, level } of known) {
    const ofTable = locks.get(owner ?? '')
    if (!isIndex || isStronger('SHARE', level)) continue
    if (ofTable === undefined || isStronger(level, ofTable.level)) addLock(locks, { level, table: name, isIndex: true })
  }
  return [...locks.values()].map(lockText).sort()
}

/** In a session that has ended afterwards, so that its statistics are there. */
async function setUp(url: string, form: Form): Promise<void> {
  const client = await connect(url)
  await client.query('DROP SCHEMA IF EXISTS forms CASCADE')
  await client.query(`CREATE SCHEMA forms; SET search_path = forms; ${form.setUp ?? base}`)
  await client.end()
}

async function runAlone(url: string, sql: string): Promise<void> {
  const client = await connect(url)
  await client.query('SET search_path = forms')
  await client.query(sql)
  await client.end()
}

/** The statistics of a session arrive when its process ends; before PostgreSQL 15 another one had to write them to a file first. */
async function settle(watcher: Client, major: number): Promise<void> {
  const others = 'SELECT 1 FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()'
  while ((await watcher.query(others, [application])).rows.length > 0) await sleep(5)
  if (major < 15) await sleep(1200)
}

async function read(client: Client): Promise<ReadonlyMap<string, Relation>> {
  await client.query('SET search_path = forms')
  const { rows } = await client.query<Relation>(relations)
  return new Map(rows.map((row) => [row.name, row]))
}

async function locksWhileWaiting(url: string, sql: string, hold: string, watcher: Client): Promise<readonly Lock[]> {
  const [holder, client] = [await connect(url), await connect(url)]
  try {
    for (const one of [holder, client]) await one.query('SET search_path = forms')
    const { rows: pids } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
    const pid = pids[0]?.pid
    await holder.query(`BEGIN; ${hold}`)
    let isDone = false
    const run = client.query(sql).finally(() => {
      isDone = true
    })
    // Its error is that of the last line.
    run.catch(() => undefined)
    let found: readonly Lock[] = []
    while (!isDone) {
      const { rows } = await watcher.query<{ waits: boolean }>(
        `SELECT wait_event_type = 'Lock' AS waits FROM pg_stat_activity WHERE pid = $1`,
        [pid],
      )
      if (rows[0]?.waits === true) {
        found = (await watcher.query<Lock>(locksOf, [pid])).rows
        break
      }
      await sleep(5)
    }
    await holder.query('ROLLBACK')
    await run
    return found
  } finally {
    await holder.end()
    await client.end()
  }
}

const application = `forms of DDL ${randomBytes(4).toString('hex')}`

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: application })
  client.on('error', () => undefined)
  await client.connect()
  return client
}
