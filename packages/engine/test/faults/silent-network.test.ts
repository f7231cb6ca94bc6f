import { DataSource, type Logger } from 'typeorm'

import { TcpProxy } from '../../../../tools/testing/tcp-proxy'
import { openDatabase, tableNames } from '../run/databases'
import { appliedMessages, rejection, revision, run } from '../run/revisions'

// A machine that disappears silently: neither a response nor an error arrives.
describe('run on a connection without responses', () => {
  test.each([
    ['at COMMIT', 'COMMIT\0'],
    ['in a statement', 'CREATE TABLE "b"'],
  ])('fails after one timeout of the driver if responses stop %s, and claims nothing unknown', async (_, at) => {
    const direct = await openDatabase('postgres')
    const { hostname, port } = new URL(direct.address)
    const proxy = await TcpProxy.open(hostname, Number(port === '' ? 5432 : port))
    const failures: string[] = []
    const ignore = (): void => undefined
    const logger: Logger = {
      ...{ logQuery: ignore, logQuerySlow: ignore, logSchemaBuild: ignore, logMigration: ignore, log: ignore },
      logQueryError: (error) => failures.push(error instanceof Error ? error.message : error),
    }
    const dataSource = new DataSource({
      type: 'postgres',
      url: proxy.through(direct.address),
      poolSize: 1,
      // What the manual says to configure for it: docs/deployment.md.
      extra: { query_timeout: 5000, keepAlive: true },
      logging: ['error'],
      logger,
    })
    try {
      await dataSource.initialize()
      const all = [
        revision('first', ['CREATE TABLE "a" ("n" integer)']),
        revision('second', ['CREATE TABLE "b" ("n" integer)']),
      ]
      const queryRunner = dataSource.createQueryRunner()
      void proxy.fail(
        at.startsWith('COMMIT') ? { at, cut: 'stalled', behind: 'CREATE TABLE "b"' } : { at, cut: 'stalled' },
      )
      const attempt = run({ ...direct, dataSource, queryRunner }, all, { lockTimeoutMs: 200 })
      const error = (await rejection(attempt)) as { code: string; help: string; message: string }
      await queryRunner.release()
      // The server does not know that the client is gone, and still holds its lock.
      expect(['ALUDEL_CONNECT', 'ALUDEL_STATEMENT']).toContain(error.code)
      // Later queries of the run did not wait for another timeout. What is sent together with COMMIT has no log of its own.
      expect(failures.filter((message) => message === 'Query read timeout')).toHaveLength(
        at.startsWith('COMMIT') ? 0 : 1,
      )
      if (error.code === 'ALUDEL_STATEMENT') expect(error.message).toContain('query_timeout')
      const applied = await appliedMessages(direct, all)
      expect(applied).toEqual(at.startsWith('COMMIT') ? ['first', 'second'] : ['first'])
      if (applied.length === 2) expect(error.help).not.toMatch(/Nothing of this revision remains/)
      proxy.close()
      await run(direct, all)
      expect(await tableNames(direct)).toEqual(['a', 'b'])
    } finally {
      proxy.close()
      if (dataSource.isInitialized) await dataSource.destroy()
      await direct.drop()
    }
  })
})
