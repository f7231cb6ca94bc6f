import { DataSource } from 'typeorm'

import { queryPostgres } from '../../../../../tools/testing/databases'
import { type Pair, startPair } from '../../../../../tools/testing/standby'
import { postgres } from '../../../src/dialect/postgres'
import { batched } from '../../../src/migration'
import type { RunEvent } from '../../../src/run/events'
import { dialectNames, openDatabase, type TestDatabase } from '../databases'
import { revision, run } from '../revisions'

const waiting = /^t: waiting for a replica that is \d+ ms, \d+ bytes behind$/

const careful = () =>
  revision(
    'careful',
    (queryRunner) =>
      batched(queryRunner, {
        ...{ table: 't', key: 'id', size: 1, update: { n: '"n" + 1' } },
        ...{ maxLagMs: 600_000, maxLagBytes: 1_000_000 },
      }),
    [],
    { transaction: false },
  )

async function makeTable(query: (sql: string) => Promise<unknown>): Promise<void> {
  await query('CREATE TABLE "t" ("id" integer NOT NULL PRIMARY KEY, "n" integer NOT NULL)')
  for (const id of [1, 2, 3]) await query(`INSERT INTO "t" VALUES (${String(id)}, 0)`)
}

describe.each(dialectNames)('batches that spare the replicas, on %s', (name) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase(name)
    await makeTable((sql) => database.rows(sql))
  })
  afterEach(async () => {
    await database.drop()
  })
  const said = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.type === 'progress' || event.type === 'warning' ? [event.message] : []))

  test('where none is to be seen they say so once, and go on', async () => {
    const { events } = await run(database, [careful()])
    expect(said(events)).toEqual(['t: no replica is to be seen, so none is waited for'])
    expect(await database.rows('SELECT * FROM "t" WHERE "n" = 1')).toHaveLength(3)
  })
})

const describeOnPostgres = dialectNames.includes('postgres') ? describe : describe.skip

describeOnPostgres('a server with a standby', () => {
  let pair: Pair
  let dataSource: DataSource
  beforeAll(async () => {
    pair = await startPair()
    dataSource = await new DataSource({ type: 'postgres', url: pair.primary }).initialize()
  })
  afterAll(async () => {
    await dataSource.destroy()
    await pair.close()
  })

  test('batches wait for one that is behind, and go on when it has caught up', async () => {
    await makeTable((sql) => dataSource.query(sql))
    await pair.followed()
    await queryPostgres('SELECT pg_wal_replay_pause()', pair.standby)
    // Two million bytes of the log, and no replay.
    await dataSource.query(
      `CREATE TABLE "big" AS SELECT repeat('x', 1000) || i AS "x" FROM generate_series(1, 2000) AS i`,
    )
    const queryRunner = dataSource.createQueryRunner()
    const order: string[] = []
    let resumed: Promise<unknown> | undefined
    try {
      await run({ dialect: postgres, dataSource, queryRunner }, [careful()], {
        listener: (event) => {
          if (event.type === 'batch') order.push('batch')
          if (event.type !== 'progress' || !waiting.test(event.message)) return
          order.push('waiting')
          resumed ??= queryPostgres('SELECT pg_wal_replay_resume()', pair.standby)
        },
      })
    } finally {
      await resumed
      await queryRunner.release()
    }
    expect(order).toEqual(['waiting', 'batch', 'batch', 'batch', 'batch'])
    await pair.followed()
    expect(await queryPostgres('SELECT * FROM "t" WHERE "n" = 1', pair.standby)).toHaveLength(3)
  })
})
