import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'

import { Client } from 'pg'
import { DataSource } from 'typeorm'

import { queryPostgres } from '../../../../tools/testing/databases'
import { type Pair, startPair } from '../../../../tools/testing/standby'
import { postgres } from '../../src/dialect/postgres'
import { batched } from '../../src/migration'
import type { RunEvent } from '../../src/project/events'
import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'
import { revision, run } from '../run/revisions'

const waiting = /^t: waiting for a replica that is \d+ ms, \d+ bytes behind$/

const careful = (table = 't') =>
  revision(
    'careful',
    (queryRunner) =>
      batched(queryRunner, {
        ...{ table, key: 'id', size: 1, update: { n: '"n" + 1' } },
        ...{ maxLagMs: 600_000, maxLagBytes: 1_000_000 },
      }),
    [],
    { transaction: false },
  )

function said(events: readonly RunEvent[]): string[] {
  return events.flatMap((event) => (event.type === 'progress' || event.type === 'warning' ? [event.message] : []))
}

async function makeTable(query: (sql: string) => Promise<unknown>, name = 't'): Promise<void> {
  await query(`CREATE TABLE "${name}" ("id" integer NOT NULL PRIMARY KEY, "n" integer NOT NULL)`)
  for (const id of [1, 2, 3]) await query(`INSERT INTO "${name}" VALUES (${String(id)}, 0)`)
}

describe.each(dialectNames)('batched with a limit for the lag of replicas on %s', (name) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase(name)
    await makeTable((sql) => database.rows(sql))
  })
  afterEach(async () => {
    await database.drop()
  })
  test('reports once that no replica is visible, and continues', async () => {
    const { events } = await run(database, [careful()])
    expect(said(events)).toEqual(['t: no replica is visible, so none is waited for'])
    expect(await database.rows('SELECT * FROM "t" WHERE "n" = 1')).toHaveLength(3)
  })
})

const describeOnPostgres = dialectNames.includes('postgres') ? describe : describe.skip

describeOnPostgres('batched on a server with a standby', () => {
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

  test('waits for a standby that lags behind, and continues when it has caught up', async () => {
    await makeTable((sql) => dataSource.query(sql))
    await pair.followed()
    await queryPostgres('SELECT pg_wal_replay_pause()', pair.standby)
    // Two million bytes of WAL that the standby does not replay.
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
          // The message is repeated while the standby is slow.
          if (order.at(-1) !== 'waiting') order.push('waiting')
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

  test('does not wait for a subscriber of another database', async () => {
    await dataSource.query('CREATE DATABASE "other"')
    const other = new URL(pair.primary)
    other.pathname = '/other'
    await queryPostgres('CREATE PUBLICATION "all" FOR ALL TABLES', other.href)
    await queryPostgres(`SELECT pg_create_logical_replication_slot('paused', 'pgoutput')`, other.href)
    const subscriber = await subscribe(other.href)
    try {
      const far = 'SELECT FROM pg_stat_replication WHERE pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) > 1000000'
      while ((await dataSource.query<unknown[]>(far)).length === 0) await wait(20)
      await makeTable((sql) => dataSource.query(sql), 'u')
      await pair.followed()
      const queryRunner = dataSource.createQueryRunner()
      const { events } = await run({ dialect: postgres, dataSource, queryRunner }, [careful('u')])
      await queryRunner.release()
      expect(said(events).filter((message) => message.includes('waiting for a replica'))).toEqual([])
    } finally {
      subscriber.connection.stream.destroy()
    }
  })
})

interface Replication {
  readonly connection: NodeJS.EventEmitter & {
    sendCopyFromChunk(chunk: Buffer): void
    readonly stream: { destroy(): void }
  }
}

/** A subscriber that reports its position once: at the very beginning. */
async function subscribe(url: string): Promise<Replication> {
  const client = new Client({ connectionString: url, replication: 'database' } as ConstructorParameters<
    typeof Client
  >[0])
  await client.connect()
  client.on('error', () => undefined)
  const { connection } = client as unknown as Replication
  const started = once(connection, 'replicationStart')
  // This query never ends on its own.
  client
    .query(`START_REPLICATION SLOT "paused" LOGICAL 0/0 (proto_version '1', publication_names 'all')`)
    .catch(() => undefined)
  await started
  // https://www.postgresql.org/docs/current/protocol-replication.html#PROTOCOL-REPLICATION-STANDBY-STATUS-UPDATE
  const status = Buffer.alloc(34)
  status.write('r')
  for (const offset of [1, 9, 17]) status.writeBigInt64BE(1n, offset)
  connection.sendCopyFromChunk(status)
  return { connection }
}
