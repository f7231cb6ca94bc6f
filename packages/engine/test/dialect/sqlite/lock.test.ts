import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

import { readOnlySqlite } from '../../../../../tools/testing/databases'
import { lock, lockFileOf } from '../../../src/dialect/sqlite/lock'
import { startChild } from '../../support/child-process'
import { Databases } from './support'

const databases = new Databases()
const children: ChildProcess[] = []
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await databases.dispose()
})

interface Holder {
  readonly child: ChildProcess
  /** Resolves when it prints this word; rejects when it prints another or ends. */
  says(word: string): Promise<void>
  /** Lets it continue. */
  go(): void
}

function start(database: string, turns: number): Holder {
  const child = startChild(path.join(__dirname, 'lock-holder.cjs'), [database, String(turns)], { stdin: 'pipe' })
  children.push(child)
  let error = ''
  child.stderr?.on('data', (chunk: Buffer) => (error += chunk.toString()))
  const lines = createInterface(child.stdout as Readable)[Symbol.asyncIterator]()
  return {
    child,
    says: async (word) => {
      const { value } = (await lines.next()) as { value?: string }
      if (value !== word) throw new Error(`${value ?? 'nothing'}: ${error}`)
    },
    go: () => child.stdin?.write('go\n'),
  }
}

const key = 'migrations'

describe('lock', () => {
  test('lets eight holders in two processes take turns on a fresh database, and passes on when one is killed', async () => {
    const database = databases.file()
    const [holder, other] = [start(database, 4), start(database, 4)] as const
    for (const one of [holder, other]) await one.says('ready')
    for (const one of [holder, other]) one.go()
    await Promise.all([holder.says('done'), other.says('done')])
    const dataSource = await databases.open({ database })
    expect(await dataSource.query('SELECT n FROM turns ORDER BY n')).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8].map((n) => ({ n })),
    )

    holder.go()
    await holder.says('locked')
    const queryRunner = dataSource.createQueryRunner()
    await expect(lock(queryRunner, { key, timeoutMs: 0 })).rejects.toMatchObject({
      code: 'ALUDEL_LOCKED',
      kind: 'locked',
    })
    const ended = once(holder.child, 'close')
    const waits: number[] = []
    const waiting = lock(queryRunner, {
      key,
      timeoutMs: 300_000,
      onWait: (waited) => {
        waits.push(waited)
        if (waits.length === 2) holder.child.kill('SIGKILL')
      },
    })
    await (await waiting).release()
    expect(waits.length).toBeGreaterThanOrEqual(2)
    expect(await ended).toEqual([null, 'SIGKILL'])
  })

  test('leaves the database readable and writable', async () => {
    const dataSource = await databases.with('CREATE TABLE t (a)')
    const held = await lock(dataSource.createQueryRunner(), { key, timeoutMs: 0 })
    const other = await databases.open({ database: dataSource.options.database as string })
    await other.query('INSERT INTO t VALUES (1)')
    expect(await dataSource.query('SELECT a FROM t')).toEqual([{ a: 1 }])
    await held.release()
  })

  test('is held once per process, and can be taken again after release', async () => {
    const dataSource = await databases.with()
    const other = await databases.open({ database: dataSource.options.database as string })
    const held = await lock(dataSource.createQueryRunner(), { key, timeoutMs: 0 })
    const attempt = lock(other.createQueryRunner(), { key, timeoutMs: 30, sleep: () => Promise.resolve() })
    const error = await attempt.catch((caught: unknown) => caught)
    expect(error).toMatchObject({ code: 'ALUDEL_LOCKED', details: { database: dataSource.options.database } })
    expect((error as Error & { help: string }).help).toContain('Nothing was changed')
    await held.release()
    await held.release()
    await (await lock(other.createQueryRunner(), { key, timeoutMs: 0 })).release()
  })

  test('treats two paths of one file as the same database', async () => {
    const file = databases.file()
    const one = await databases.open({ database: file })
    await one.query('CREATE TABLE t (a)')
    const other = await databases.open({ database: path.relative(process.cwd(), file) })
    const held = await lock(one.createQueryRunner(), { key, timeoutMs: 0 })
    await expect(lock(other.createQueryRunner(), { key, timeoutMs: 0 })).rejects.toMatchObject({
      code: 'ALUDEL_LOCKED',
    })
    await held.release()
  })

  test('stops waiting at once on an abort signal', async () => {
    const dataSource = await databases.with()
    const other = await databases.open({ database: dataSource.options.database as string })
    const held = await lock(dataSource.createQueryRunner(), { key, timeoutMs: 0 })
    const controller = new AbortController()
    const attempt = lock(other.createQueryRunner(), {
      key,
      timeoutMs: 300_000,
      signal: controller.signal,
      onWait: () => setImmediate(() => controller.abort()),
    })
    await expect(attempt).rejects.toMatchObject({ code: 'ALUDEL_INTERRUPTED', kind: 'interrupted' })
    await held.release()
    await expect(
      lock(other.createQueryRunner(), { key, timeoutMs: 0, signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'ALUDEL_INTERRUPTED' })
  })

  test('does not lock an in-memory database', async () => {
    const dataSource = await databases.open({ database: ':memory:' })
    const held = await lock(dataSource.createQueryRunner(), { key, timeoutMs: 0 })
    await (await lock(dataSource.createQueryRunner(), { key, timeoutMs: 0 })).release()
    await held.release()
    expect(existsSync(lockFileOf(':memory:'))).toBe(false)
  })

  test('refuses a read-only database and does not change it', async () => {
    const source = await databases.with('CREATE TABLE t (a)', 'PRAGMA user_version = 7')
    const readonly = await databases.open({ database: source.options.database as string, ...readOnlySqlite })
    await expect(lock(readonly.createQueryRunner(), { key, timeoutMs: 0 })).rejects.toMatchObject({
      code: 'ALUDEL_READ_ONLY',
    })
    await (await lock(source.createQueryRunner(), { key, timeoutMs: 0 })).release()
    expect(await source.query('PRAGMA user_version')).toEqual([{ user_version: 7 }])
  })
})
