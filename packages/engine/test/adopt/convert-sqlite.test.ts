import { openProject, type TestProject } from '../migrator/project'
import { dialectNames } from '../run/databases'
import { conversionsOf, first } from './conversions'
import { foreignTasks, tasks } from './foreign-tasks'

let project: TestProject
const { rows, run, convert, read, isClean } = conversionsOf(() => project)

afterEach(() => project.remove())

const onSqlite = dialectNames.includes('sqlite') ? describe : describe.skip
onSqlite('dates, truth values and JSON as texts of SQLite', () => {
  beforeEach(async () => {
    project = await openProject('sqlite')
  })

  test('that TypeORM would misread are written as it writes them', async () => {
    await run(
      ...foreignTasks('sqlite', { done: 'VARCHAR(5)' }),
      `UPDATE tasks SET done = 'False', at = '2026-11-21T19:31:42.5' WHERE id = 1`,
      `UPDATE tasks SET done = 't', at = '2026-11-21 19:31:42.303639+02:00' WHERE id = 2`,
      `UPDATE tasks SET at = '2026-11-21 19:31' WHERE id = 3`,
      `UPDATE tasks SET at = '2026-11-21' WHERE id = 4`,
      `INSERT INTO tasks (id, title, state, at) VALUES (5, 'five', 'OPEN', '2026-11-21 19:31:42.303 +00:00')`,
    )
    const { conversion } = await convert([tasks('sqlite')])
    expect(conversion?.computed.map(({ column, rows: n }) => [column, n])).toEqual([
      ['tasks.done', 2],
      ['tasks.at', 2],
    ])
    expect((await read([tasks('sqlite')], 'tasks')).map(({ done, at }) => [done, at] as unknown)).toEqual([
      [false, new Date('2026-11-21T19:31:42.500Z')],
      [true, new Date('2026-11-21T17:31:42.303Z')],
      [false, new Date('2026-11-21T19:31:00.000Z')],
      [false, new Date('2026-11-21T00:00:00.000Z')],
      [false, new Date('2026-11-21T19:31:42.303Z')],
    ])
    expect(await rows('SELECT at FROM tasks WHERE id = 1')).toEqual([{ at: '2026-11-21T19:31:42.5Z' }])
  })

  test('that no entity could read are refused, with their keys', async () => {
    await run(
      ...foreignTasks('sqlite'),
      `UPDATE tasks SET at = 1795289502 WHERE id = 1`,
      `UPDATE tasks SET done = 'perhaps', details = '{' WHERE id IN (2, 3)`,
    )
    const refused = convert([tasks('sqlite')])
    await expect(refused).rejects.toMatchObject({
      details: {
        obstacles: [
          { kind: 'unreadable', object: 'tasks.done', rows: 2, examples: ['id 2', 'id 3'] },
          { kind: 'unreadable', object: 'tasks.details', rows: 2 },
          { kind: 'unreadable', object: 'tasks.at', rows: 1, examples: ['id 1'] },
        ],
      },
    })
    const [seconds = ''] = await convert([tasks('sqlite')]).then(
      () => [],
      (error: unknown) =>
        /(?<=^--using ").*(?=", if they are seconds since 1970$)/m.exec(
          (error as Failure).details.obstacles[2]?.ways[1] ?? '',
        ) ?? [],
    )
    const using = [
      seconds.replaceAll('\\"', '"'),
      `tasks.done=CASE done WHEN 'perhaps' THEN NULL ELSE done END`,
      `tasks.details=CASE WHEN json_valid(details) THEN details END`,
    ]
    await convert([tasks('sqlite')], { using })
    await isClean([tasks('sqlite')])
    expect((await read([tasks('sqlite')], 'tasks'))[0]).toMatchObject({ at: new Date(1795289502000), done: true })
  })

  test('have no time zone to be told', async () => {
    await run(...foreignTasks('sqlite'))
    await expect(convert([tasks('sqlite')], { timeZone: 'Europe/Berlin' })).rejects.toMatchObject({
      code: 'ALUDEL_USAGE',
      message: expect.stringContaining('--time-zone Europe/Berlin') as string,
    })
  })

  test('are not converted while another connection writes', async () => {
    await run(...foreignTasks('sqlite'))
    await project.migrator([tasks('sqlite')]).create('first', { revisionId: first })
    const writer = await project.database.connect()
    await writer.query('BEGIN IMMEDIATE')
    await writer.query(`INSERT INTO tasks (id, title, state, at) VALUES (9, 'nine', 'OPEN', '2026-01-01')`)
    const refused = convert([tasks('sqlite')], { backup: 'never' })
    await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('locked') as string })
    await writer.query('COMMIT')
    expect((await convert([tasks('sqlite')])).conversion?.tables).toEqual([{ table: 'tasks', rows: 5 }])
    expect(await read([tasks('sqlite')], 'tasks')).toHaveLength(5)
  })
})

interface Failure {
  readonly details: { readonly obstacles: readonly { readonly ways: readonly string[] }[] }
}
