import { readdirSync } from 'node:fs'
import path from 'node:path'

import { queryPostgres } from '../../../../tools/testing/databases'
import { testRuns } from '../../../../tools/testing/runs.cjs'
import { openRestoreProject, type RestoreProject, describeRestorable } from '../backup/restore-project'
import { randomOf, TestProcess } from './process'

/** Row 20 of the fault plan: a restore that is killed. A process is started for each kill. */
jest.setTimeout(600_000)

const seed = Number(process.env['ALUDEL_SEED'] ?? '20261130')

describeRestorable('a restore killed on %s', (dialect) => {
  let project: RestoreProject
  let id: string
  const before = ['Ada', 'Bob', 'Cyd', 'Dan'] as const
  const after = before.slice(0, 3)

  beforeAll(async () => {
    project = await openRestoreProject(dialect)
    const migrator = project.fresh()
    id = (await migrator.createBackup()).id
    await migrator.close()
  })
  afterAll(async () => {
    await cleanUp()
    await project.remove()
  })

  const restore = (point: number | 'swapped'): TestProcess =>
    new TestProcess('restore-killed-process.ts', [
      dialect,
      project.database.address,
      project.directory,
      project.revisions,
      id,
      String(point),
    ])

  const cleanUp = async (): Promise<void> => {
    const migrator = project.fresh()
    await migrator.dropReplaced()
    await migrator.close()
  }

  /** What is beside the database, without the lock. */
  const beside = async (): Promise<readonly string[]> => {
    if (dialect === 'sqlite') {
      const file = project.database.address
      return readdirSync(path.dirname(file)).filter(
        (name) => name !== path.basename(file) && !name.includes('aludel-lock'),
      )
    }
    const name = new URL(project.database.address).pathname.slice(1)
    const rows = await queryPostgres(
      `SELECT datname FROM pg_database WHERE datname LIKE '${name.slice(0, 14)}%restore%'`,
    )
    return rows.map((row) => String(row['datname']))
  }

  test('leaves one whole database under the name, and the next restore mends the rest', async () => {
    const ended = await restore(0).ended
    expect(ended).toMatchObject({ code: 0, errors: '' })
    const points = Number(/points (\d+)/.exec(ended.output)?.[1])
    expect(points).toBeGreaterThan(20)
    await cleanUp()

    const random = randomOf(seed)
    const counts = { before: 0, after: 0 }
    // On a busy machine the last points may be later, or there are more.
    const kills = [...Array.from({ length: testRuns(3) }, () => 1 + random(points - 5)), 'swapped' as const]
    for (const point of kills) {
      const [row] = await project.run('SELECT count(*) AS n FROM authors WHERE id = 4')
      if (Number(row?.['n']) === 0) await project.run(`INSERT INTO authors VALUES (4, 'Dan')`)
      const killed = await restore(point).ended
      expect({ point, signal: killed.signal, errors: killed.errors }).toEqual({ point, signal: 'SIGKILL', errors: '' })

      const authors = await project.authors()
      expect([before, after]).toContainEqual(authors)
      counts[authors?.length === before.length ? 'before' : 'after'] += 1
      if (dialect === 'sqlite') expect(await project.run('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])

      const migrator = project.fresh({ lockTimeoutMs: 20_000 })
      const { kept } = await migrator.restoreBackup(id)
      await migrator.close()
      expect(await project.authors()).toEqual(after)
      expect((await beside()).filter((name) => /aludel_restore|\.tmp/.test(name))).toEqual([])
      expect((await beside()).map((name) => path.basename(name))).toContain(path.basename(kept ?? ''))
      await cleanUp()
      expect(await beside()).toEqual([])
    }
    expect(counts.before).toBeGreaterThan(0)
    expect(counts.after).toBeGreaterThan(0)
  })
})
