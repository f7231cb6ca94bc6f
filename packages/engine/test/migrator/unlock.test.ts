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

  const hold = (options: { readonly kind?: 'session' | 'lease'; readonly leaseMs?: number } = {}) =>
    project.database.dialect.lock(project.database.queryRunner, {
      key: 'migrations',
      timeoutMs: 0,
      owner: 'deploy@ci',
      ...options,
    })

  it('says so when nobody holds the lock', async () => {
    expect(await project.migrator([authors]).unlock()).toEqual({ lock: null, removed: false })
  })

  it('leaves a session alone, with --force as well, and says whose it is', async () => {
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
    it('asks before it ends a dead lease, and ends that one only', async () => {
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
          // While the question is open the lease is taken by somebody else.
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

    it('refuses a live lease; forced, its holder can do nothing more', async () => {
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

    it('the table of leases is nobody’s schema', async () => {
      await (await hold({ kind: 'lease' })).release()
      const migrator = project.migrator([authors])
      await migrator.create('first')
      await migrator.upgrade()
      expect(await migrator.check({ database: true })).toMatchObject({ clean: true, database: { clean: true } })
    })
  }
})
