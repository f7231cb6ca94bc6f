import { setTimeout as wait } from 'node:timers/promises'

import { DataSource } from 'typeorm'

import { TcpProxy } from '../../../../tools/testing/tcp-proxy'
import { History } from '../../src/history/history'
import { openDatabase, tableNames, type TestDatabase } from './databases'
import { appliedMessages, rejection, revision, run, type TestRevision } from './revisions'

describe('a connection to PostgreSQL that is lost', () => {
  let direct: TestDatabase
  let proxy: TcpProxy
  let dataSource: DataSource
  let all: readonly TestRevision[]
  // The simple query protocol, which pg uses for a statement without parameters.
  const lostAnswer = { at: 'COMMIT\0', cut: 'answered' } as const

  beforeEach(async () => {
    direct = await openDatabase('postgres')
    const url = new URL(direct.address)
    proxy = await TcpProxy.open(url.hostname, Number(url.port === '' ? 5432 : url.port))
    // One connection: the lost one must not be waited for.
    dataSource = await new DataSource({
      type: 'postgres',
      url: proxy.through(direct.address),
      poolSize: 1,
    }).initialize()
    all = ['a', 'b', 'c'].map((table) =>
      revision(`make ${table}`, [`CREATE TABLE "${table}" ("n" integer)`], [`DROP TABLE "${table}"`]),
    )
  })
  afterEach(async () => {
    await dataSource.destroy()
    proxy.close()
    await direct.drop()
  })
  const attempt = (options: Parameters<typeof run>[2] = {}) => {
    const queryRunner = dataSource.createQueryRunner()
    return run({ ...direct, dataSource, queryRunner }, all, options).finally(() => queryRunner.release())
  }
  /** A session tells that it was ended before it gives up what it held; the test's own timeout ends the waiting. */
  const noLocks = async (): Promise<void> => {
    const locks = () =>
      direct.rows(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      )
    while ((await locks()).length > 0) await wait(20)
  }

  test.each([
    ['each', 'upgrade'],
    ['all', 'upgrade'],
    ['each', 'downgrade'],
  ] as const)(
    'after COMMIT and before its answer: the database is asked, and the run goes on (mode %s, %s)',
    async (mode, direction) => {
      if (direction === 'downgrade') await attempt()
      void proxy.fail(lostAnswer)
      const { outcome, events } = await attempt({ mode, direction })
      expect(outcome.steps).toHaveLength(3)
      expect(events.filter((event) => event.type === 'locked')).toHaveLength(2)
      expect(await tableNames(direct)).toEqual(direction === 'upgrade' ? ['a', 'b', 'c'] : [])
      expect(await appliedMessages(direct, all)).toEqual(direction === 'upgrade' ? ['make a', 'make b', 'make c'] : [])
      await noLocks()
    },
  )

  test.each([1, 10])('also under a lock of the caller, who waits for nobody (pool of %d)', async (poolSize) => {
    const { url } = dataSource.options as { readonly url: string }
    const own = await new DataSource({ type: 'postgres', url, poolSize }).initialize()
    const queryRunner = own.createQueryRunner()
    const lock = await direct.dialect.lock(queryRunner, { key: 'migrations', timeoutMs: 0 })
    const cut = proxy.fail(lostAnswer)
    const { outcome } = await run({ ...direct, dataSource: own, queryRunner }, all, { lock, lockTimeoutMs: 0 })
    await cut
    expect(outcome.steps).toHaveLength(3)
    await lock.release()
    await queryRunner.release()
    await own.destroy()
    await noLocks()
  })

  test('before COMMIT reached the server: the revision is not applied, and the run says so', async () => {
    void proxy.fail({ ...lostAnswer, cut: 'before' })
    expect(await rejection(attempt())).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringMatching(/\(make a\) failed at COMMIT/),
    })
    expect(await tableNames(direct)).toEqual([])
    expect(await appliedMessages(direct, all)).toEqual([])
    await attempt()
    expect(await tableNames(direct)).toEqual(['a', 'b', 'c'])
  })

  test('and cannot be made again: what is not known is not claimed', async () => {
    void proxy.fail(lostAnswer)
    const error = await rejection(
      attempt({
        listener: (event) => {
          if (event.type === 'progress') proxy.closed = true
        },
      }),
    )
    expect(error).toMatchObject({
      code: 'ALUDEL_CONNECT',
      message: expect.stringMatching(/lost while [0-9a-f]{12} was being committed, and could not be made again/),
    })
    expect((error as { help: string }).help).not.toMatch(/Nothing of this revision remains/)
  })

  test('in the middle of a revision, by an administrator: nothing of it remains, and the next run works', async () => {
    const killed = revision('killed', async (queryRunner) => {
      await queryRunner.query('CREATE TABLE "k" ("n" integer)')
      const [row] = (await queryRunner.query('SELECT pg_backend_pid() AS pid')) as { pid: number }[]
      await direct.rows(`SELECT pg_terminate_backend(${String(row?.pid)})`)
      await queryRunner.query('CREATE TABLE "l" ("n" integer)')
    })
    all = [...all, killed]
    const error = await rejection(attempt())
    expect(error).toMatchObject({ code: 'ALUDEL_STATEMENT', details: { statement: 3, revision: killed.revision.id } })
    expect(await tableNames(direct)).toEqual(['a', 'b', 'c'])
    await noLocks()
    all = [...all.slice(0, 3), revision('after', ['CREATE TABLE "m" ("n" integer)'])]
    await attempt()
    expect(await tableNames(direct)).toEqual(['a', 'b', 'c', 'm'])
    const [entry] = await History.of(direct.dialect, direct.dataSource).readJournal(direct.dataSource)
    expect(entry).toMatchObject({ outcome: 'done' })
  })

  test.each([0, 1])(
    'in a revision that is not transactional, after %d statements: the next run knows what was done, and goes on',
    async (count) => {
      let kill = true
      const outside = revision(
        'outside',
        async (queryRunner) => {
          if (count === 1) await queryRunner.query('CREATE TABLE "k" ("n" integer)')
          await queryRunner.query(
            kill ? 'SELECT pg_terminate_backend(pg_backend_pid())' : 'CREATE TABLE "l" ("n" integer)',
          )
        },
        [],
        { transaction: false },
      )
      all = [outside]
      expect(await rejection(attempt())).toMatchObject({
        code: 'ALUDEL_STATEMENT_HALFWAY',
        help: expect.stringMatching(
          `^The connection was lost: whether statement ${String(count + 1)} took effect is not known.\nThe next run asks the database`,
        ) as string,
        details: { kept: count, statement: count + 1 },
      })
      kill = false
      await attempt()
      expect(await tableNames(direct)).toEqual(count === 1 ? ['k', 'l'] : ['l'])
    },
  )
})
