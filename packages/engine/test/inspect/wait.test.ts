// cspell:ignore geheim
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { DataSourceOptions } from 'typeorm'

import { queryPostgres } from '../../../../tools/testing/databases'
import { TcpProxy } from '../../../../tools/testing/tcp-proxy'
import type { WaitOptions, WaitStatus } from '../../src/inspect/wait'
import type { Migrator } from '../../src/migrator'
import { dialectNames, openDatabase, postgresUrl, sqliteOptions, type TestDatabase } from '../run/databases'
import { idOf, letters, nameOf, Releases } from '../run/release-files'
import { rejection } from '../run/revisions'

const { a, b, c } = letters

let folder: string
let releases: Releases
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'aludel-wait-'))
  releases = new Releases(folder)
})
afterEach(async () => {
  await releases.close()
  await rm(folder, { recursive: true, force: true })
})

/** A migrator of an image with these files. */
const image: Releases['of'] = (...given) => releases.of(...given)

/** Waits, and does something when the database is found not ready for the first time. */
async function waiting(migrator: Migrator, options: WaitOptions, meanwhile: () => unknown) {
  const statuses: WaitStatus[] = []
  let done: Promise<unknown> | undefined
  const result = await migrator.wait({
    timeoutMs: 60_000,
    ...options,
    onWait: (status) => {
      statuses.push(status)
      done ??= Promise.resolve(meanwhile())
    },
  })
  await done
  return { result, statuses }
}

describe.each(dialectNames)('waiting for a database on %s', (dialect) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase(dialect)
  })
  afterEach(() => database.drop())

  test('ends at once if it has all revisions, and reports where it is', async () => {
    await (await image([a, b], database.options)).upgrade()
    const statuses: WaitStatus[] = []
    const { waitedMs, ...rest } = await (
      await image([a, b], database.options)
    ).wait({ onWait: (status) => statuses.push(status) })
    expect(rest).toEqual({
      current: [idOf('b')],
      heads: [idOf('b')],
      unknown: [],
      database: { dialect, name: expect.any(String) as string },
    })
    expect(waitedMs).toBeGreaterThanOrEqual(0)
    expect(statuses).toEqual([])
  })

  test('ends when another process has applied what was pending, and writes nothing', async () => {
    const waiter = await image([a, b], database.options)
    const before = await database.rows(tablesOf(dialect))
    const { result, statuses } = await waiting(waiter, {}, async () => {
      expect(await database.rows(tablesOf(dialect))).toEqual(before)
      await (await image([a, b], database.options)).upgrade()
    })
    expect(result).toMatchObject({ current: [idOf('b')] })
    expect(statuses[0]).toEqual({
      reason: 'revisions',
      message: `2 revisions are pending (current base, head ${idOf('b')})`,
      waitedMs: expect.any(Number) as number,
      current: [],
      pending: [idOf('a'), idOf('b')],
      unknown: [],
    })
  })

  test('takes a database that a newer release has migrated as ready', async () => {
    await (await image([a, b], database.options)).upgrade()
    expect(await (await image([a], database.options)).wait({ timeoutMs: 0 })).toMatchObject({
      current: [idOf('a')],
      heads: [idOf('a')],
      unknown: [nameOf('b')],
    })
  })

  test('waits while one of its own revisions is pending, whatever else the database has', async () => {
    await (await image([a, b], database.options)).upgrade()
    const error = await rejection((await image([a, c], database.options)).wait({ timeoutMs: 0 }))
    expect(error).toMatchObject({
      code: 'ALUDEL_WAIT_TIMEOUT',
      kind: 'answer',
      message:
        `the database is not ready: 1 revision is pending (current ${idOf('a')}, head ${idOf('c')}); ` +
        'the database has 1 revision that these files do not have',
      help: expect.stringContaining(nameOf('b')) as string,
      details: { reason: 'revisions', pending: [idOf('c')], unknown: [nameOf('b')], heads: [idOf('c')] },
    })
  })

  test('waits for all branches, or for the one that it is given', async () => {
    await (await image([a, b, c], database.options)).upgrade('reports@head')
    const one = await image([a, b, c], database.options)
    expect(await one.wait({ target: 'reports@head', timeoutMs: 0 })).toMatchObject({ current: [idOf('c')] })
    expect(await one.wait({ target: 'aaaa', timeoutMs: 0 })).toMatchObject({ current: [idOf('c')] })
    expect(await rejection(one.wait({ timeoutMs: 0 }))).toMatchObject({ details: { pending: [idOf('b')] } })
    expect(await rejection(one.wait({ target: 'bbbb', timeoutMs: 0 }))).toMatchObject({
      details: { pending: [idOf('b')] },
    })
  })

  test.each(['+1', 'current', 'zz', 'a:b'])('refuses the target %s at once', async (target) => {
    const statuses: WaitStatus[] = []
    const waited = (await image([a], database.options)).wait({ target, onWait: (status) => statuses.push(status) })
    expect(await rejection(waited)).toMatchObject({ kind: 'usage' })
    expect(statuses).toEqual([])
  })

  test('gives up after the time, and says what is missing', async () => {
    const statuses: WaitStatus[] = []
    const waited = (await image([a], database.options)).wait({
      timeoutMs: 300,
      onWait: (status) => statuses.push(status),
    })
    expect(await rejection(waited)).toMatchObject({
      code: 'ALUDEL_WAIT_TIMEOUT',
      message: `the database was not ready after 0.3 s: 1 revision is pending (current base, head ${idOf('a')})`,
      help: expect.stringContaining('aludel migrate upgrade') as string,
    })
    expect(statuses.length).toBeGreaterThan(1)
    expect(statuses.at(-1)?.waitedMs).toBeGreaterThanOrEqual(300)
  })

  test('ends when it is interrupted, while it pauses and before', async () => {
    const controller = new AbortController()
    const waiter = await image([a], database.options, { signal: controller.signal })
    expect(await rejection(waiter.wait({ onWait: () => controller.abort() }))).toMatchObject({
      code: 'ALUDEL_INTERRUPTED',
    })
    expect(await rejection(waiter.wait())).toMatchObject({ code: 'ALUDEL_INTERRUPTED' })
  })

  test('waits for a downgrade that has stopped half-way, although the history has its revision', async () => {
    const outside = { ...b, more: 'transaction = false' }
    const migrating = await image([a, outside], database.options)
    await migrating.upgrade()
    await database.rows('DROP TABLE "b"')
    expect(await rejection(migrating.downgrade('-1', { backup: 'never' }))).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
    })
    for (const files of [[a, outside], [a]])
      expect(await rejection((await image(files, database.options)).wait({ timeoutMs: 0 }))).toMatchObject({
        message: expect.stringMatching(/the downgrade of .*b{12}.* stopped half-way/) as string,
        details: { reason: 'halfway' },
      })
  })

  test('does not wait for an upgrade of a newer release that has stopped half-way', async () => {
    const outside = { ...b, more: 'transaction = false' }
    const migrating = await image([a, outside], database.options)
    await migrating.upgrade(idOf('a'))
    await database.rows('CREATE TABLE "b2" ("n" integer)')
    expect(await rejection(migrating.upgrade())).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY' })
    expect(await (await image([a], database.options)).wait({ timeoutMs: 0 })).toMatchObject({ current: [idOf('a')] })
    expect(await rejection((await image([a, outside], database.options)).wait({ timeoutMs: 0 }))).toMatchObject({
      details: { reason: 'revisions', pending: [idOf('b')] },
    })
  })

  test('looks through the connection of the caller, and leaves it open', async () => {
    const connected = await database.connect()
    const { result } = await waiting(await image([a], connected), {}, async () =>
      (await image([a], database.options)).upgrade(),
    )
    expect(result.current).toEqual([idOf('a')])
    expect(connected.isInitialized).toBe(true)
  })
})

describe('waiting for a SQLite file', () => {
  const file = (): string => path.join(folder, 'app.db')

  test('that does not exist does not create it', async () => {
    const { result, statuses } = await waiting(await image([a], sqliteOptions(file())), {}, async () => {
      expect(existsSync(file())).toBe(false)
      await (await image([a], sqliteOptions(file()))).upgrade()
    })
    expect(statuses[0]).toMatchObject({
      reason: 'database',
      message: `there is no database ${JSON.stringify(file())}`,
    })
    expect(result.database.name).toBe(file())
  })

  test('in a folder that does not exist creates none', async () => {
    const options = sqliteOptions(path.join(folder, 'data', 'app.db'))
    expect(await rejection((await image([a], options)).wait({ timeoutMs: 0 }))).toMatchObject({
      code: 'ALUDEL_WAIT_TIMEOUT',
      details: { reason: 'database' },
    })
    expect(existsSync(path.join(folder, 'data'))).toBe(false)
  })

  test('fails at once if it is not a database, or a directory', async () => {
    await writeFile(file(), 'not a database, but a text of more than a hundred characters: '.repeat(20))
    expect(await rejection((await image([a], sqliteOptions(file()))).wait())).toMatchObject({
      code: 'ALUDEL_NOT_A_DATABASE',
    })
  })
})

describe('waiting for a PostgreSQL server', () => {
  const name = (): string => `aludel_wait_${path.basename(folder).toLowerCase().replaceAll(/\W/g, '_')}`
  const urlOf = (database: string, server = postgresUrl()): string => {
    const url = new URL(server)
    url.pathname = `/${database}`
    return url.href
  }

  test('a database that does not exist yet', async () => {
    const url = urlOf(name())
    try {
      const { result, statuses } = await waiting(await image([a], { type: 'postgres', url }), {}, async () => {
        await queryPostgres(`CREATE DATABASE "${name()}" TEMPLATE template0`)
        await (await image([a], { type: 'postgres', url })).upgrade()
      })
      expect(statuses[0]).toMatchObject({
        reason: 'database',
        message: expect.stringContaining(`there is no database "${name()}"`) as string,
      })
      expect(result.current).toEqual([idOf('a')])
    } finally {
      await queryPostgres(`DROP DATABASE IF EXISTS "${name()}" WITH (FORCE)`)
    }
  })

  describe('that exists', () => {
    let database: TestDatabase
    beforeEach(async () => {
      database = await openDatabase('postgres')
    })
    afterEach(() => database.drop())

    test('a server that is not up yet', async () => {
      await (await image([a], database.options)).upgrade()
      const server = new URL(postgresUrl())
      const proxy = await TcpProxy.open(server.hostname, Number(server.port))
      try {
        proxy.closed = true
        const url = proxy.through(database.address)
        const { result, statuses } = await waiting(await image([a], { type: 'postgres', url }), {}, () => {
          proxy.closed = false
        })
        expect(statuses[0]?.reason).toBe('server')
        expect(result.current).toEqual([idOf('a')])
      } finally {
        proxy.close()
      }
    })

    test('an address at which nothing listens', async () => {
      const server = net.createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      const { port } = server.address() as net.AddressInfo
      await new Promise((resolve) => server.close(resolve))
      const url = `postgres://app:geheim@127.0.0.1:${String(port)}/app`
      const error = await rejection((await image([a], { type: 'postgres', url })).wait({ timeoutMs: 0 }))
      expect(error).toMatchObject({
        code: 'ALUDEL_WAIT_TIMEOUT',
        message: `the database is not ready: nothing listens at 127.0.0.1:${String(port)}`,
        details: { reason: 'server', heads: [idOf('a')] },
        cause: { code: 'ALUDEL_CONNECT' },
      })
    })

    test('a server that accepts connections and never answers, no longer than the time', async () => {
      const sockets: net.Socket[] = []
      const server = net.createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
      await new Promise((resolve) => server.once('listening', resolve))
      const { port } = server.address() as net.AddressInfo
      try {
        const url = `postgres://app@127.0.0.1:${String(port)}/app`
        const waiter = await image([a], { type: 'postgres', url })
        expect(await rejection(waiter.wait({ timeoutMs: 100 }))).toMatchObject({
          message: 'the database was not ready after 0.1 s: the database has not answered for 1 s',
          details: { reason: 'server' },
        })
      } finally {
        for (const socket of sockets) socket.destroy()
        server.close()
      }
    })

    test('keeps no session between two looks', async () => {
      const sessions = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'waiter'`
      const options = { ...database.options, applicationName: 'waiter' } as DataSourceOptions
      let left: unknown[] = []
      await waiting(await image([a], options), {}, async () => {
        // A session that has ended is listed for a moment; one that is kept stays until the wait is over.
        const latest = performance.now() + 20_000
        do left = await database.rows(sessions)
        while (left.length > 0 && performance.now() < latest)
        await (await image([a], database.options)).upgrade()
      })
      expect(left).toEqual([])
    })

    describe('with a role that may only read', () => {
      const role = (): string => `${name()}_reader`
      const options = (): DataSourceOptions => {
        const url = new URL(database.address)
        url.username = role()
        url.password = 'geheim'
        return { type: 'postgres', url: url.href }
      }
      beforeEach(async () => {
        await database.rows(`CREATE ROLE "${role()}" LOGIN PASSWORD 'geheim'`)
        await database.rows('REVOKE ALL ON SCHEMA public FROM PUBLIC')
        const [row] = await database.rows('SELECT current_database() AS name')
        await database.rows(`REVOKE ALL ON DATABASE "${String(row?.['name'])}" FROM PUBLIC`)
        await database.rows(`GRANT CONNECT ON DATABASE "${String(row?.['name'])}" TO "${role()}"`)
        await database.rows(`GRANT USAGE ON SCHEMA public TO "${role()}"`)
      })
      afterEach(async () => {
        await database.rows(`DROP OWNED BY "${role()}"`)
        await database.rows(`DROP ROLE "${role()}"`)
      })

      test('needs nothing but the right to read the history', async () => {
        await (await image([a], database.options)).upgrade()
        const { result, statuses } = await waiting(await image([a], options()), {}, () =>
          database.rows(`GRANT SELECT ON "migrations" TO "${role()}"`),
        )
        expect(statuses[0]).toMatchObject({
          reason: 'access',
          message: expect.stringContaining('permission denied for table migrations') as string,
        })
        expect(result.current).toEqual([idOf('a')])
      })

      test('waits for a history that does not exist yet, and for a role that does not', async () => {
        const waiter = await image([a], options())
        await database.rows(`ALTER ROLE "${role()}" PASSWORD 'other'`)
        const { statuses } = await waiting(waiter, {}, async () => {
          await database.rows(`ALTER ROLE "${role()}" PASSWORD 'geheim'`)
          await (await image([a], database.options)).upgrade()
          await database.rows(`GRANT SELECT ON "migrations" TO "${role()}"`)
        })
        expect(statuses[0]).toMatchObject({ reason: 'access' })
        expect(JSON.stringify(statuses)).not.toContain('geheim')
      })
    })
  })
})

function tablesOf(dialect: string): string {
  return dialect === 'sqlite'
    ? 'SELECT name FROM sqlite_master'
    : "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
}
