import net from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

import { DataSource } from 'typeorm'

import { History } from '../../src/history/history'
import { openDatabase, tableNames, type TestDatabase } from './databases'
import { appliedMessages, rejection, revision, run, type TestRevision } from './revisions'

type Cut = 'answer' | 'request'

/** A line between client and server that can be cut once, at a COMMIT: before it is sent, or before it is answered. */
class Proxy {
  readonly #server: net.Server
  cutAtCommit: Cut | undefined
  /** Refuse further connections. */
  closed = false

  constructor(host: string, port: number) {
    this.#server = net.createServer((client) => {
      if (this.closed) {
        client.destroy()
        return
      }
      const server = net.connect(port, host)
      let deaf = false
      const cut = (): void => {
        client.destroy()
      }
      client.on('data', (data) => {
        // 'Q', length, text: the simple query protocol, which pg uses for a statement without parameters.
        if (this.cutAtCommit !== undefined && data.includes('COMMIT\0')) {
          const kind = this.cutAtCommit
          this.cutAtCommit = undefined
          if (kind === 'request') {
            server.destroy()
            cut()
            return
          }
          deaf = true
        }
        server.write(data)
      })
      server.on('data', (data) => {
        if (deaf) {
          server.destroy()
          cut()
        } else client.write(data)
      })
      client.on('error', () => undefined)
      server.on('error', () => undefined)
      client.on('close', () => server.destroy())
      server.on('close', () => client.destroy())
    })
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return address.port
  }

  close(): void {
    this.#server.close()
  }
}

describe('a connection to PostgreSQL that is lost', () => {
  let direct: TestDatabase
  let proxy: Proxy
  let dataSource: DataSource
  let all: readonly TestRevision[]

  beforeEach(async () => {
    direct = await openDatabase('postgres')
    const url = new URL(direct.address)
    proxy = new Proxy(url.hostname, Number(url.port === '' ? 5432 : url.port))
    url.port = String(await proxy.listen())
    url.hostname = '127.0.0.1'
    // One connection: the lost one must not be waited for.
    dataSource = await new DataSource({ type: 'postgres', url: url.href, poolSize: 1 }).initialize()
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
      proxy.cutAtCommit = 'answer'
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
    proxy.cutAtCommit = 'answer'
    const { outcome } = await run({ ...direct, dataSource: own, queryRunner }, all, { lock, lockTimeoutMs: 0 })
    expect(outcome.steps).toHaveLength(3)
    await lock.release()
    await queryRunner.release()
    await own.destroy()
    await noLocks()
  })

  test('before COMMIT reached the server: the revision is not applied, and the run says so', async () => {
    proxy.cutAtCommit = 'request'
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
    proxy.cutAtCommit = 'answer'
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
    'in a revision that is not transactional, after %d statements: it is not known what the next one did',
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
          `^The connection was lost: whether statement ${String(count + 1)} took effect is not known`,
        ),
        details: { kept: count, statement: count + 1 },
      })
      kill = false
      const error = await rejection(attempt())
      expect(error).toMatchObject({
        code: 'ALUDEL_STATEMENT_HALFWAY',
        message: expect.stringMatching(/cut off at statement/),
      })
      await direct.rows(/(UPDATE .*)/.exec((error as { help: string }).help)?.[1] ?? '')
      await attempt()
      expect(await tableNames(direct)).toEqual(count === 1 ? ['k', 'l'] : ['l'])
    },
  )
})
