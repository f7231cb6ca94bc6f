import { DataSource, EventSubscriber, type EntitySubscriberInterface, type QueryRunner } from 'typeorm'

import { TcpProxy } from '../../../../../tools/testing/tcp-proxy'
import { clientOf } from '../../../src/dialect/postgres/client'
import { flight } from '../../../src/dialect/postgres/flight'
import type { Flight } from '../../../src/dialect/roles/running'
import { TestDatabases } from './support'

const databases = new TestDatabases()
afterAll(() => databases.close())

describe('a flight of PostgreSQL statements', () => {
  let dataSource: DataSource
  let queryRunner: QueryRunner
  let sent: Flight
  beforeEach(async () => {
    dataSource = await databases.open()
    await dataSource.query('CREATE TABLE "t" ("n" integer)')
    queryRunner = dataSource.createQueryRunner()
    sent = await flight(queryRunner)
  })
  afterEach(() => queryRunner.release())

  const rows = () => dataSource.query('SELECT "n" FROM "t" ORDER BY 1') as Promise<unknown>
  const url = () => ('url' in dataSource.options ? String(dataSource.options.url) : '')
  const insert = (n: number) => () => queryRunner.query('INSERT INTO "t" VALUES ($1)', [n])

  test('is executed in order, in the transaction that it begins and commits', async () => {
    await sent.send('begin', () => queryRunner.startTransaction())
    expect(queryRunner.isTransactionActive).toBe(true)
    for (const n of [1, 2, 3]) await sent.send('insert', insert(n))
    await sent.send('commit', () => queryRunner.commitTransaction())
    expect(await sent.land()).toBeUndefined()
    expect(queryRunner.isTransactionActive).toBe(false)
    expect(await rows()).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
  })

  test('returns the first failure, and commits nothing', async () => {
    await sent.send('begin', () => queryRunner.startTransaction())
    await sent.send('insert', insert(1))
    await sent.send('wrong', () => queryRunner.query('SELECT 1 / 0'))
    await sent.send('later', insert(2))
    await sent.send('commit', () => queryRunner.commitTransaction())
    expect(await sent.land()).toMatchObject({ label: 'wrong', error: { code: '22012' } })
    expect(await rows()).toEqual([])
    // The session can go on.
    expect(await queryRunner.query('SELECT 1 AS one')).toEqual([{ one: 1 }])
    expect(await sent.land()).toBeUndefined()
  })

  test('sends nothing more after a failure that the server does not know', async () => {
    await sent.send('begin', () => queryRunner.startTransaction())
    await sent.send('insert', insert(1))
    await sent.send('check', () => Promise.reject(new Error('the lock was lost')))
    await sent.send('commit', () => queryRunner.commitTransaction())
    expect(await sent.land()).toMatchObject({ label: 'check', error: { message: 'the lock was lost' } })
    expect(queryRunner.isTransactionActive).toBe(true)
    await queryRunner.rollbackTransaction()
    expect(await rows()).toEqual([])
  })

  describe('that takes a statement along', () => {
    const begin = async (then: string): Promise<void> => {
      await sent.send('begin', () => queryRunner.startTransaction())
      await sent.send('limit', () => queryRunner.query(then))
    }
    const create = () => queryRunner.query('CREATE TABLE "u" ("n" integer)')
    const created = async () => ((await dataSource.query(`SELECT to_regclass('u') AS "u"`)) as [{ u: unknown }])[0].u

    test('executes it in the transaction, and leaves the answers of others alone', async () => {
      await begin(`SET LOCAL "a.b" = 'c'`)
      const rows = await sent.takeAlong(async () => {
        await create()
        return queryRunner.query(`SELECT current_setting('a.b') AS "set", to_regclass('u')::text AS "u"`)
      })
      expect(rows).toEqual([{ set: 'c', u: 'u' }])
      expect(await sent.land()).toBeUndefined()
      await queryRunner.rollbackTransaction()
      expect(await created()).toBeNull()
    })

    test('executes several statements in one text', async () => {
      await begin('SELECT 1')
      await sent.takeAlong(() => queryRunner.query('CREATE TABLE "u" ("n" integer); CREATE TABLE "w" ("n" integer)'))
      await queryRunner.commitTransaction()
      expect(await created()).toBe('u')
      await queryRunner.query('DROP TABLE "u", "w"')
    })

    test.each(['SELECT 1 AS "one"', 'SELECT $1::int AS "one"'])(
      'waits before one whose answer matters: %s',
      async (sql) => {
        await begin('SELECT 1')
        const rows = await sent.takeAlong(() => queryRunner.query(sql, sql.includes('$1') ? [1] : undefined))
        expect(JSON.stringify(rows)).toContain('"one":1')
        await queryRunner.rollbackTransaction()
      },
    )

    test.each([
      ['joined', create],
      ['not joined', () => queryRunner.query('INSERT INTO "t" VALUES (1)')],
    ])('executes none that is %s when what was sent before fails', async (_, statement) => {
      await begin('SELECT 1 / 0')
      await expect(sent.takeAlong(statement)).rejects.toMatchObject({ driverError: { code: '22012' } })
      expect(await sent.land()).toMatchObject({ label: 'limit', error: { code: '22012' } })
      expect(await sent.land()).toBeUndefined()
      await queryRunner.rollbackTransaction()
      expect([await created(), await rows()]).toEqual([null, []])
    })

    test('executes none when nothing was sent', async () => {
      await sent.send('check', () => Promise.reject(new Error('the lock was lost')))
      await expect(sent.takeAlong(create)).rejects.toThrow('the lock was lost')
      expect(await sent.land()).toMatchObject({ label: 'check' })
      expect(await created()).toBeNull()
    })

    test('rejects with the failure of the statement itself', async () => {
      await begin('SELECT 1')
      await expect(sent.takeAlong(() => queryRunner.query('DROP TABLE "u"'))).rejects.toMatchObject({
        driverError: { code: '42P01' },
      })
      expect(await sent.land()).toBeUndefined()
      await queryRunner.rollbackTransaction()
    })
  })

  test('works with a client in pipeline mode', async () => {
    const client = await clientOf(queryRunner)
    client.pipeline = true
    await sent.send('begin', () => queryRunner.startTransaction())
    await sent.send('insert', insert(1))
    await sent.send('commit', () => queryRunner.commitTransaction())
    expect(await sent.land()).toBeUndefined()
    expect(client.pipeline).toBe(true)
    expect(await queryRunner.query('SELECT "n" FROM "t"')).toEqual([{ n: 1 }])
    client.pipeline = false
  })

  test('leaves the client as it was', async () => {
    const client = await clientOf(queryRunner)
    const before = { pipeline: client.pipeline, query: client.query }
    await sent.send('insert', insert(1))
    await sent.land()
    expect({ pipeline: client.pipeline, query: client.query }).toEqual(before)
    expect(Object.hasOwn(client, 'query')).toBe(false)
  })

  test('is one round trip', async () => {
    const { hostname, port } = new URL(url())
    const proxy = await TcpProxy.open(hostname, Number(port === '' ? 5432 : port))
    const through = await new DataSource({ type: 'postgres', url: proxy.through(url()) }).initialize()
    try {
      const runner = through.createQueryRunner()
      const together = await flight(runner)
      const before = proxy.roundTrips
      await together.send('begin', () => runner.startTransaction())
      for (const n of [1, 2, 3])
        await together.send('insert', () => runner.query(`INSERT INTO "t" VALUES (${String(n)})`))
      await together.send('commit', () => runner.commitTransaction())
      await together.land()
      expect(proxy.roundTrips - before).toBe(1)
      await runner.release()
    } finally {
      await through.destroy()
      proxy.close()
    }
  })

  test('waits for each answer where subscribers see the transaction', async () => {
    const seen: unknown[] = []
    @EventSubscriber()
    class Watching implements EntitySubscriberInterface {
      async beforeTransactionCommit(event: { queryRunner: QueryRunner }): Promise<void> {
        seen.push(await event.queryRunner.query('SELECT count(*)::int AS "count" FROM "t"'))
      }
    }
    const watched = await new DataSource({ type: 'postgres', url: url(), subscribers: [Watching] }).initialize()
    try {
      const runner = watched.createQueryRunner()
      const together = await flight(runner)
      await together.send('begin', () => runner.startTransaction())
      await together.send('insert', () => runner.query('INSERT INTO "t" VALUES (1)'))
      await together.send('commit', () => runner.commitTransaction())
      expect(await together.land()).toBeUndefined()
      expect(seen).toEqual([[{ count: 1 }]])
      await runner.release()
    } finally {
      await watched.destroy()
    }
  })
})
