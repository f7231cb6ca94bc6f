// cspell:ignore taskstate
import { existsSync } from 'node:fs'

import type { AdoptOptions } from '../../src/adopt/adoption'
import type { AdoptResult } from '../../src/results'
import { entity, type EntityOption, openProject, type TestProject } from '../migrator/project'
import { dialectNames } from '../run/databases'
import { ignoreTables } from '../support/ignore-tables'
import { foreignTasks, readTasks, taskColumns, tasks } from './foreign-tasks'

const first = 'aaaaaaaaaaaa'

describe.each(dialectNames)('a %s database whose schema no revision has', (dialect) => {
  let project: TestProject
  const rows = (sql: string) => project.database.rows(sql)
  const run = async (statements: readonly string[]): Promise<void> => {
    for (const sql of statements) await rows(sql)
  }
  const adopt = (options: AdoptOptions = {}, entities: readonly EntityOption[] = [tasks(dialect)]) =>
    project.migrator(entities).adopt({ convert: true, ...options })
  /** Schema and rows of the tables of the other program. */
  const snapshot = async () => {
    const { queryRunner, dialect: own } = project.database
    const schema = await own.introspection.read(queryRunner, { ignoreTables })
    const contents: unknown[] = []
    for (const { name } of schema.tables) contents.push(await rows(`SELECT * FROM "${name}" ORDER BY 1`))
    return { schema, contents }
  }
  const read = async (entities: readonly EntityOption[] = [tasks(dialect)]) => {
    const dataSource = await project.database.connect({ entities: [...entities] })
    return dataSource.getRepository('tasks').find({ order: { id: 'ASC' } })
  }

  beforeEach(async () => {
    project = await openProject(dialect)
    await project.migrator([tasks(dialect)]).create('first', { revisionId: first })
  })
  afterEach(() => project.remove())

  test('is converted to the nearest revision, with all its rows', async () => {
    await run(foreignTasks(dialect))
    const result = await adopt()
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
    expect(await read()).toEqual(readTasks)
    expect(await project.migrator([tasks(dialect)]).check({ database: true, names: true })).toMatchObject({
      clean: true,
      database: { clean: true, pending: 0 },
    })
    const { runs } = await project.migrator([tasks(dialect)]).journal()
    expect(runs).toMatchObject([{ revision: first, direction: 'stamp' }])
  })

  test('is not touched without `convert`, nor without a yes', async () => {
    await run(foreignTasks(dialect))
    const before = await snapshot()
    expect(await adopt({ convert: false })).toMatchObject({ matches: null, nearest: first, stamped: [] })
    expect(await snapshot()).toEqual(before)
    const plans: AdoptResult[] = []
    const confirm = (plan: AdoptResult) => {
      plans.push(plan)
      return Promise.resolve(plans.length > 1)
    }
    const refused = adopt({ convert: 'offer', confirm })
    await expect(refused).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      help: expect.stringContaining('would convert 1 table with 4 rows') as string,
      details: { steps: [first], conversion: { tables: [{ table: 'tasks', rows: 4 }] } },
    })
    expect(await snapshot()).toEqual(before)
    const result = await adopt({ convert: 'offer', confirm, backup: 'never' })
    expect(plans.at(-1)).toEqual(result)
    expect(result.backup).toBeNull()
    await expect(adopt()).rejects.toMatchObject({ code: 'ALUDEL_HISTORY_EXISTS' })
  })

  test('keeps rows that are written while the question is open, and refuses what they make impossible', async () => {
    await run(foreignTasks(dialect))
    const insert = (id: number, title: string) =>
      rows(`INSERT INTO tasks (id, title, state, at) VALUES (${String(id)}, ${title}, 'OPEN', '2027-01-01 00:00:00')`)
    const refused = adopt({
      confirm: async () => {
        await insert(5, 'NULL')
        return true
      },
    })
    await expect(refused).rejects.toMatchObject({
      code: 'ALUDEL_ADOPT_CONVERSION',
      details: { obstacles: [{ kind: 'nulls', object: 'tasks.title', rows: 1, examples: ['id 5'] }] },
    })
    await rows('DELETE FROM tasks WHERE id = 5')
    const result = await adopt({
      confirm: async () => {
        await insert(6, `'late'`)
        return true
      },
    })
    expect(result.conversion?.tables).toEqual([{ table: 'tasks', rows: 5 }])
    expect((await read()).map(({ id, state }) => [id, state as unknown])).toContainEqual([6, 'open'])
  })

  test('is not converted after a change of its schema while the question is open', async () => {
    await run(foreignTasks(dialect))
    const refused = adopt({
      confirm: async () => {
        await rows('CREATE INDEX late ON tasks (points)')
        return true
      },
    })
    await expect(refused).rejects.toMatchObject({ code: 'ALUDEL_CONFIRMATION' })
    expect((await rows('SELECT count(*) AS n FROM tasks'))[0]).toMatchObject({ n: expect.anything() as unknown })
    expect((await adopt()).stamped).toEqual([first])
  })

  test('is refused where rows have NULL and nothing fills them, until --backfill says what does', async () => {
    await run([...foreignTasks(dialect), `UPDATE tasks SET title = NULL WHERE id IN (2, 4)`])
    const before = await snapshot()
    const error = await failure(adopt())
    expect(error).toMatchObject({
      code: 'ALUDEL_ADOPT_CONVERSION',
      details: {
        nearest: first,
        obstacles: [
          {
            ...{ kind: 'nulls', object: 'tasks.title', rows: 2, examples: ['id 2', 'id 4'] },
            ways: ['--backfill "tasks.title=<SQL expression>"'],
          },
        ],
      },
    })
    expect(error.help).toContain('2 rows of tasks have NULL in title, which becomes NOT NULL and has no default')
    expect(await adopt({ convert: 'offer' })).toMatchObject({ matches: null, obstacles: [{ kind: 'nulls' }] })
    expect(await snapshot()).toEqual(before)
    await expect(adopt({ backfill: [`tasks.title=nowhere(id)`] })).rejects.toMatchObject({
      details: { obstacles: [{ kind: 'type', object: 'tasks.title' }] },
    })
    const { conversion } = await adopt({ backfill: [`tasks.title='task ' || id`] })
    expect(conversion?.fills).toContainEqual({ column: 'tasks.title', value: `'task ' || id`, rows: 2 })
    expect((await read()).map(({ title }) => title as unknown)).toEqual(['one', 'task 2', 'naïve – 漢字', 'task 4'])
  })

  test('gets columns that it lacks, with the values that --backfill gives to their rows', async () => {
    const ranked = entity('tasks', {
      ...taskColumns(dialect),
      rank: { type: 'int' },
      extra: { type: 'int', default: 3 },
    })
    await project
      .migrator([ranked])
      .create('rank', { revisionId: 'bbbbbbbbbbbb', confirm: () => Promise.resolve(true) })
    await run(foreignTasks(dialect))
    await expect(adopt({ revision: 'head' }, [ranked])).rejects.toMatchObject({
      details: {
        obstacles: [
          { kind: 'nulls', object: 'tasks.rank', rows: 4, ways: ['--backfill "tasks.rank=<SQL expression>"'] },
        ],
      },
    })
    const { conversion } = await adopt({ revision: 'head', backfill: ['tasks.rank=id * 10'] }, [ranked])
    expect(conversion?.fills).toContainEqual({ column: 'tasks.rank', value: 'id * 10', rows: 4 })
    expect(await read([ranked])).toEqual(readTasks.map((task) => ({ ...task, rank: task.id * 10, extra: 3 })))
  })

  test('is refused where values of an enum cannot be mapped, until --map says to which', async () => {
    const on = dialect === 'sqlite' ? [] : [`ALTER TYPE taskstate ADD VALUE 'ON_HOLD'`]
    await run([...foreignTasks(dialect), ...on, `UPDATE tasks SET state = 'ON_HOLD' WHERE id IN (3, 4)`])
    const before = await snapshot()
    const error = await failure(adopt())
    expect(error).toMatchObject({
      code: 'ALUDEL_ADOPT_CONVERSION',
      details: {
        obstacles: [
          {
            ...{ kind: 'values', object: 'tasks.state', rows: 2, examples: ['"ON_HOLD": 2 rows'] },
            ways: ['--map "tasks.state.ON_HOLD=<open|in_progress|done>"'],
          },
        ],
      },
    })
    expect(error.help).toContain('2 rows of tasks.state have a value that is not one of open, in_progress, done')
    for (const map of ['tasks.state.ON_HOLD=held', 'tasks.state.NEVER=done', 'tasks.state'])
      await expect(adopt({ map: [map] })).rejects.toMatchObject({ code: 'ALUDEL_USAGE' })
    expect(await snapshot()).toEqual(before)
    const { conversion } = await adopt({ map: ['tasks.state.ON_HOLD=in_progress'] })
    expect(conversion?.values).toContainEqual({ column: 'tasks.state', from: 'ON_HOLD', to: 'in_progress', rows: 2 })
    expect((await read()).map(({ state }) => state as unknown)).toEqual([
      ...['open', 'in_progress', 'in_progress', 'in_progress'],
    ])
    expect((await project.migrator([tasks(dialect)]).check({ database: true })).database?.clean).toBe(true)
  })

  test('is converted where a check lists the values, and where they have no list', async () => {
    const list = `VARCHAR(11) NOT NULL DEFAULT 'OPEN' CONSTRAINT taskstate CHECK (state IN ('OPEN', 'IN_PROGRESS', 'DONE'))`
    for (const state of [list, `VARCHAR(11) DEFAULT 'OPEN' CHECK (state IN ('OPEN', 'IN_PROGRESS', 'DONE'))`, 'TEXT']) {
      await run(foreignTasks(dialect, { state }))
      expect(await adopt({ convert: 'offer' })).toMatchObject({ stamped: [first] })
      expect(await read()).toEqual(readTasks)
      const migrator = project.migrator([tasks(dialect)])
      expect((await migrator.check({ database: true })).database).toMatchObject({ clean: true, pending: 0 })
      await run(['DROP TABLE tasks', 'DELETE FROM migrations'])
      if (dialect === 'postgres') await run(['DROP TYPE tasks_state_enum'])
    }
  })

  test('is refused while it has columns, tables and views that the revisions do not have; ignored ones stay', async () => {
    await run([
      ...foreignTasks(dialect, { legacy: 'VARCHAR(10)' }),
      `UPDATE tasks SET legacy = 'kept'`,
      'CREATE TABLE reports (id INTEGER NOT NULL PRIMARY KEY)',
      'INSERT INTO reports VALUES (1)',
      'CREATE VIEW titles AS SELECT title FROM tasks',
    ])
    const before = await snapshot()
    const error = await failure(adopt())
    expect(error.details).toMatchObject({
      obstacles: [
        { kind: 'object', object: 'titles' },
        { kind: 'object', object: 'tasks.legacy' },
        { kind: 'object', object: 'reports' },
      ],
    })
    for (const pattern of ['"table:reports"', '"column:tasks.legacy"', '"view:titles"'])
      expect(error.help).toContain(pattern)
    expect(await snapshot()).toEqual(before)
    const ignore = ['table:reports', 'column:tasks.legacy', 'view:titles']
    const migrator = project.migrator([tasks(dialect)], { ignore })
    expect((await migrator.adopt({ convert: true })).stamped).toEqual([first])
    expect(await rows('SELECT id, legacy FROM tasks ORDER BY id')).toMatchObject([
      { legacy: 'kept' },
      {},
      {},
      { legacy: 'kept' },
    ])
    expect(await rows('SELECT * FROM reports')).toEqual([{ id: 1 }])
    expect(await rows('SELECT * FROM titles')).toHaveLength(4)
    expect(await read()).toEqual(readTasks)
    const check = await project.migrator([tasks(dialect)], { ignore }).check({ database: true })
    expect(check.database).toMatchObject({ clean: true })
  })

  test('is refused where values do not fit their new type, until --using converts them', async () => {
    await run([
      ...foreignTasks(dialect, { points: 'VARCHAR(10)' }).map((sql) =>
        sql.replace(', 7, ', `, '7', `).replace(', 0, ', `, '0', `),
      ),
      `UPDATE tasks SET points = 'many' WHERE id = 4`,
    ])
    const before = await snapshot()
    await expect(adopt()).rejects.toMatchObject({
      details: { obstacles: [{ kind: 'type', object: 'tasks.points', rows: 1, examples: ['id 4'] }] },
    })
    expect(await snapshot()).toEqual(before)
    const using = [`tasks.points=CASE WHEN points = 'many' THEN 99 ELSE CAST(points AS integer) END`]
    const { conversion } = await adopt({ using })
    expect(conversion?.computed).toMatchObject([
      { column: 'tasks.points', reason: expect.stringContaining('--using') as string },
      {},
    ])
    expect((await read()).map(({ points }) => points as unknown)).toEqual([1, 7, 0, 99])
  })

  test('is refused where rows violate constraints that it lacks', async () => {
    const unique = tasks(dialect, {
      uniques: [{ name: 'uq_title', columns: ['title'] }],
      checks: [{ name: 'ck', expression: '"points" < 5' }],
    })
    await project.migrator([unique]).create('constraints', { revisionId: 'bbbbbbbbbbbb' })
    await run([...foreignTasks(dialect), `UPDATE tasks SET title = 'same' WHERE id > 2`])
    const before = await snapshot()
    const error = await failure(adopt({ revision: 'head' }, [unique]))
    expect(error.details).toMatchObject({
      obstacles: expect.arrayContaining([
        expect.objectContaining({ kind: 'rule', rows: 1, text: expect.stringContaining('ck') as string }),
        expect.objectContaining({ kind: 'rule', rows: 2, text: expect.stringContaining('uq_title') as string }),
      ]) as unknown,
    })
    expect(await snapshot()).toEqual(before)
    expect(await adopt({ revision: first }, [unique])).toMatchObject({ stamped: [first] })
  })

  test('is converted once by two who do it at the same time', async () => {
    await run(foreignTasks(dialect))
    const one = project.migrator([tasks(dialect)], { lockTimeoutMs: 30_000 })
    const two = project.migrator([tasks(dialect)], { lockTimeoutMs: 30_000 })
    const both = await Promise.allSettled([one, two].map((each) => each.adopt({ convert: true, backup: 'never' })))
    const refused = both.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
    expect(refused).toMatchObject([{ code: 'ALUDEL_HISTORY_EXISTS' }])
    expect(await read()).toEqual(readTasks)
  })

  test('is not converted for an unknown revision', async () => {
    await run(foreignTasks(dialect))
    const before = await snapshot()
    await expect(adopt({ revision: 'cccc' })).rejects.toMatchObject({ code: 'ALUDEL_UNKNOWN_REVISION' })
    expect(await snapshot()).toEqual(before)
  })
})

interface Failure {
  readonly code: string
  readonly help: string
  readonly details: Readonly<Record<string, unknown>>
}

async function failure(work: Promise<unknown>): Promise<Failure> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (error === undefined) throw new Error('it did not fail')
  return error as Failure
}
