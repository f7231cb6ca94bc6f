import type {
  CurrentResult,
  DatabaseInfoResult,
  KeptResult,
  PlanResult,
  PruneKeptResult,
  RunResult,
} from '@aludel/engine'

import { dialects, writeFiles } from './harness'
import { ids, nextRevision, run } from './shop'
import { type ErrorDocument, useShop } from './shop-project'

describe.each(dialects)('what --keep-dropped keeps on %s', (dialect) => {
  const project = useShop(dialect)

  /** At `posts`, with rows, and a next revision that drops the column `email`. */
  async function dropEmail(): Promise<void> {
    await project.succeeds('upgrade')
    await project.database.query(
      `INSERT INTO "users" ("id", "name", "email") VALUES (1, 'Ada', 'ada@x'), (2, 'Bob', NULL)`,
    )
    writeFiles(
      project.directory,
      nextRevision('forget', {
        up: run('ALTER TABLE "users" DROP COLUMN "email"'),
        undo: run('ALTER TABLE "users" ADD COLUMN "email" varchar(100)'),
      }),
    )
  }

  test('is part of the time that a plan foretells, and nothing is kept by it', async () => {
    await dropEmail()
    // So many that the time is measured on models.
    await project.database.query(
      `INSERT INTO "users" ("id", "name") WITH RECURSIVE numbers(n) AS (SELECT 10 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1500)
        SELECT n, 'user ' || n FROM numbers`,
    )
    if (dialect === 'postgres') await project.database.query('ANALYZE "users"')
    const { steps } = (
      await project.succeeds('upgrade --plan --trace --keep-dropped --transaction all --json')
    ).json<PlanResult>()
    expect(steps[0]?.stallsUnknown).toBeUndefined()
    expect(steps[0]?.stalls).toMatchObject([
      { table: dialect === 'postgres' ? 'users' : null, blocks: 'reads and writes', first: 1, last: 1 },
    ])
    expect((await project.succeeds('kept list --json')).json<KeptResult>().kept).toEqual([])
  })

  test('is planned, kept, listed, and given back by the downgrade with the rows written since', async () => {
    await dropEmail()
    const plan = await project.succeeds('upgrade --plan --keep-dropped')
    expect(plan.stdout).toContain('keeps values of users.email')
    expect((await project.succeeds('upgrade --plan')).stdout).toContain('loses values of users.email')

    const up = await project.succeeds('upgrade --keep-dropped --backup never')
    expect(up.stdout).toContain('Kept for a downgrade: column users.email (2 values).')
    const listed = (await project.succeeds('kept list --json')).json<KeptResult>()
    expect(listed.kept).toMatchObject([
      {
        revision: ids.next,
        message: 'forget',
        kind: 'column',
        table: 'users',
        column: 'email',
        rows: 2,
        applied: true,
      },
    ])
    expect((await project.succeeds('kept')).stdout).toContain('column users.email (2 values)')
    expect((await project.succeeds('current -v')).stdout).toContain(
      'Kept for a downgrade: 1 thing with 2 rows and values',
    )
    const info = (await project.aludel(['db', 'info', '--json'])).json<DatabaseInfoResult>()
    expect(info.kept).toEqual({ entries: 1, rows: 2, expired: 0 })
    expect((await project.succeeds('current -v --json')).json<CurrentResult>().kept).toEqual(info.kept)

    await project.database.query(`INSERT INTO "users" ("id", "name") VALUES (3, 'Cy')`)
    const back = (await project.succeeds('downgrade --plan --json')).json<PlanResult>()
    expect(back.steps[0]?.givesBack).toEqual([
      { revision: ids.next, kind: 'column', table: 'users', column: 'email', rows: 2, since: 1, gets: 'NULL' },
    ])
    expect((await project.succeeds('downgrade --plan')).stdout).toContain(
      'gives back column users.email (2 values); 1 row that was inserted since gets NULL',
    )
    const down = (await project.succeeds('downgrade --yes --json --backup never')).json<RunResult>()
    expect(down.givenBack).toEqual([{ revision: ids.next, kind: 'column', table: 'users', column: 'email', rows: 2 }])
    expect(await project.database.query('SELECT id, email FROM users ORDER BY id')).toEqual([
      { id: 1, email: 'ada@x' },
      { id: 2, email: null },
      { id: 3, email: null },
    ])
    expect((await project.succeeds('kept list')).stdout).toContain('Nothing is kept.')
  })

  test('is pruned only when that is confirmed', async () => {
    await dropEmail()
    await project.succeeds('upgrade --keep-dropped --backup never')
    const asked = await project.migrate('kept prune --all --json')
    expect(asked.code).toBe(4)
    expect(asked.json<ErrorDocument>().error.code).toBe('ALUDEL_CONFIRMATION')
    expect((await project.migrate('kept prune')).code).toBe(2)
    expect((await project.migrate('kept list --all')).code).toBe(2)
    expect((await project.migrate('kept prune --older-than soon')).code).toBe(2)
    expect((await project.succeeds('kept prune --older-than 1d --yes --json')).json<PruneKeptResult>()).toEqual({
      pruned: [],
      left: 1,
    })
    const pruned = (await project.succeeds('kept prune --all --yes --json')).json<PruneKeptResult>()
    expect(pruned).toMatchObject({ pruned: [{ table: 'users', column: 'email' }], left: 0 })
  })

  test('is chosen by the configuration, which --no-keep-dropped overrides, and by no script', async () => {
    await dropEmail()
    writeFiles(project.directory, { 'aludel.config.json': '{ "keepDropped": { "for": "30d" } }\n' })
    expect((await project.migrate('upgrade --sql --keep-dropped')).code).toBe(2)
    expect((await project.migrate('upgrade --no-keep-dropped --keep-dropped')).code).toBe(2)
    expect((await project.succeeds('upgrade --plan --no-keep-dropped')).stdout).toContain('loses values')
    const { kept } = (await project.succeeds('upgrade --json --backup never')).json<RunResult>()
    expect(kept).toHaveLength(1)
    expect((await project.succeeds('kept list --json')).json<KeptResult>().kept).toMatchObject([
      { expired: false, expiresAt: expect.stringMatching(/^\d{4}-/) as string },
    ])
    writeFiles(project.directory, { 'aludel.config.json': '{ "keepDropped": { "for": "soon" } }\n' })
    expect((await project.migrate('kept list --json')).json<ErrorDocument>().error.code).toBe('ALUDEL_CONFIG')
  })

  test('is reported once its time is over, also by an upgrade that has nothing to do', async () => {
    await dropEmail()
    writeFiles(project.directory, { 'aludel.config.json': '{ "keepDropped": { "for": "30d" } }\n' })
    await project.succeeds('upgrade --backup never')
    expect((await project.succeeds('upgrade')).stderr).not.toContain('past its time')
    const registry = dialect === 'sqlite' ? 'aludel_kept' : 'aludel_kept.entries'
    await project.database.query(`UPDATE ${registry} SET kept_at = '2020-01-01T00:00:00.000Z'`)
    for (const target of ['', ' heads', ` ${ids.next}`])
      expect((await project.succeeds(`upgrade${target}`)).stderr).toContain(
        'warning: 1 thing that was kept is past its time: aludel migrate kept prune',
      )
    await project.succeeds('kept prune --yes')
    expect((await project.succeeds('upgrade')).stderr).not.toContain('past its time')
  })
})
