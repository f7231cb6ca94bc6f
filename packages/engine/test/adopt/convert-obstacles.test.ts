// cspell:ignore taskstate
import { entity } from '../migrator/project'
import { dialectNames } from '../run/databases'
import { first } from './conversions'
import { type ForeignProject, openForeign } from './foreign-project'
import { foreignTasks, readTasks, taskColumns, tasks } from './foreign-tasks'

describe.each(dialectNames)('a %s database that cannot be converted as it is', (dialect) => {
  let foreign: ForeignProject
  beforeEach(async () => {
    foreign = await openForeign(dialect)
  })
  afterEach(() => foreign.project.remove())

  test('is refused where rows have NULL and nothing fills them, until --backfill says what does', async () => {
    await foreign.run([...foreignTasks(dialect), `UPDATE tasks SET title = NULL WHERE id IN (2, 4)`])
    const before = await foreign.snapshot()
    const error = await failure(foreign.adopt())
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
    expect(await foreign.adopt({ convert: 'offer' })).toMatchObject({ matches: null, obstacles: [{ kind: 'nulls' }] })
    expect(await foreign.snapshot()).toEqual(before)
    await expect(foreign.adopt({ backfill: [`tasks.title=nowhere(id)`] })).rejects.toMatchObject({
      details: { obstacles: [{ kind: 'type', object: 'tasks.title' }] },
    })
    const { conversion } = await foreign.adopt({ backfill: [`tasks.title='task ' || id`] })
    expect(conversion?.fills).toContainEqual({ column: 'tasks.title', value: `'task ' || id`, rows: 2 })
    expect((await foreign.read()).map(({ title }) => title as unknown)).toEqual([
      'one',
      'task 2',
      'naïve – 漢字',
      'task 4',
    ])
  })

  test('gets columns that it lacks, with the values that --backfill gives to their rows', async () => {
    const ranked = entity('tasks', {
      ...taskColumns(dialect),
      rank: { type: 'int' },
      extra: { type: 'int', default: 3 },
    })
    await foreign.project
      .migrator([ranked])
      .create('rank', { revisionId: 'bbbbbbbbbbbb', confirm: () => Promise.resolve(true) })
    await foreign.run(foreignTasks(dialect))
    await expect(foreign.adopt({ revision: 'head' }, [ranked])).rejects.toMatchObject({
      details: {
        obstacles: [
          { kind: 'nulls', object: 'tasks.rank', rows: 4, ways: ['--backfill "tasks.rank=<SQL expression>"'] },
        ],
      },
    })
    const { conversion } = await foreign.adopt({ revision: 'head', backfill: ['tasks.rank=id * 10'] }, [ranked])
    expect(conversion?.fills).toContainEqual({ column: 'tasks.rank', value: 'id * 10', rows: 4 })
    expect(await foreign.read([ranked])).toEqual(readTasks.map((task) => ({ ...task, rank: task.id * 10, extra: 3 })))
  })

  test('is refused where values of an enum cannot be mapped, until --map says to which', async () => {
    const on = dialect === 'sqlite' ? [] : [`ALTER TYPE taskstate ADD VALUE 'ON_HOLD'`]
    await foreign.run([...foreignTasks(dialect), ...on, `UPDATE tasks SET state = 'ON_HOLD' WHERE id IN (3, 4)`])
    const before = await foreign.snapshot()
    const error = await failure(foreign.adopt())
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
      await expect(foreign.adopt({ map: [map] })).rejects.toMatchObject({ code: 'ALUDEL_USAGE' })
    expect(await foreign.snapshot()).toEqual(before)
    const { conversion } = await foreign.adopt({ map: ['tasks.state.ON_HOLD=in_progress'] })
    expect(conversion?.values).toContainEqual({ column: 'tasks.state', from: 'ON_HOLD', to: 'in_progress', rows: 2 })
    expect((await foreign.read()).map(({ state }) => state as unknown)).toEqual([
      ...['open', 'in_progress', 'in_progress', 'in_progress'],
    ])
    expect((await foreign.project.migrator([tasks(dialect)]).check({ database: true })).database?.clean).toBe(true)
  })

  test('is refused while it has columns, tables and views that the revisions do not have; ignored ones stay', async () => {
    await foreign.run([
      ...foreignTasks(dialect, { legacy: 'VARCHAR(10)' }),
      `UPDATE tasks SET legacy = 'kept'`,
      'CREATE TABLE reports (id INTEGER NOT NULL PRIMARY KEY)',
      'INSERT INTO reports VALUES (1)',
      'CREATE VIEW titles AS SELECT title FROM tasks',
    ])
    const before = await foreign.snapshot()
    const error = await failure(foreign.adopt())
    expect(error.details).toMatchObject({
      obstacles: [
        { kind: 'object', object: 'titles' },
        { kind: 'object', object: 'tasks.legacy' },
        { kind: 'object', object: 'reports' },
      ],
    })
    for (const pattern of ['"table:reports"', '"column:tasks.legacy"', '"view:titles"'])
      expect(error.help).toContain(pattern)
    expect(await foreign.snapshot()).toEqual(before)
    const ignore = ['table:reports', 'column:tasks.legacy', 'view:titles']
    const migrator = foreign.project.migrator([tasks(dialect)], { ignore })
    expect((await migrator.adopt({ convert: true })).stamped).toEqual([first])
    expect(await foreign.rows('SELECT id, legacy FROM tasks ORDER BY id')).toMatchObject([
      { legacy: 'kept' },
      {},
      {},
      { legacy: 'kept' },
    ])
    expect(await foreign.rows('SELECT * FROM reports')).toEqual([{ id: 1 }])
    expect(await foreign.rows('SELECT * FROM titles')).toHaveLength(4)
    expect(await foreign.read()).toEqual(readTasks)
    const check = await foreign.project.migrator([tasks(dialect)], { ignore }).check({ database: true })
    expect(check.database).toMatchObject({ clean: true })
  })

  test('is refused where values do not fit their new type, until --using converts them', async () => {
    await foreign.run([
      ...foreignTasks(dialect, { points: 'VARCHAR(10)' }).map((sql) =>
        sql.replace(', 7, ', `, '7', `).replace(', 0, ', `, '0', `),
      ),
      `UPDATE tasks SET points = 'many' WHERE id = 4`,
    ])
    const before = await foreign.snapshot()
    await expect(foreign.adopt()).rejects.toMatchObject({
      details: { obstacles: [{ kind: 'type', object: 'tasks.points', rows: 1, examples: ['id 4'] }] },
    })
    expect(await foreign.snapshot()).toEqual(before)
    const using = [`tasks.points=CASE WHEN points = 'many' THEN 99 ELSE CAST(points AS integer) END`]
    const { conversion } = await foreign.adopt({ using })
    expect(conversion?.computed).toMatchObject([
      { column: 'tasks.points', reason: expect.stringContaining('--using') as string },
      {},
    ])
    expect((await foreign.read()).map(({ points }) => points as unknown)).toEqual([1, 7, 0, 99])
  })

  test('is refused where rows violate constraints that it lacks', async () => {
    const unique = tasks(dialect, {
      uniques: [{ name: 'uq_title', columns: ['title'] }],
      checks: [{ name: 'ck', expression: '"points" < 5' }],
    })
    await foreign.project.migrator([unique]).create('constraints', { revisionId: 'bbbbbbbbbbbb' })
    await foreign.run([...foreignTasks(dialect), `UPDATE tasks SET title = 'same' WHERE id > 2`])
    const before = await foreign.snapshot()
    const error = await failure(foreign.adopt({ revision: 'head' }, [unique]))
    expect(error.details).toMatchObject({
      obstacles: expect.arrayContaining([
        expect.objectContaining({ kind: 'rule', rows: 1, text: expect.stringContaining('ck') as string }),
        expect.objectContaining({ kind: 'rule', rows: 2, text: expect.stringContaining('uq_title') as string }),
      ]) as unknown,
    })
    expect(await foreign.snapshot()).toEqual(before)
    expect(await foreign.adopt({ revision: first }, [unique])).toMatchObject({ stamped: [first] })
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
