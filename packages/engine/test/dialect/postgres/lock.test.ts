import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

import type { DataSource, QueryRunner } from 'typeorm'

import { lock } from '../../../src/dialect/postgres/lock'
import { lockKey, migratorClass } from '../../../src/dialect/postgres/lock-key'
import type { Lock, LockProof } from '../../../src/dialect/roles/locks'
import { ended, startChild } from '../../support/child-process'
import { runScript, TestDatabases, urlOf } from './support'

const databases = new TestDatabases()
const children: ChildProcess[] = []
let name: string
let database: DataSource
let first: QueryRunner
let second: QueryRunner

beforeAll(async () => {
  name = await databases.create()
  database = await databases.open({ applicationName: 'the holder' }, name)
})
afterAll(() => databases.close())
beforeEach(() => {
  first = database.createQueryRunner()
  second = database.createQueryRunner()
})
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const runner of [first, second]) if (!runner.isReleased) await runner.release()
})

test('lock rejects a second session at once and names the holder', async () => {
  const held = await lock(first, { key: 'k', timeoutMs: 0, owner: 'deploy@ci' })
  await expect(lock(second, { key: 'k', timeoutMs: 0 })).rejects.toMatchObject({
    code: 'ALUDEL_LOCKED',
    kind: 'locked',
    message: expect.stringMatching(
      new RegExp(`: deploy@ci, process ${String(process.pid)}, since \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$`),
    ) as string,
    help: expect.stringMatching(/SELECT pg_terminate_backend\(\d+\)/) as string,
    details: { owner: 'deploy@ci', pid: process.pid, session: expect.any(Number) as number },
  })
  await held.release()
  await (await lock(second, { key: 'k', timeoutMs: 0 })).release()
})

test('lock does not block other keys, schemas or databases', async () => {
  const held = await lock(first, { key: 'k', timeoutMs: 0 })
  await (await lock(second, { key: 'other', timeoutMs: 0 })).release()
  await second.query('CREATE SCHEMA IF NOT EXISTS "tenant"')
  await second.query('SET search_path = "tenant"')
  await (await lock(second, { key: 'k', timeoutMs: 0 })).release()
  await second.query('RESET search_path')
  const elsewhere = (await databases.open()).createQueryRunner()
  await (await lock(elsewhere, { key: 'k', timeoutMs: 0 })).release()
  await elsewhere.release()
  await held.release()
})

test('lock reports that it waits, and continues once the lock is free', async () => {
  const held = await lock(first, { key: 'k', timeoutMs: 0 })
  const waited: number[] = []
  let released: Promise<void> | undefined
  const other = await lock(second, {
    key: 'k',
    timeoutMs: 300_000,
    onWait: (ms) => {
      waited.push(ms)
      if (waited.length === 3) released = held.release()
    },
  })
  await released
  expect(waited.length).toBeGreaterThanOrEqual(3)
  expect(waited).toEqual([...waited].sort((a, b) => a - b))
  await other.release()
})

test('lock gives up after its timeout', async () => {
  const held = await lock(first, { key: 'k', timeoutMs: 0 })
  const slept: number[] = []
  const begun = performance.now()
  const sleep = (ms: number): Promise<void> => {
    slept.push(ms)
    return Promise.resolve()
  }
  await expect(lock(second, { key: 'k', timeoutMs: 5000, sleep })).rejects.toMatchObject({
    code: 'ALUDEL_LOCKED',
    message: expect.stringContaining('after 5 s') as string,
  })
  // The time it slept plus the time the machine took.
  expect(performance.now() - begun + slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThan(4900)
  expect(Math.max(...slept)).toBeLessThanOrEqual(750)
  await held.release()
})

test('lock stops waiting on an abort signal and does not take the lock', async () => {
  const held = await lock(first, { key: 'k', timeoutMs: 0 })
  const controller = new AbortController()
  const waiting = lock(second, {
    key: 'k',
    timeoutMs: 600_000,
    signal: controller.signal,
    onWait: () => {
      controller.abort()
    },
  })
  await expect(waiting).rejects.toMatchObject({ code: 'ALUDEL_INTERRUPTED', kind: 'interrupted' })
  await held.release()
  const [row] = await database.query<{ n: number }[]>(
    `SELECT count(*)::integer AS n FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )
  expect(row?.n).toBe(0)
})

describe('the proof of a lock', () => {
  /** Takes the lock, and returns the session on which it is. */
  async function lockWithSide(): Promise<{ held: Lock; proof: LockProof; side: QueryRunner }> {
    const create = jest.spyOn(database, 'createQueryRunner')
    const held = await lock(first, { key: 'k', timeoutMs: 0 })
    const side = create.mock.results[0]?.value as QueryRunner
    create.mockRestore()
    expect(held.proof).toBeDefined()
    return { held, proof: held.proof as LockProof, side }
  }

  async function failureOf(proof: LockProof): Promise<unknown> {
    await first.startTransaction()
    try {
      return await proof.send(first).then(
        () => undefined,
        (error: unknown) => proof.explain(error),
      )
    } finally {
      await first.rollbackTransaction()
    }
  }

  test('succeeds while its session holds it, and takes nothing', async () => {
    const { held, proof } = await lockWithSide()
    expect(await failureOf(proof)).toBeUndefined()
    await first.startTransaction()
    await proof.send(first)
    await proof.send(first)
    await first.commitTransaction()
    await held.check()
    await held.release()
    await (await lock(second, { key: 'k', timeoutMs: 0 })).release()
  })

  test('fails when its session lives and has lost its locks, also if another one has taken it', async () => {
    const { held, proof, side } = await lockWithSide()
    await side.query('SELECT pg_advisory_unlock_all()')
    expect(await failureOf(proof)).toMatchObject({ code: 'ALUDEL_LOCK_LOST' })
    const [row] = (await second.query(
      `SELECT pg_try_advisory_lock(${String(migratorClass)}, ${String((await lockKey(second, 'k')).id)}) AS taken`,
    )) as { taken: boolean }[]
    expect(row).toEqual({ taken: true })
    expect(await failureOf(proof)).toMatchObject({ code: 'ALUDEL_LOCK_LOST' })
    await second.query('SELECT pg_advisory_unlock_all()')
    await held.release()
  })

  test('fails when the lock of this history alone is free', async () => {
    const { held, proof, side } = await lockWithSide()
    await side.query(`SELECT pg_advisory_unlock(${String(migratorClass)}, ${String((await lockKey(first, 'k')).id)})`)
    expect(await failureOf(proof)).toMatchObject({ code: 'ALUDEL_LOCK_LOST' })
    await held.release()
  })
})

test('release does not throw in a failed transaction or on a dead session', async () => {
  const held = await lock(first, { key: 'k', timeoutMs: 0 })
  await first.startTransaction()
  await first.query('SELECT nonsense').catch(() => undefined)
  await held.release()
  await (await lock(second, { key: 'k', timeoutMs: 0 })).release()

  const lost = await databases.open({ poolSize: 1, poolErrorHandler: () => undefined }, name)
  const runner = lost.createQueryRunner()
  const gone = await lock(runner, { key: 'k', timeoutMs: 0 })
  const client = (await runner.connect()) as { on(event: 'error', listener: () => void): void }
  client.on('error', () => undefined)
  const [row] = (await runner.query('SELECT pg_backend_pid() AS pid')) as { pid: number }[]
  await database.query('SELECT pg_terminate_backend($1)', [row?.pid])
  await gone.release()
  await (await lock(second, { key: 'k', timeoutMs: 300_000 })).release()
  await runner.release().catch(() => undefined)
})

test.each(['session', 'lease'] as const)('lock of kind %s leaves the connection as it was', async (kind) => {
  const client = (await first.connect()) as object
  const before = Object.keys(client)
  const held = await lock(first, { key: 'k', timeoutMs: 0, kind })
  await expect(lock(second, { key: 'k', timeoutMs: 0, kind })).rejects.toMatchObject({ code: 'ALUDEL_LOCKED' })
  await held.release()
  expect(Object.keys(client)).toEqual(before)
  expect(Object.keys((await second.connect()) as object)).not.toContain('query')
})

test('lock keeps a query hook that others installed on the connection', async () => {
  const client = (await first.connect()) as { query?: (...given: unknown[]) => unknown }
  const { query } = client
  const seen: unknown[] = []
  const traced = (...given: unknown[]): unknown => {
    seen.push(given[0])
    return query?.apply(client, given)
  }
  client.query = traced
  await (await lock(first, { key: 'k', timeoutMs: 0 })).release()
  expect(client.query).toBe(traced)
  expect(seen).toContainEqual(expect.stringContaining('pg_try_advisory_lock'))
  delete client.query
})

test('lock refuses to run inside a transaction', async () => {
  await first.startTransaction()
  await expect(lock(first, { key: 'k', timeoutMs: 0 })).rejects.toMatchObject({ code: 'ALUDEL_INTERNAL' })
  await first.rollbackTransaction()
})

test('lock loses no count of eight holders in two processes, and is free after its holder is killed', async () => {
  await runScript(database, 'CREATE TABLE "counter" ("n" integer);\nINSERT INTO "counter" VALUES (0);\n')
  const [holder, other] = [start(), start()] as const
  for (const one of [holder, other]) expect(await one.line()).toBe('ready')
  for (const one of [holder, other]) one.go()
  expect(await Promise.all([holder.line(), other.line()])).toEqual(['counted', 'counted'])
  expect(await database.query('SELECT "n" FROM "counter"')).toEqual([{ n: 8 }])
  other.child.stdin?.end()
  expect(await other.end).toMatchObject({ code: 0, errors: '' })

  holder.go()
  expect(await holder.line()).toBe('held')
  await expect(lock(first, { key: 'test', timeoutMs: 0 })).rejects.toMatchObject({ code: 'ALUDEL_LOCKED' })
  const waiting = lock(first, { key: 'test', timeoutMs: 300_000 })
  holder.child.kill('SIGKILL')
  await (await waiting).release()
})

/** Starts a process with four holders. */
function start() {
  const child = startChild(path.join(__dirname, 'lock-process.ts'), [urlOf(name), '4'], { stdin: 'pipe' })
  children.push(child)
  const end = ended(child)
  const lines = createInterface(child.stdout as Readable)[Symbol.asyncIterator]()
  const line = async (): Promise<unknown> => (await lines.next()).value
  return { child, end, line, go: () => child.stdin?.write('go\n') }
}
