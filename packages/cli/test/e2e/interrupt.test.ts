import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import type { CurrentResult, RunResult } from '@aludel/engine'
import { DataSource } from 'typeorm'

import { postgresMajor, waitingBuilds } from '../../../../tools/testing/databases'
import { writePgPrograms } from '../../../../tools/testing/pg-programs'
import { type Ran, writeFiles } from './harness'
import { ids, nextRevision, run } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

/** A signal in each phase of a run on PostgreSQL. A second session blocks the run, so that nothing depends on timing. */
describe('an upgrade that is interrupted or blocked', () => {
  const project = useShop('postgres', 'all')
  const id = 'dddd11112222'
  let peer: DataSource

  beforeAll(async () => {
    await project.succeeds('upgrade')
    peer = await new DataSource({ type: 'postgres', url: project.database.url, poolSize: 2 }).initialize()
  })
  afterAll(() => peer.destroy())

  /** Restores the database from before the test, without traces of other revisions. */
  afterEach(async () => {
    await peer.query(`
      DROP INDEX IF EXISTS "ix";
      DROP TABLE IF EXISTS "before", "after";
      ALTER TABLE "posts" DROP COLUMN IF EXISTS "m";
      DELETE FROM "migrations" WHERE "name" = 'Next1700000000004';
      DELETE FROM "aludel_journal" WHERE "revision" = '${id}'`)
  })

  const add = (up: string, more = ''): void => {
    writeFiles(project.directory, nextRevision('next', { more, up: `console.error('BEGUN'); ${up}` }))
  }
  const build = `${run('CREATE INDEX CONCURRENTLY "ix" ON "posts" ("title")')}; ${run('CREATE TABLE "after" ("n" integer)')}`

  /** Starts `upgrade`; resolves when the revision has begun, with a function that signals the process, and its end. */
  const start = async (
    words = 'upgrade --json',
  ): Promise<{ kill: (signal: NodeJS.Signals) => void; end: Promise<Ran> }> => {
    let end: Promise<Ran> | undefined
    const kill = await new Promise<(signal: NodeJS.Signals) => void>((resolve, reject) => {
      end = project.migrateAlone(words, {
        onStderr: (text, send) => {
          if (text.includes('BEGUN')) resolve(send)
        },
      })
      void end.then(({ stderr }) => reject(new Error(`it ended before it began: ${stderr}`)))
    })
    if (end === undefined) throw new Error('started before it resolves')
    return { kill, end }
  }
  const until = async (sql: string): Promise<void> => {
    while (((await peer.query(sql)) as unknown[]).length === 0) await wait(10)
  }
  const index = () =>
    peer.query(`SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass('"ix"')`) as Promise<unknown>
  const current = async () => (await project.succeeds('current --json')).json<CurrentResult>().current

  const heldUp = async (work: () => Promise<void>): Promise<void> => {
    const runner = peer.createQueryRunner()
    await runner.startTransaction()
    await runner.query(`INSERT INTO "posts" ("id", "title") VALUES (1, 'hello')`)
    try {
      await work()
    } finally {
      await runner.rollbackTransaction()
      await runner.release()
    }
  }

  test('stops after the concurrent index build it is in, and the next run resumes there', async () => {
    add(build, 'readonly transaction = false')
    let end: Promise<Ran> | undefined
    await heldUp(async () => {
      const started = await start()
      end = started.end
      await until(waitingBuilds)
      started.kill('SIGINT')
    })
    const ran = await end
    expect(ran?.code).toBe(130)
    expect(ran?.json<ErrorDocument>().error).toMatchObject({ code: 'ALUDEL_INTERRUPTED', details: { kept: 1 } })
    expect(await index()).toEqual([{ valid: true }])
    expect(await project.tables()).not.toContain('after')
    await project.succeeds('upgrade --lock-timeout 0')
    expect(await project.tables()).toContain('after')
    expect(await current()).toEqual([id])
  })

  // Before PostgreSQL 14 a server does not check whether its client is still connected, and finishes the build first.
  if (postgresMajor >= 14) {
    test.each(['twice', 'by SIGKILL'])(
      'ends at once when interrupted %s in a concurrent build, which the next run repeats',
      async (how) => {
        add(build, 'readonly transaction = false')
        await heldUp(async () => {
          const { kill, end } = await start()
          await until(waitingBuilds)
          if (how === 'by SIGKILL') kill('SIGKILL')
          else {
            kill('SIGINT')
            kill('SIGTERM')
          }
          expect((await end).code).toBe(how === 'by SIGKILL' ? null : 130)
          // The server notices that the client is gone, ends the build and releases the lock.
          await until(`SELECT 1 WHERE NOT EXISTS (${waitingBuilds})`)
        })
        expect(await index()).toEqual([{ valid: false }])
        await project.succeeds('upgrade')
        expect(await index()).toEqual([{ valid: true }])
        expect(await current()).toEqual([id])
      },
    )
  }

  test('changes nothing when interrupted while it waits for a table', async () => {
    add(`${run('CREATE TABLE "before" ("n" integer)')}; ${run('ALTER TABLE "posts" ADD COLUMN "m" integer')}`)
    await heldUp(async () => {
      const { kill, end } = await start('upgrade --json --table-lock-timeout 200ms')
      await until(
        `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = '"posts"'::regclass
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      )
      kill('SIGTERM')
      const ran = await end
      expect(ran.code).toBe(130)
      expect(ran.json<ErrorDocument>().error.code).toBe('ALUDEL_INTERRUPTED')
    })
    expect(await project.tables()).not.toContain('before')
    expect(await current()).toEqual([ids.posts])
    await project.succeeds('upgrade --lock-timeout 0')
  })

  test('completes a concurrent index build while a second migrator waits for the lock', async () => {
    add(build, 'readonly transaction = false')
    const ended: Promise<Ran>[] = []
    await heldUp(async () => {
      const { end } = await start()
      ended.push(end)
      await until(waitingBuilds)
      await new Promise<void>((resolve) => {
        ended.push(
          project.migrate('upgrade --json --lock-timeout 300s', {
            onStderr: (text) => {
              if (text.includes('waiting for another migrator')) resolve()
            },
          }),
        )
      })
    })
    const [first, second] = await Promise.all(ended)
    expect([first?.code, second?.code]).toEqual([0, 0])
    expect(first?.json<RunResult>().steps).toHaveLength(1)
    expect(second?.json<RunResult>().steps).toHaveLength(0)
    expect(await index()).toEqual([{ valid: true }])
  })

  test('fails on a table that stays locked, and names the session that holds it', async () => {
    add(run('ALTER TABLE "posts" ADD COLUMN "m" integer'))
    await heldUp(async () => {
      const ran = await project.migrate('upgrade --table-lock-timeout 50ms --table-lock-budget 300ms')
      expect(ran.code).toBe(1)
      expect(ran.stderr).toMatch(/lock timeout, try 2 in .* s; session \d+ of \S+ holds ROW EXCLUSIVE on posts/)
      expect(ran.stderr).toMatch(
        /^error: .*session \d+.*idle in transaction since.*INSERT INTO "posts".* \[ALUDEL_TABLE_LOCKED\]$/m,
      )
      expect(ran.stderr).toMatch(/SELECT pg_terminate_backend\(\d+\)/)
    })
    expect(await current()).toEqual([ids.posts])
  })

  test('stops an unfinished backup when interrupted, deletes it and changes nothing', async () => {
    add(run('DROP TABLE "users"'))
    // A dump that never ends.
    const bin = path.join(project.directory, 'bin')
    mkdirSync(bin)
    const programs = await writePgPrograms(bin, { dump: 'echo half > "$4"; exec sleep 3600' })
    const backups = path.join(project.directory, 'backups')
    let asked = false
    const ran = await project.migrateAlone('upgrade --json --backup always', {
      env: { PATH: programs },
      onStderr: (text, kill) => {
        if (asked || !text.includes('backing up')) return
        asked = true
        const look = setInterval(() => {
          if (!existsSync(backups) || readdirSync(backups).every((name) => name === '.gitignore')) return
          clearInterval(look)
          kill('SIGTERM')
        }, 10)
      },
    })
    expect(ran.code).toBe(130)
    expect(ran.json<ErrorDocument>().error).toMatchObject({
      code: 'ALUDEL_INTERRUPTED',
      message: 'interrupted while the backup was made',
    })
    expect(readdirSync(backups)).toEqual(['.gitignore'])
    expect(await project.tables()).toContain('users')
    expect(await current()).toEqual([ids.posts])
  })
})
