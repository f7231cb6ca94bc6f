import { DataSource } from 'typeorm'

import { postgres } from '../../../src/dialect/postgres'
import { type EmbeddedServer, startEmbedded } from '../../../src/dialect/postgres/embedded'
import { batched } from '../../../src/migration'
import type { RunEvent } from '../../../src/run/events'
import { dialectNames, openDatabase, type TestDatabase } from '../databases'
import { revision, run } from '../revisions'
import { SlowReplica } from './replica'

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

describeOnPostgres('a server with a replica', () => {
  let server: EmbeddedServer
  let url: string
  let dataSource: DataSource
  beforeAll(async () => {
    // The server of the tests sends its log to nobody.
    server = await startEmbedded({ wal_level: 'replica', max_wal_senders: '2' })
    const { host, port, username, password, database } = server
    url = `postgres://${username}:${password}@${host}:${String(port)}/${database}`
    dataSource = await new DataSource({ type: 'postgres', url }).initialize()
  })
  afterAll(async () => {
    await dataSource.destroy()
    await server.close()
  })

  test('batches wait for one that is behind, and go on when it has caught up', async () => {
    await makeTable((sql) => dataSource.query(sql))
    const replica = await SlowReplica.connect(url)
    const queryRunner = dataSource.createQueryRunner()
    try {
      // Two million bytes of the log, and no replay.
      await dataSource.query(
        `CREATE TABLE "big" AS SELECT repeat('x', 1000) || i AS "x" FROM generate_series(1, 2000) AS i`,
      )
      const order: string[] = []
      await run({ dialect: postgres, dataSource, queryRunner }, [careful()], {
        listener: (event) => {
          if (event.type === 'batch') order.push('batch')
          if (event.type !== 'progress' || !waiting.test(event.message)) return
          order.push('waiting')
          replica.catchUp()
        },
      })
      expect(order).toEqual(['waiting', 'batch', 'batch', 'batch', 'batch'])
      expect(await dataSource.query('SELECT * FROM "t" WHERE "n" = 1')).toHaveLength(3)
    } finally {
      await queryRunner.release()
      await replica.end()
    }
  })
})
