// cspell:ignore taskstate
import { existsSync } from 'node:fs'

import type { AdoptResult } from '../../src/results'
import { dialectNames } from '../run/databases'
import { first } from './conversions'
import { type ForeignProject, openForeign } from './foreign-project'
import { foreignTasks, readTasks, tasks } from './foreign-tasks'

describe.each(dialectNames)('a %s database whose schema no revision has', (dialect) => {
  let foreign: ForeignProject
  beforeEach(async () => {
    foreign = await openForeign(dialect)
  })
  afterEach(() => foreign.project.remove())

  test('is converted to the nearest revision, with all its rows', async () => {
    await foreign.run(foreignTasks(dialect))
    const result = await foreign.adopt()
    expect(result).toMatchObject({ matches: first, nearest: first, stamped: [first], differences: [] })
    expect(result.conversion).toMatchObject({
      tables: [{ table: 'tasks', rows: 4 }],
      values: [
        { column: 'tasks.state', from: 'OPEN', to: 'open', rows: 1 },
        { column: 'tasks.state', from: 'IN_PROGRESS', to: 'in_progress', rows: 1 },
        { column: 'tasks.state', from: 'DONE', to: 'done', rows: 2 },
      ],
      fills: expect.arrayContaining([
        { column: 'tasks.points', value: '1', rows: 2 },
        { column: 'tasks.done', value: expect.stringMatching(/^(?:0|false)$/) as string, rows: 2 },
      ]) as unknown,
      computed: [{ column: 'tasks.at', rows: dialect === 'sqlite' ? 2 : 4 }],
    })
    expect(result.conversion?.operations.filter(({ destroys }) => destroys)).toEqual([])
    expect(result.conversion?.sql.length).toBeGreaterThan(0)
    expect(existsSync(result.backup?.path ?? '')).toBe(true)
    expect(await foreign.read()).toEqual(readTasks)
    expect(await foreign.project.migrator([tasks(dialect)]).check({ database: true, names: true })).toMatchObject({
      clean: true,
      database: { clean: true, pending: 0 },
    })
    const { runs } = await foreign.project.migrator([tasks(dialect)]).journal()
    expect(runs).toMatchObject([{ revision: first, direction: 'stamp' }])
  })

  test('is not touched without `convert`, nor without a yes', async () => {
    await foreign.run(foreignTasks(dialect))
    const before = await foreign.snapshot()
    expect(await foreign.adopt({ convert: false })).toMatchObject({ matches: null, nearest: first, stamped: [] })
    expect(await foreign.snapshot()).toEqual(before)
    const plans: AdoptResult[] = []
    const confirm = (plan: AdoptResult) => {
      plans.push(plan)
      return Promise.resolve(plans.length > 1)
    }
    const refused = foreign.adopt({ convert: 'offer', confirm })
    await expect(refused).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      help: expect.stringContaining('would convert 1 table with 4 rows') as string,
      details: { steps: [first], conversion: { tables: [{ table: 'tasks', rows: 4 }] } },
    })
    expect(await foreign.snapshot()).toEqual(before)
    const result = await foreign.adopt({ convert: 'offer', confirm, backup: 'never' })
    expect(plans.at(-1)).toEqual(result)
    expect(result.backup).toBeNull()
    await expect(foreign.adopt()).rejects.toMatchObject({ code: 'ALUDEL_HISTORY_EXISTS' })
  })

  test('keeps rows that are written while the question is open, and refuses what they make impossible', async () => {
    await foreign.run(foreignTasks(dialect))
    const insert = (id: number, title: string) =>
      foreign.rows(
        `INSERT INTO tasks (id, title, state, at) VALUES (${String(id)}, ${title}, 'OPEN', '2027-01-01 00:00:00')`,
      )
    const refused = foreign.adopt({
      confirm: async () => {
        await insert(5, 'NULL')
        return true
      },
    })
    await expect(refused).rejects.toMatchObject({
      code: 'ALUDEL_ADOPT_CONVERSION',
      details: { obstacles: [{ kind: 'nulls', object: 'tasks.title', rows: 1, examples: ['id 5'] }] },
    })
    await foreign.rows('DELETE FROM tasks WHERE id = 5')
    const result = await foreign.adopt({
      confirm: async () => {
        await insert(6, `'late'`)
        return true
      },
    })
    expect(result.conversion?.tables).toEqual([{ table: 'tasks', rows: 5 }])
    expect((await foreign.read()).map(({ id, state }) => [id, state as unknown])).toContainEqual([6, 'open'])
  })

  test('is not converted after a change of its schema while the question is open', async () => {
    await foreign.run(foreignTasks(dialect))
    const refused = foreign.adopt({
      confirm: async () => {
        await foreign.rows('CREATE INDEX late ON tasks (points)')
        return true
      },
    })
    await expect(refused).rejects.toMatchObject({ code: 'ALUDEL_CONFIRMATION' })
    expect((await foreign.rows('SELECT count(*) AS n FROM tasks'))[0]).toMatchObject({
      n: expect.anything() as unknown,
    })
    expect((await foreign.adopt()).stamped).toEqual([first])
  })

  test('is converted where a check lists the values, and where they have no list', async () => {
    const list = `VARCHAR(11) NOT NULL DEFAULT 'OPEN' CONSTRAINT taskstate CHECK (state IN ('OPEN', 'IN_PROGRESS', 'DONE'))`
    for (const state of [list, `VARCHAR(11) DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'IN_PROGRESS', 'DONE'))`, 'TEXT']) {
      await foreign.run(foreignTasks(dialect, { state }))
      expect(await foreign.adopt({ convert: 'offer' })).toMatchObject({ stamped: [first] })
      expect(await foreign.read()).toEqual(readTasks)
      const migrator = foreign.project.migrator([tasks(dialect)])
      expect((await migrator.check({ database: true })).database).toMatchObject({ clean: true, pending: 0 })
      await foreign.run(['DROP TABLE tasks', 'DELETE FROM migrations'])
      if (dialect === 'postgres') await foreign.run(['DROP TYPE tasks_state_enum'])
    }
  })

  test('is converted once by two who do it at the same time', async () => {
    await foreign.run(foreignTasks(dialect))
    const one = foreign.project.migrator([tasks(dialect)], { lockTimeoutMs: 30_000 })
    const two = foreign.project.migrator([tasks(dialect)], { lockTimeoutMs: 30_000 })
    const both = await Promise.allSettled([one, two].map((each) => each.adopt({ convert: true, backup: 'never' })))
    const refused = both.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
    expect(refused).toMatchObject([{ code: 'ALUDEL_HISTORY_EXISTS' }])
    expect(await foreign.read()).toEqual(readTasks)
  })

  test('is not converted for an unknown revision', async () => {
    await foreign.run(foreignTasks(dialect))
    const before = await foreign.snapshot()
    await expect(foreign.adopt({ revision: 'cccc' })).rejects.toMatchObject({ code: 'ALUDEL_UNKNOWN_REVISION' })
    expect(await foreign.snapshot()).toEqual(before)
  })
})
