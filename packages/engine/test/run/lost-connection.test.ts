import { setTimeout as wait } from 'node:timers/promises'

import { DataSource } from 'typeorm'

import { TcpProxy } from '../../../../tools/testing/tcp-proxy'
import { History } from '../../src/history/history'
import { openDatabase, tableNames, type TestDatabase } from './databases'
import { appliedMessages, rejection, revision, run, type TestRevision, runThrough } from './revisions'

describe('a run that loses its PostgreSQL connection', () => {
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
    // One connection: the run must not wait for the lost one.
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
  const attempt = (options: Parameters<typeof run>[2] = {}) => runThrough(dataSource, direct, all, options)
  /** Waits until no advisory lock is left: a session reports its end before it releases its locks. */
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
    'continues when the answer to COMMIT is lost but the database has it (mode %s, %s)',
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

  test.each([1, 10])('continues with a lock timeout of 0 (pool of %d)', async (poolSize) => {
    const { url } = dataSource.options as { readonly url: string }
    const own = await new DataSource({ type: 'postgres', url, poolSize }).initialize()
    const queryRunner = own.createQueryRunner()
    const cut = proxy.fail(lostAnswer)
    const { outcome } = await run({ ...direct, dataSource: own, queryRunner }, all, { lockTimeoutMs: 0 })
    await cut
    expect(outcome.steps).toHaveLength(3)
    await queryRunner.release()
    await own.destroy()
    await noLocks()
  })

  test('fails without applying the revision when COMMIT does not reach the server', async () => {
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

  test('does not claim that nothing remains when it cannot reconnect', async () => {
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
      message: expect.stringMatching(/lost while [0-9a-f]{12} was being committed, and could not be restored/),
    })
    expect((error as { help: string }).help).not.toMatch(/Nothing of this revision remains/)
  })

  test('leaves nothing of a revision whose session was terminated, and the next run works', async () => {
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

  test.each([0, 1])('can be resumed when a non-transactional revision has executed %d statements', async (count) => {
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
  })
})

describe('a session that the server ends between two statements', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase('postgres')
  })
  afterEach(async () => {
    await database.drop()
  })

  /** Waits until the driver has read the server's last message. */
  const untilReleased = async (queryRunner: { readonly isReleased: boolean }): Promise<void> => {
    while (!queryRunner.isReleased) await wait(5)
  }
  const ends = (transaction: boolean, end: (pid: number) => Promise<unknown>) =>
    revision(
      'ends',
      async (queryRunner) => {
        await queryRunner.query('CREATE TABLE "k" ("n" integer)')
        const [row] = (await queryRunner.query('SELECT pg_backend_pid() AS pid')) as { pid: number }[]
        await end(Number(row?.pid))
        await untilReleased(queryRunner)
        await queryRunner.query('CREATE TABLE "l" ("n" integer)')
      },
      [],
      { transaction },
    )
  const terminate = (pid: number): Promise<unknown> => database.rows(`SELECT pg_terminate_backend(${String(pid)})`)

  test.each([true, false])("fails with the server's words (transactional: %s)", async (transaction) => {
    for (const poolSize of [1, 10]) {
      const dataSource = await database.connect({ poolSize })
      const queryRunner = dataSource.createQueryRunner()
      const error = await rejection(run({ ...database, dataSource, queryRunner }, [ends(transaction, terminate)]))
      expect(error).toMatchObject({
        message: expect.stringMatching(/terminating connection due to administrator command/) as string,
      })
      expect(JSON.stringify([(error as Error).message, error])).not.toMatch(/already released/)
      await database.rows('DROP TABLE IF EXISTS "k"')
      await queryRunner.release()
    }
  })

  test('names the timeout of an idle transaction', async () => {
    const slow = revision('slow', async (queryRunner) => {
      await queryRunner.query(`SET LOCAL idle_in_transaction_session_timeout = '50ms'`)
      await queryRunner.query('CREATE TABLE "k" ("n" integer)')
      await untilReleased(queryRunner)
      await queryRunner.query('CREATE TABLE "l" ("n" integer)')
    })
    expect(await rejection(run(database, [slow]))).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringMatching(
        /failed at statement 3 .*terminating connection due to idle-in-transaction timeout; HINT: .*idle_in_transaction_session_timeout/,
      ) as string,
      help: expect.stringMatching(/Nothing of this revision remains/) as string,
    })
  })

  test('reports why the session of the lock ended', async () => {
    const idle = revision('idle', async (queryRunner) => {
      const [row] = (await queryRunner.query(
        `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid() ` +
          `AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      )) as { pid: number }[]
      await terminate(Number(row?.pid))
      const left = () => database.rows(`SELECT FROM pg_stat_activity WHERE pid = ${String(row?.pid)}`)
      while ((await left()).length > 0) await wait(5)
      await wait(50)
      await queryRunner.query('CREATE TABLE "k" ("n" integer)')
    })
    expect(await rejection(run(database, [idle]))).toMatchObject({
      code: 'ALUDEL_LOCK_LOST',
      message: expect.stringMatching(
        /its session has ended: terminating connection due to administrator command/,
      ) as string,
    })
  })
})
