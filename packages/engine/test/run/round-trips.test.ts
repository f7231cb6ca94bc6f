import { DataSource } from 'typeorm'

import { TcpProxy } from '../../../../tools/testing/tcp-proxy'
import { openDatabase, type TestDatabase } from './databases'
import { revision, type TestRevision, runThrough } from './revisions'

describe('round trips of a run on PostgreSQL', () => {
  let direct: TestDatabase
  let proxy: TcpProxy
  beforeEach(async () => {
    direct = await openDatabase('postgres')
    const { hostname, port } = new URL(direct.address)
    proxy = await TcpProxy.open(hostname, Number(port === '' ? 5432 : port))
  })
  afterEach(async () => {
    proxy.close()
    await direct.drop()
  })

  /** How often a run of these revisions waits for the server. */
  async function tripsOf(all: readonly TestRevision[], direction: 'upgrade' | 'downgrade'): Promise<number> {
    const dataSource = new DataSource({ type: 'postgres', url: proxy.through(direct.address) })
    await dataSource.initialize()
    const before = proxy.roundTrips
    try {
      await runThrough(dataSource, direct, all, { direction })
      return proxy.roundTrips - before
    } finally {
      await dataSource.destroy()
    }
  }

  type Given = NonNullable<TestRevision['up']>

  const revisions = (from: number, count: number, given: (sql: string) => Given): readonly TestRevision[] =>
    Array.from({ length: count }, (_, index) => {
      const table = `t${String(from + index)}`
      return revision(`make ${table}`, given(`CREATE TABLE "${table}" ("n" integer)`), given(`DROP TABLE "${table}"`))
    })

  test.each<[trips: number, kind: string, given: (sql: string) => Given]>([
    [2, 'whose statement is read from its file', (sql) => [sql]],
    [3, 'whose code sends one statement', (sql) => (queryRunner) => queryRunner.query(sql)],
  ])('are %d for each revision %s, forth and back', async (trips, _, given) => {
    const few = revisions(0, 2, given)
    const many = revisions(10, 12, given)
    const [up, down] = [await tripsOf(few, 'upgrade'), await tripsOf(few, 'downgrade')]
    expect(((await tripsOf(many, 'upgrade')) - up) / 10).toBeLessThanOrEqual(trips)
    expect(((await tripsOf(many, 'downgrade')) - down) / 10).toBeLessThanOrEqual(trips)
  })

  test('leave the limits of a revision as they are without them', async () => {
    const settings = ['lock_timeout', 'client_connection_check_interval']
    const rows = settings.map((name) => `('${name}', current_setting('${name}', true))`).join(', ')
    await direct.rows('CREATE TABLE "seen" ("name" text, "value" text)')
    const all = [revision('look', [`INSERT INTO "seen" VALUES ${rows}`])]
    await tripsOf(all, 'upgrade')
    const seen = (await direct.rows('SELECT * FROM "seen"')) as { name: string; value: string | null }[]
    const value = (wanted: string) => seen.find(({ name }) => name === wanted)?.value
    expect(value('lock_timeout')).toBe('5s')
    // PostgreSQL 13 does not have it, and Windows cannot do it.
    expect(['2s', null]).toContain(value('client_connection_check_interval'))
  })
})
