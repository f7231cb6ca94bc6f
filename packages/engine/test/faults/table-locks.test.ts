import { setTimeout as wait } from 'node:timers/promises'

import type { QueryRunner } from 'typeorm'

import { postgresMajor } from '../../../../tools/testing/databases'
import type { RunEvent } from '../../src/project/events'
import { openDatabase, tableNames, type TestDatabase } from '../run/databases'
import { Meanwhile } from '../run/meanwhile'
import { appliedMessages, rejection, revision, run, type TestRevision } from '../run/revisions'
import { dropSchemas } from '../support/drop-schemas'

const retries = (events: readonly RunEvent[]) => events.filter((event) => event.type === 'retry')

/** Short tries, many of them. */
const limits = { tableLockTimeoutMs: 100, tableLockRetryMs: 300_000 }

describe('upgrade under table locks on PostgreSQL', () => {
  let database: TestDatabase
  let peer: QueryRunner
  let others: Meanwhile
  beforeAll(async () => {
    database = await openDatabase('postgres')
    peer = (await database.connect({ applicationName: 'peer' } as never)).createQueryRunner()
  })
  afterAll(async () => {
    await peer.release()
    await database.drop()
  })
  beforeEach(async () => {
    others = new Meanwhile()
    await database.rows('CREATE TABLE "a" ("n" integer)')
  })
  afterEach(async () => {
    try {
      await others.end()
    } finally {
      if (peer.isTransactionActive) await peer.rollbackTransaction()
      await peer.query('RESET ALL')
      await dropSchemas(database.dataSource)
    }
  })
  const lock = async (): Promise<void> => {
    await peer.startTransaction()
    await peer.query('LOCK TABLE "a" IN ACCESS EXCLUSIVE MODE')
  }

  const peerWaits = async (): Promise<void> => {
    const waits = `SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'peer' AND wait_event_type = 'Lock'`
    while ((await database.rows(waits)).length === 0) await wait(10)
  }

  test.each(['in a transaction', 'outside one'])(
    'retries until the lock is free and reports who held it (transaction: %s)',
    async (where) => {
      let runs = 0
      const add = revision(
        'add',
        async (queryRunner) => {
          runs += 1
          await queryRunner.query('CREATE TABLE "b" ("n" integer)')
          await queryRunner.query('ALTER TABLE "a" ADD COLUMN "m" integer')
        },
        [],
        where === 'outside one' ? { transaction: false } : {},
      )
      await lock()
      const told: RunEvent[] = []
      const { outcome } = await run(database, [add], {
        limits,
        listener: (event) => {
          told.push(event)
          // After the second try.
          if (event.type === 'retry' && event.try === 3) others.go(() => peer.commitTransaction())
        },
      })
      expect(outcome.steps).toMatchObject([{ statements: 2 }])
      expect(retries(told).slice(0, 2)).toMatchObject(
        [2, 3].map((number) => ({
          contention: 'lock timeout',
          try: number,
          blockers: [
            {
              application: 'peer',
              state: 'idle in transaction',
              holds: 'ACCESS EXCLUSIVE on a',
              query: 'LOCK TABLE "a" IN ACCESS EXCLUSIVE MODE',
            },
          ],
        })),
      )
      // Each try restarts a transaction; outside one, only the statement is repeated.
      if (where === 'outside one') expect(runs).toBe(1)
      else expect(runs).toBeGreaterThan(2)
      expect(await tableNames(database)).toEqual(['a', 'b'])
      expect(await database.rows('SELECT "m" FROM "a"')).toEqual([])
    },
  )

  test('fails if the lock is never released, names the blocking session and changes nothing', async () => {
    const add = revision('add', [
      'CREATE TABLE "b" ("n" integer)',
      'ALTER TABLE "a" ADD COLUMN "m" integer /* "no_such" */',
    ])
    await lock()
    const [{ pid } = {}] = (await peer.query('SELECT pg_backend_pid() AS pid')) as { pid: number }[]
    const error = await rejection(run(database, [add], { limits: { ...limits, tableLockRetryMs: 500 } }))
    expect(error).toMatchObject({
      code: 'ALUDEL_TABLE_LOCKED',
      kind: 'failed',
      message: expect.stringMatching(
        new RegExp(
          String.raw`failed at statement 2 \(ALTER TABLE .*\): could not get the lock on a table, \d+ times; ` +
            String.raw`session ${String(pid)} \(peer\) of \S+, idle in transaction since \S+Z, holds ACCESS EXCLUSIVE on a: SELECT pg_backend_pid`,
        ),
      ) as string,
      help: expect.stringMatching(
        new RegExp(String.raw`pg_terminate_backend\(${String(pid)}\)[\s\S]*\nNothing of this revision remains\.$`),
      ) as string,
      details: { statement: 2, contention: 'lock timeout', blockers: [{ pid, state: 'idle in transaction' }] },
    })
    expect((error as { help: string }).help).not.toMatch(/had failed before/)
    await peer.rollbackTransaction()
    expect(await tableNames(database)).toEqual(['a'])
    expect(await appliedMessages(database, [add])).toEqual([])
  })

  test('lets readers through between two tries', async () => {
    // An open read transaction blocks ALTER TABLE, which in turn blocks every other reader.
    await peer.startTransaction()
    await peer.query('SELECT * FROM "a"')
    const reader = await database.connect()
    const add = revision('add', ['ALTER TABLE "a" ADD COLUMN "m" integer'])
    const reads: number[] = []
    await run(database, [add], {
      limits,
      listener: (event) => {
        if (event.type === 'statement') {
          // Sent while the statement waits; it returns because the statement gives up its place in the queue.
          others.go(async () => {
            reads.push((await reader.query<unknown[]>('SELECT * FROM "a"')).length)
            if (reads.length === 2) await peer.commitTransaction()
          })
        }
      },
    })
    expect(reads.length).toBeGreaterThanOrEqual(2)
    expect(await appliedMessages(database, [add])).toEqual(['add'])
  })

  test('reruns the whole transaction after a deadlock, and applies its changes once', async () => {
    await database.rows('CREATE TABLE "b" ("n" integer)')
    await database.rows('INSERT INTO "a" VALUES (0)')
    // The session that detects a deadlock becomes its victim: the application never checks, the migration does so at once.
    await peer.query(`SET deadlock_timeout = '10min'`)
    await peer.startTransaction()
    await peer.query('LOCK TABLE "b" IN ACCESS EXCLUSIVE MODE')
    let runs = 0
    const both = revision('both', async (queryRunner) => {
      runs += 1
      await queryRunner.query(`SET LOCAL deadlock_timeout = '50ms'`)
      await queryRunner.query('UPDATE "a" SET "n" = "n" + 1')
      if (runs === 1) {
        others.go(async () => {
          await peer.query('UPDATE "a" SET "n" = "n" + 100')
          await peer.commitTransaction()
        })
        // A waiting session checks for a deadlock only once, so the deadlock must exist by then.
        await peerWaits()
      }
      await queryRunner.query('INSERT INTO "b" VALUES (1)')
    })
    const { events } = await run(database, [both], { limits: { ...limits, tableLockTimeoutMs: 30_000 } })
    expect(retries(events)).toMatchObject([{ contention: 'deadlock', try: 2 }])
    expect(runs).toBe(2)
    expect(await database.rows('SELECT "n" FROM "a"')).toEqual([{ n: 101 }])
    expect(await database.rows('SELECT "n" FROM "b"')).toEqual([{ n: 1 }])
    expect(await appliedMessages(database, [both])).toEqual(['both'])
  })

  test('retries all revisions if they share one transaction', async () => {
    await lock()
    const all = [
      revision('first', ['CREATE TABLE "b" ("n" integer)']),
      revision('second', ['ALTER TABLE "a" ADD COLUMN "m" integer']),
    ]
    const { outcome } = await run(database, all, {
      mode: 'all',
      limits,
      listener: (event) => {
        if (event.type === 'retry' && event.try === 2) others.go(() => peer.commitTransaction())
      },
    })
    expect(outcome.steps).toHaveLength(2)
    expect(await appliedMessages(database, all)).toEqual(['first', 'second'])
  })

  test('can be interrupted between two tries, and then nothing remains of the revision', async () => {
    const controller = new AbortController()
    await lock()
    const add = revision('add', ['ALTER TABLE "a" ADD COLUMN "m" integer'])
    const error = await rejection(
      run(database, [add], {
        limits,
        signal: controller.signal,
        listener: (event) => {
          if (event.type === 'retry') controller.abort()
        },
      }),
    )
    expect(error).toMatchObject({ code: 'ALUDEL_INTERRUPTED', details: { kept: 0 } })
    expect((error as { help: string }).help).toMatch(/Nothing of this revision remains/)
  })

  // The last is new in PostgreSQL 14.
  const settings = ['lock_timeout', 'statement_timeout', 'client_connection_check_interval']
    .slice(0, postgresMajor < 14 ? 2 : 3)
    .map((name) => `current_setting('${name}') AS ${name}`)

  test('uses the limits of the revision before those of the run, and resets them afterwards', async () => {
    const seen: unknown[] = []
    const look = async (queryRunner: QueryRunner) => {
      seen.push(...((await queryRunner.query(`SELECT ${settings.join(', ')}`)) as unknown[]))
    }
    const own = (one: TestRevision): TestRevision => ({
      ...one,
      migration: Object.assign(one.migration, { lockTimeout: '250ms', statementTimeout: '30min' }),
    })
    const outside = { transaction: false }
    const all = [
      revision('default', look),
      own(revision('own', look)),
      revision('outside', async (queryRunner) => {
        await queryRunner.query(`CREATE TABLE "seen" AS SELECT ${settings.join(', ')}`)
        await queryRunner.query('CREATE INDEX CONCURRENTLY "i" ON "a" ("n")')
      }, [], outside), // prettier-ignore
    ]
    const [before] = (await database.queryRunner.query(`SELECT ${settings.join(', ')}`)) as unknown[]
    await run(database, all, { limits: { tableLockTimeoutMs: 700, statementTimeoutMs: 90_000 } })
    expect(seen).toMatchObject([
      { lock_timeout: '700ms', statement_timeout: '90s' },
      { lock_timeout: '250ms', statement_timeout: '30min' },
    ])
    expect(await database.rows('SELECT * FROM "seen"')).toMatchObject([
      { lock_timeout: '700ms', statement_timeout: '90s' },
    ])
    expect(await database.queryRunner.query(`SELECT ${settings.join(', ')}`)).toEqual([before])
  })

  test('fails when a statement runs too long, and names the limit', async () => {
    const slow = revision('slow', ['CREATE TABLE "b" ("n" integer)', 'SELECT pg_sleep(3600)'])
    expect(await rejection(run(database, [slow], { limits: { statementTimeoutMs: 1000 } }))).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringMatching(/statement 2 .*statement timeout.*--statement-timeout/) as string,
    })
    expect(await tableNames(database)).toEqual(['a'])
  })

  test('refuses an invalid duration for a limit', async () => {
    const bad = revision('bad', ['CREATE TABLE "b" ("n" integer)'])
    Object.assign(bad.migration, { lockTimeout: 'soon' })
    expect(await rejection(run(database, [bad]))).toMatchObject({
      code: 'ALUDEL_REVISION_INVALID',
      message: expect.stringMatching(/has an invalid duration for lockTimeout: soon/) as string,
    })
  })
})

describe('upgrade of a SQLite file that another connection is reading', () => {
  test.each(['in a transaction', 'outside one'])('retries until the file is free (transaction: %s)', async (where) => {
    const database = await openDatabase('sqlite')
    const others = new Meanwhile()
    try {
      const peer = await database.connect()
      await database.rows('PRAGMA busy_timeout = 20')
      await database.rows('CREATE TABLE "a" ("n" integer)')
      const add = revision(
        'add',
        async (queryRunner) => {
          await queryRunner.query('CREATE TABLE "b" ("n" integer)')
          await queryRunner.query('INSERT INTO "a" VALUES (1)')
        },
        [],
        where === 'outside one' ? { transaction: false } : {},
      )
      const told: RunEvent[] = []
      await run(database, [add], {
        limits,
        listener: (event) => {
          told.push(event)
          if (event.type === 'statement' && event.statement === 2 && retries(told).length === 0) {
            // The migration has written nothing to the file so far; an open read transaction now blocks its COMMIT.
            others.go(async () => {
              await peer.query('BEGIN')
              await peer.query('SELECT * FROM "a"')
            })
          }
          if (event.type === 'retry' && event.try === 2) others.go(() => peer.query('COMMIT'))
        },
      })
      expect(retries(told)).toMatchObject([{ contention: 'busy', blockers: [] }])
      expect(await database.rows('SELECT * FROM "a"')).toHaveLength(1)
      expect(await appliedMessages(database, [add])).toEqual(['add'])
    } finally {
      await others.end()
      await database.drop()
    }
  })
})
