import { spawnSync } from 'node:child_process'
import { hostname } from 'node:os'

import { dialectNames } from '../run/databases'
import { rejection } from '../run/revisions'
import { entity, id, openProject, type TestProject } from './project'

const authors = entity('authors', { id })

describe.each(dialectNames)('unlock on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  const hold = (
    options: { readonly kind?: 'session' | 'lease'; readonly leaseMs?: number; readonly owner?: string } = {},
  ) =>
    project.database.dialect.locks.acquire(project.database.queryRunner, {
      key: 'migrations',
      timeoutMs: 0,
      owner: 'deploy@ci',
      ...options,
    })

  test('reports that the lock is not held', async () => {
    expect(await project.migrator([authors]).unlock()).toEqual({ lock: null, removed: false })
  })

  test('refuses to end a session lock, even with --force, and names its holder', async () => {
    const held = await hold()
    for (const force of [false, true]) {
      expect(await rejection(project.migrator([authors]).unlock({ force }))).toMatchObject({
        code: 'ALUDEL_LOCK_LIVE',
        kind: 'refused',
        message: expect.stringMatching(/^the lock is held by deploy@ci, process \d+, since /) as string,
        ...(dialect === 'postgres' && { help: expect.stringContaining('pg_terminate_backend') as string }),
        details: { lock: { kind: 'session', owner: 'deploy@ci', pid: process.pid, live: true } },
      })
    }
    await held.release()
    expect(await project.migrator([authors]).unlock()).toEqual({ lock: null, removed: false })
  })

  if (dialect === 'postgres') {
    test('asks before it ends an expired lease, and ends only that lease', async () => {
      const held = await hold({ kind: 'lease', leaseMs: 600_000 })
      const expire = () =>
        project.database.rows(
          `UPDATE "aludel_lock" SET "expires_at" = clock_timestamp(), "acquired_at" = clock_timestamp() - interval '2 h'`,
        )
      await expire()
      const migrator = project.migrator([authors])
      expect(await rejection(migrator.unlock({ confirm: () => Promise.resolve(false) }))).toMatchObject({
        code: 'ALUDEL_CONFIRMATION',
        details: { lock: { owner: 'deploy@ci', live: false } },
      })
      const taken = migrator.unlock({
        confirm: async () => {
          // While the question is open, another process takes the lease.
          await project.database.rows(
            `UPDATE "aludel_lock" SET "token" = "token" + 1, "expires_at" = clock_timestamp() + interval '1 h'`,
          )
          return true
        },
      })
      expect(await taken).toMatchObject({ removed: false })
      await expire()
      const ended = await migrator.unlock()
      expect(ended).toMatchObject({
        removed: true,
        lock: { kind: 'lease', owner: 'deploy@ci', pid: process.pid, token: '2' },
      })
      expect(ended.lock?.ageMs).toBeGreaterThan(7_000_000)
      expect(await migrator.unlock()).toEqual({ lock: null, removed: false })
      expect(await rejection(held.check())).toMatchObject({ code: 'ALUDEL_LOCK_LOST' })
      await held.release()
    })

    test('looks on its own host whether the process of an expired lease still runs', async () => {
      const [stopped, ended] = [process.pid, spawnSync(process.execPath, ['-e', '']).pid]
      const held = await hold({ kind: 'lease', owner: `deploy@${hostname()}`, leaseMs: 600_000 })
      const set = (pid: number, expires: string) =>
        project.database.rows(
          `UPDATE "aludel_lock" SET "pid" = ${String(pid)}, "expires_at" = clock_timestamp() + interval '${expires}'`,
        )
      const migrator = project.migrator([authors])
      await set(stopped, '0')
      expect(await rejection(migrator.unlock())).toMatchObject({
        code: 'ALUDEL_LOCK_LIVE',
        message: expect.stringMatching(/without a heartbeat, which is still running$/) as string,
        help: expect.stringContaining(`process ${String(stopped)} runs on this host.`) as string,
      })
      await set(ended, '1 h')
      expect(await rejection(migrator.unlock())).toMatchObject({
        code: 'ALUDEL_LOCK_LIVE',
        help: expect.stringContaining(`On this host no process ${String(ended)} runs.`) as string,
      })
      await set(ended, '0')
      expect(await migrator.unlock()).toMatchObject({ removed: true })
      await held.release()
    })

    test('refuses a live lease unless forced, and then its holder loses the lock', async () => {
      const held = await hold({ kind: 'lease' })
      const migrator = project.migrator([authors])
      expect(await rejection(migrator.unlock())).toMatchObject({
        code: 'ALUDEL_LOCK_LIVE',
        help: expect.stringContaining('--force') as string,
      })
      expect(await migrator.unlock({ force: true })).toMatchObject({ removed: true })
      expect(await rejection(held.check())).toMatchObject({ code: 'ALUDEL_LOCK_LOST' })
      await held.release()
      await (await hold({ kind: 'lease' })).release()
    })

    test('leaves a table of leases that create and check ignore', async () => {
      await (await hold({ kind: 'lease' })).release()
      const migrator = project.migrator([authors])
      await migrator.create('first')
      await migrator.upgrade()
      expect(await migrator.check({ database: true })).toMatchObject({ clean: true, database: { clean: true } })
    })
  }
})
