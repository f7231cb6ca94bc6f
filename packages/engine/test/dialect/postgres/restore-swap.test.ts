import type { DataSource, QueryRunner } from 'typeorm'

import { quote } from '../../../src/dialect/postgres/names'
import { lock } from '../../../src/dialect/postgres/lock'
import { lockRestore, usersOf } from '../../../src/dialect/postgres/restore-server'
import { swapNames } from '../../../src/dialect/postgres/restore-swap'
import { postgresUrl } from '../../../../../tools/testing/databases'
import { TestDatabases, uniqueName, urlOf } from './support'

const databases = new TestDatabases()
let admin: DataSource
let session: QueryRunner
let [name, fresh, kept] = ['', '', '']

beforeAll(async () => {
  admin = await databases.open({ url: postgresUrl(), poolSize: 3 }, 'postgres')
  session = admin.createQueryRunner()
})
afterAll(async () => {
  await session.release()
  await databases.close()
})
beforeEach(async () => {
  ;[name, fresh, kept] = [uniqueName('swap "n"'), uniqueName('fresh'), uniqueName('kept')]
  for (const one of [name, fresh]) await admin.query(`CREATE DATABASE ${quote(one)} TEMPLATE template0`)
})
afterEach(async () => {
  for (const one of [name, fresh, kept]) await admin.query(`DROP DATABASE IF EXISTS ${quote(one)} WITH (FORCE)`)
})

/** Which of the databases exist, by their number in the catalog. */
async function numbers(): Promise<Record<string, string>> {
  const rows = await admin.query<{ datname: string; oid: string }[]>(
    'SELECT datname, oid::text FROM pg_database WHERE datname = ANY ($1)',
    [[name, fresh, kept]],
  )
  return Object.fromEntries(rows.map((row) => [row.datname, row.oid]))
}

const swap = (disconnect: boolean): Promise<void> =>
  swapNames(session, admin, { fresh, name, old: { name, kept }, disconnect })

test('gives both databases their new names', async () => {
  const before = await numbers()
  await swap(false)
  expect(await numbers()).toEqual({ [kept]: before[name], [name]: before[fresh] })
})

test('gives the name of a database that does not exist', async () => {
  const before = await numbers()
  await admin.query(`DROP DATABASE ${quote(name)}`)
  await swapNames(session, admin, { fresh, name, old: undefined, disconnect: false })
  expect(await numbers()).toEqual({ [name]: before[fresh] })
})

test('changes neither name when the second cannot be given', async () => {
  const before = await numbers()
  await expect(
    swapNames(session, admin, { fresh: 'missing', name, old: { name, kept }, disconnect: false }),
  ).rejects.toMatchObject({ code: 'ALUDEL_RESTORE', message: expect.stringContaining('missing') as string })
  expect(await numbers()).toEqual(before)
})

test('refuses while others are connected, and names them', async () => {
  const before = await numbers()
  const other = await databases.open({ applicationName: 'the application' }, name)
  await expect(swap(false)).rejects.toMatchObject({
    code: 'ALUDEL_CONNECTED',
    message: expect.stringMatching(
      /is in use by pid \d+ \(the application, user postgres, from 127\.0\.0\.1\)$/,
    ) as string,
    help: expect.stringContaining('--disconnect') as string,
    details: { database: name, sessions: [{ application: 'the application', canBeEnded: true }] },
  })
  expect(await numbers()).toEqual(before)
  expect(await other.query('SELECT 1 AS alive')).toEqual([{ alive: 1 }])
  await other.destroy()
})

test('ends the sessions of others when told to, also of those that come back at once', async () => {
  const before = await numbers()
  let ended = 0
  let stop = false
  // An application whose pool connects again whenever its session was ended.
  const application = (async () => {
    while (!stop) {
      const { Client } = await import('pg')
      const client = new Client({ connectionString: urlOf(name) })
      client.on('error', () => undefined)
      try {
        await client.connect()
        while (!stop) await client.query('SELECT pg_sleep(0.01)')
      } catch {
        ended += 1
      } finally {
        await client.end().catch(() => undefined)
      }
    }
  })()
  while ((await usersOf(admin, name)).sessions.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  await swap(true)
  stop = true
  await application
  expect(ended).toBeGreaterThan(0)
  expect(await numbers()).toEqual({ [kept]: before[name], [name]: before[fresh] })
})

test('never ends the session of a migrator', async () => {
  const other = await databases.open({ poolSize: 2 }, name)
  const runner = other.createQueryRunner()
  const held = await lock(runner, { key: 'migrations', timeoutMs: 0 })
  await expect(swap(true)).rejects.toMatchObject({ code: 'ALUDEL_LOCKED' })
  await held.check()
  await held.release()
  await runner.release()
  await other.destroy()
})

test('is undone by the server when its session ends in the middle', async () => {
  const before = await numbers()
  const own = await databases.open({ url: postgresUrl(), poolSize: 3 }, 'postgres')
  const doomed = own.createQueryRunner()
  const [row] = (await doomed.query('SELECT pg_backend_pid() AS pid')) as { pid: number }[]
  await doomed.query('BEGIN')
  await doomed.query(`ALTER DATABASE ${quote(name)} RENAME TO ${quote(kept)}`)
  await admin.query('SELECT pg_terminate_backend($1)', [row?.pid])
  await expect(doomed.query('COMMIT')).rejects.toThrow()
  expect(await numbers()).toEqual(before)
})

test('keeps a second restore of the same database out, from whichever database it looks', async () => {
  const other = await databases.open({ poolSize: 1 })
  const runner = other.createQueryRunner()
  await lockRestore(session, name)
  await expect(lockRestore(runner, name)).rejects.toMatchObject({ code: 'ALUDEL_LOCKED' })
  await lockRestore(runner, fresh)
  await session.query('SELECT pg_advisory_unlock_all()')
  await runner.release()
  await other.destroy()
})
