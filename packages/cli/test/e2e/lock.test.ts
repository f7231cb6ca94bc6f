import type { CurrentResult, RunResult, UnlockResult } from '@aludel/engine'

import { dialects, type Ran, writeFiles } from './harness'
import { ids, revision, run } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

const slow = revision({
  name: 'Slow1700000000004',
  id: 'dddd11112222',
  down: `'${ids.posts}'`,
  message: 'slow',
  // What it prints depends on a query result, so it prints nothing while its statements are only collected, before the
  // lock is taken.
  up: `${run('CREATE TABLE "one" ("id" integer)')}; const [row] = await queryRunner.query('SELECT 1 AS "n"'); console.error('SLOW', row.n); for (let i = 0; i < 6000; i++) { await new Promise((resolve) => setTimeout(resolve, 50)); ${run('SELECT 1')} }`,
  undo: run('DROP TABLE "one"'),
})

describe.each(dialects)('the migration lock on %s', (dialect) => {
  const project = useShop(dialect)

  // On SQLite, either name means the same lock.
  test.each(dialect === 'sqlite' ? ['lease'] : ['session', 'lease'])(
    'a %s lock keeps others out, names its holder, cannot be unlocked, and is released by Ctrl-C, which rolls back',
    async (lock) => {
      writeFiles(project.directory, { 'migrations/1700000000004-slow.ts': slow })
      let others: Promise<readonly Ran[]> | undefined
      const look = async (): Promise<readonly Ran[]> => [
        await project.migrate('upgrade --lock-timeout 1s'),
        await project.migrate('unlock --yes'),
        await project.migrate('unlock --yes --json'),
      ]
      const first = await project.migrateAlone(`upgrade --json --lock ${lock}`, {
        onStderr: (text, kill) => {
          if (text.includes('SLOW')) others ??= look().finally(() => kill('SIGINT'))
        },
      })
      const [waiting, unlock, json] = (await others) ?? []
      const who = String.raw`\S+@\S+, process \d+, since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`
      expect(waiting?.code).toBe(5)
      expect(waiting?.stderr).toMatch(new RegExp(`^waiting for another migrator to finish \\(${who}\\)$`, 'm'))
      expect(waiting?.stderr.match(/^waiting/gm)).toHaveLength(1)
      expect(waiting?.stderr).toMatch(new RegExp(`^error: .*${who}.* \\[ALUDEL_LOCKED\\]$`, 'm'))
      expect(unlock?.code).toBe(4)
      expect(unlock?.stderr).toMatch(
        new RegExp(`^error: the lock is held by ${who}, which is alive \\[ALUDEL_LOCK_LIVE\\]$`, 'm'),
      )
      expect(json?.json<ErrorDocument>().error).toMatchObject({
        code: 'ALUDEL_LOCK_LIVE',
        details: { lock: { kind: dialect === 'sqlite' ? 'session' : lock, live: true } },
      })

      expect(first.code).toBe(130)
      expect(first.json<ErrorDocument>().error.code).toBe('ALUDEL_INTERRUPTED')
      expect((await project.succeeds('current --json')).json<CurrentResult>().current).toEqual([ids.posts])
      // No "one": what the revision had done is rolled back.
      expect(await project.tables()).toEqual(['posts', 'users'])
      // The interrupted run has released the lock.
      expect((await project.succeeds('unlock')).stdout).toBe('The migration lock is free.\n')
      expect((await project.succeeds('unlock --json')).json<UnlockResult>()).toEqual({ lock: null, removed: false })
      await project.succeeds(`downgrade -1 --yes --lock ${lock} --lock-timeout 0`)
    },
  )

  test('accepts a lease by option or configuration, and rejects an unknown kind of lock', async () => {
    expect((await project.succeeds('upgrade --lock lease --json')).json<RunResult>().steps).toHaveLength(3)
    writeFiles(project.directory, { 'aludel.config.json': '{ "revisions": "migrations", "lock": "lease" }' })
    await project.succeeds('downgrade base --yes')
    writeFiles(project.directory, { 'aludel.config.json': '{ "revisions": "migrations", "lock": "rope" }' })
    expect(await project.migrate('current')).toMatchObject({ code: 2 })
  })

  if (dialect === 'postgres') {
    test('unlock shows a dead lease and ends it only with --yes', async () => {
      await project.succeeds('upgrade --lock lease')
      await project.database.query(
        `UPDATE "aludel_lock" SET "owner" = 'deploy@ci', "pid" = 4242, "run_id" = 'gone',
           "acquired_at" = clock_timestamp() - interval '3 h', "heartbeat_at" = clock_timestamp() - interval '3 h'`,
      )
      const asked = await project.migrate('unlock')
      expect(asked.code).toBe(4)
      expect(asked.stderr).toMatch(/deploy@ci, process 4242, since .*, without a heartbeat/)
      const ended = await project.succeeds('unlock --yes')
      expect(ended.stdout).toMatch(
        /^Removed the lease of deploy@ci, process 4242, since \S+, without a heartbeat \(for 3 h 0\d min\)\.\n$/,
      )
      expect((await project.succeeds('unlock --json')).json<UnlockResult>()).toEqual({ lock: null, removed: false })
    })
  }
})
