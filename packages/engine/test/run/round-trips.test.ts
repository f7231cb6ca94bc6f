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

  const revisions = (from: number, count: number): readonly TestRevision[] =>
    Array.from({ length: count }, (_, index) => {
      const table = `t${String(from + index)}`
      return revision(`make ${table}`, [`CREATE TABLE "${table}" ("n" integer)`], [`DROP TABLE "${table}"`])
    })

  test('are three for each revision of one statement, forth and back', async () => {
    const few = revisions(0, 2)
    const many = revisions(10, 12)
    const [up, down] = [await tripsOf(few, 'upgrade'), await tripsOf(few, 'downgrade')]
    expect(((await tripsOf(many, 'upgrade')) - up) / 10).toBeLessThanOrEqual(3)
    expect(((await tripsOf(many, 'downgrade')) - down) / 10).toBeLessThanOrEqual(3)
  })
})
