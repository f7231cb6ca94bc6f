import { setTimeout as wait } from 'node:timers/promises'

import { DataSource } from 'typeorm'

import { TransactionPooler } from '../../../../tools/testing/pooler'
import { queryPostgres } from '../../../../tools/testing/databases'
import type { DialectName } from '../../src/dialect/registry'
import { History } from '../../src/history/history'
import type { RunEvent } from '../../src/project/events'

import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'
import {
  appliedMessages,
  rejection,
  revision,
  run,
  runThrough,
  type TestRevision,
  type TestRunOptions,
} from '../run/revisions'
import { faultRevisions, migrateAtOnce, type ProcessOptions } from './migrate-process'
import { MigrateProcess } from './migrate-process-handle'

/** Rows 1, 3, 4, 5, 9, 10 and 14 of the fault plan: the lock when processes and connections end unexpectedly. */

const all = faultRevisions()
const messages = all.map((one) => one.revision.message)

let database: TestDatabase
const processes: MigrateProcess[] = []

const open = async (name: DialectName): Promise<void> => {
  database = await openDatabase(name)
}
const start = (options: Partial<ProcessOptions> = {}): MigrateProcess => {
  const { dialect, address } = database
  const started = new MigrateProcess({ dialect: dialect.name, address, ...options })
  processes.push(started)
  return started
}
const heldBy = ({ child: { pid } }: MigrateProcess): RegExp =>
  new RegExp(`^faults@${String(pid)}, process ${String(pid)}, since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$`)
afterEach(async () => {
  for (const { child } of processes.splice(0)) child.kill('SIGKILL')
  await database.drop()
})

/** Runs the revisions in this process, which is not killed, and returns the messages of those that it applied. */
async function migrate(
  { listener, ...options }: Partial<TestRunOptions> = {},
  list: readonly TestRevision[] = all,
  queryRunner = database.queryRunner,
): Promise<string[]> {
  const done: string[] = []
  await run({ ...database, queryRunner }, list, {
    ...options,
    listener: (event) => {
      if (event.type === 'stepDone') done.push(event.step.revision.message)
      listener?.(event)
    },
  })
  return done
}

/** Expects that every revision is applied exactly once and nobody holds the lock. */
const expectAll = async (): Promise<void> => {
  expect(await appliedMessages(database, all)).toEqual(messages)
  for (const table of ['a', 'b', 'c', 'd'])
    expect(await database.rows(`SELECT "n" FROM "${table}" ORDER BY "n"`)).toEqual([{ n: 1 }, { n: 2 }])
  const journal = await History.of(database.dialect, database.dataSource).readJournal(database.queryRunner)
  expect(journal.filter(({ outcome }) => outcome === 'done')).toHaveLength(4)
  expect(await database.dialect.locks.holder(database.queryRunner, 'migrations')).toBeNull()
}

describe.each(dialectNames)('migration lock on %s', (name) => {
  beforeEach(() => open(name))

  test('lets one of ten runs in three processes migrate an empty database, and none fails (fault 1)', async () => {
    // This process is the third.
    const others = [
      start({ locks: ['session', 'lease', 'session', 'lease'] }),
      start({ locks: ['lease', 'session', 'lease'] }),
    ]
    const { address } = database
    const own: string[] = []
    await migrateAtOnce({ dialect: name, address, locks: ['session', 'lease', 'session'] }, own)
    const ends = await Promise.all(others.map((one) => one.end()))
    expect(ends.map((line) => line?.event)).toEqual(['done', 'done'])
    expect([...own, ...ends.flatMap((line) => line?.messages ?? [])]).toEqual(messages)
    await expectAll()
    expect(await History.of(database.dialect, database.dataSource).readJournal(database.queryRunner)).toHaveLength(4)
  })

  test('passes to the waiting process each time its holder is killed in a transaction (fault 3)', async () => {
    const first = start({ pauseIn: 1, pauseBefore: 2 })
    await first.said('paused')
    const second = start({ pauseIn: 2, pauseBefore: 2 })
    expect((await second.said('waiting')).holder).toMatch(heldBy(first))
    first.signal('SIGKILL')
    // The first revision was rolled back, so the second process applies it and reaches its own pause.
    await second.said('paused')
    const holders: string[] = []
    const done = await migrate({
      listener: (event) => {
        if (event.type !== 'waiting' || event.holder === undefined) return
        holders.push(event.holder)
        second.signal('SIGKILL')
      },
    })
    expect(holders[0]).toMatch(heldBy(second))
    expect(done).toEqual(messages.slice(1))
    await expectAll()
  })
})

describe('lease lock on PostgreSQL', () => {
  beforeEach(() => open('postgres'))

  test('passes to the next process when the lease of a killed holder expires (fault 3)', async () => {
    const leaseMs = 600_000
    const killed = start({ locks: ['lease'], leaseMs, pauseBefore: 2 })
    await killed.said('paused')
    const holders: (string | undefined)[] = []
    let expired: Promise<unknown> | undefined
    const expire = async (): Promise<void> => {
      killed.signal('SIGKILL')
      await killed.end()
      // The dead holder sends no more heartbeats; in the tests below a lease really expires.
      await database.rows(`UPDATE "aludel_lock" SET "expires_at" = clock_timestamp()`)
    }
    const done = await migrate({
      lockKind: 'lease',
      leaseMs,
      listener: (event) => {
        if (event.type !== 'waiting') return
        holders.push(event.holder)
        expired ??= expire()
      },
    })
    await expired
    expect(holders[0]).toMatch(heldBy(killed))
    expect(done).toEqual(messages.slice(1))
    await expectAll()
  })

  test('refuses holders that were stopped before a statement or before the last one and lost their leases (fault 4)', async () => {
    const leaseMs = 1500
    const stopped: MigrateProcess[] = []
    // The second one continues where the first one stopped, and stops in the next revision.
    for (const place of [{ pauseBefore: 2 }, { pauseIn: 3, pauseBefore: 3 }]) {
      const one = start({ locks: ['lease'], leaseMs, ...place })
      await one.said('paused')
      one.signal('SIGSTOP')
      stopped.push(one)
    }
    expect(await migrate({ lockKind: 'lease', leaseMs })).toEqual(messages.slice(2))
    for (const [index, one] of stopped.entries()) {
      one.signal('SIGCONT')
      one.go()
      const own = messages.slice(index, index + 1)
      expect(await one.end()).toEqual({ event: 'failed', code: 'ALUDEL_LOCK_LOST', messages: own })
    }
    await expectAll()
    const entries = await History.of(database.dialect, database.dataSource).readJournal(database.queryRunner)
    expect(entries.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'done'])
  })

  test('outlasts one lease as long as its holder sends heartbeats', async () => {
    const leaseMs = 3000
    const endOfLease = async (): Promise<number> => {
      const [row] = await database.rows('SELECT "expires_at" FROM "aludel_lock"')
      return (row?.['expires_at'] as Date).getTime()
    }
    let next: Promise<string[]> | undefined
    const last = revision('last', async (queryRunner) => {
      const first = await endOfLease()
      await new Promise<void>((resolve) => {
        const listener = ({ type }: RunEvent): void => {
          if (type === 'waiting') resolve()
        }
        next = migrate({ lockKind: 'session', listener }, list, other)
      })
      while ((await endOfLease()) <= first + leaseMs) await wait(50)
      await queryRunner.query('SELECT 1')
    })
    const list = [...all, last]
    const other = database.dataSource.createQueryRunner()
    expect(await migrate({ lockKind: 'lease', leaseMs }, list)).toEqual([...messages, 'last'])
    expect(await next).toEqual([])
    await other.release()
    expect(await appliedMessages(database, list)).toEqual([...messages, 'last'])
  })

  test('is released after a signal, while running and while waiting (fault 14)', async () => {
    const controller = new AbortController()
    const slow = revision('slow', async (queryRunner) => {
      await queryRunner.query('CREATE TABLE "slow" ("n" integer)')
      const other = database.dataSource.createQueryRunner()
      const waiting = run({ ...database, queryRunner: other }, all, {
        lockKind: 'lease',
        signal: controller.signal,
        listener: (event) => {
          if (event.type === 'waiting') controller.abort()
        },
      })
      expect(await rejection(waiting)).toMatchObject({ code: 'ALUDEL_INTERRUPTED' })
      await other.release()
      await queryRunner.query('SELECT 1')
    })
    const running = run(database, [slow], { lockKind: 'lease', signal: controller.signal })
    expect(await rejection(running)).toMatchObject({ code: 'ALUDEL_INTERRUPTED' })
    expect(await database.rows(`SELECT to_regclass('slow') AS there`)).toEqual([{ there: null }])
    expect(await database.dialect.locks.holder(database.queryRunner, 'migrations')).toBeNull()
  })
})

describe('run that loses its lock session (fault 5)', () => {
  beforeEach(() => open('postgres'))

  const endLock = async (): Promise<void> => {
    const holder = await database.dialect.locks.holder(database.queryRunner, 'migrations')
    const session = String(holder?.session)
    expect(await queryPostgres(`SELECT pg_terminate_backend(${session}) AS told`, database.address)).toEqual([
      { told: true },
    ])
    // Waits until the session is gone; from PostgreSQL 14 on the server could wait for that itself.
    const rest = `SELECT 1 FROM pg_stat_activity WHERE pid = ${session}`
    while ((await queryPostgres(rest, database.address)).length > 0) await wait(20)
  }
  const runOne = async (transaction: boolean) => {
    const worker = await database.connect({ poolErrorHandler: () => undefined } as object)
    const queryRunner = worker.createQueryRunner()
    const last = revision(
      'last',
      async (runner) => {
        await runner.query('CREATE TABLE "before" ("n" integer)')
        await endLock()
        await runner.query('CREATE TABLE "after" ("n" integer)')
      },
      [],
      { transaction },
    )
    const error = await rejection(run({ ...database, dataSource: worker, queryRunner }, [...all, last]))
    await queryRunner.release()
    return error
  }
  const tables = () =>
    database.rows(`SELECT to_regclass('before') IS NOT NULL AS before, to_regclass('after') IS NOT NULL AS after`)

  test('rolls back its transaction; outside one it sends no further statement and names where it stopped', async () => {
    expect(await runOne(true)).toMatchObject({ code: 'ALUDEL_LOCK_LOST', kind: 'failed', details: { kept: 0 } })
    expect(await tables()).toEqual([{ before: false, after: false }])
    await expectAll()
    expect(await runOne(false)).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      message: expect.stringMatching(/the migration lock was lost/) as string,
      details: { kept: 1, statement: 2 },
    })
    expect(await tables()).toEqual([{ before: true, after: false }])
  })

  test('keeps others from the lock until it releases its own', async () => {
    const worker = await database.connect({ poolErrorHandler: () => undefined } as object)
    const first = worker.createQueryRunner()
    const second = database.queryRunner
    const held = await database.dialect.locks.acquire(first, { key: 'migrations', timeoutMs: 0 })
    await endLock()
    await expect(database.dialect.locks.acquire(second, { key: 'migrations', timeoutMs: 0 })).rejects.toMatchObject({
      code: 'ALUDEL_LOCKED',
    })
    await held.release()
    await first.release()
    await (await database.dialect.locks.acquire(second, { key: 'migrations', timeoutMs: 0 })).release()
  })
})

describe('migration lock through a pooler in transaction mode', () => {
  let pooler: TransactionPooler
  let url: string
  const opened: DataSource[] = []
  beforeEach(async () => {
    await open('postgres')
    pooler = new TransactionPooler(database.address)
    url = await pooler.listen()
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.destroy()
    await pooler.close()
  })
  const pooled = async (poolSize: number): Promise<DataSource> => {
    const dataSource = await new DataSource({ type: 'postgres', url, poolSize }).initialize()
    opened.push(dataSource)
    return dataSource
  }
  /** Settings and locks left on the connections behind the pooler. */
  const left = async () => {
    const client = await pooled(1)
    const settings: unknown[] = []
    for (let index = pooler.idle; index > 0; index -= 1) {
      // Transactions that are open at the same time are in different connections.
      const runner = (await pooled(1)).createQueryRunner()
      await runner.startTransaction()
      settings.push(await runner.query(`SELECT name, setting FROM pg_settings WHERE source = 'session' ORDER BY name`))
    }
    const locks = await database.rows(
      `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )
    await client.query('SELECT 1')
    return { settings: [...new Set(settings.map((one) => JSON.stringify(one)))], locks }
  }

  test.each([10, 1])(
    'refuses a session lock and suggests a lease, which works; neither leaves anything (pool of %d, faults 9, 10)',
    async (size) => {
      const before = await left()
      const dataSource = await pooled(size)
      const attempt = (options: Partial<TestRunOptions>) => runThrough(dataSource, database, all, options)
      const error = await rejection(attempt({}))
      expect(error).toMatchObject({ code: 'ALUDEL_POOLER', help: expect.stringContaining('--lock lease') as string })
      expect(await left()).toEqual({ settings: before.settings, locks: [] })
      expect(await database.rows(`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)).toEqual([])
      expect((await attempt({ lockKind: 'lease', leaseMs: 1500 })).outcome.steps).toHaveLength(4)
      await expectAll()
      expect(await left()).toEqual({ settings: before.settings, locks: [] })
    },
  )

  test('refuses the commit of a holder whose lease was taken over (fault 4)', async () => {
    const dataSource = await pooled(10)
    const first = dataSource.createQueryRunner()
    const lock = { key: 'migrations', timeoutMs: 0, kind: 'lease', leaseMs: 600_000 } as const
    const held = await database.dialect.locks.acquire(first, lock)
    await first.startTransaction()
    await first.query('CREATE TABLE IF NOT EXISTS "late" ("n" integer)')
    await database.rows(`UPDATE "aludel_lock" SET "expires_at" = clock_timestamp() - interval '1 s'`)
    const next = await database.dialect.locks.acquire(database.queryRunner, lock)
    expect(await rejection(held.beforeCommit(first))).toMatchObject({ code: 'ALUDEL_LOCK_LOST' })
    expect(() => held.beforeStatement(true)).toThrow(expect.objectContaining({ code: 'ALUDEL_LOCK_LOST' }) as Error)
    await first.rollbackTransaction()
    await held.release()
    await next.check()
    await next.release()
    await first.release()
  })
})
