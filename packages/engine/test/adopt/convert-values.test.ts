// cspell:ignore taskstate
import { Column, Entity, PrimaryColumn } from 'typeorm'

import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { dialectNames } from '../run/databases'
import { conversionsOf, first } from './conversions'
import { foreignTasks, tasks } from './foreign-tasks'

enum Level {
  Low = 'l1',
  VeryHigh = 'l2',
}

@Entity('alarms')
class Alarm {
  @PrimaryColumn('int') id!: number
  @Column({ type: 'simple-enum', enum: Level }) level!: Level
  @Column({ type: 'simple-enum', enum: Level, nullable: true }) before!: Level | null
}

let project: TestProject
const { rows, run, convert, read, isClean } = conversionsOf(() => project)

afterEach(() => project.remove())

describe.each(dialectNames)('values that another program wrote, on %s', (dialect) => {
  beforeEach(async () => {
    project = await openProject(dialect)
  })

  test('are those of an enum by the keys that its declaration has', async () => {
    const type = dialect === 'sqlite' ? 'VARCHAR(9)' : 'level'
    await run(
      ...(dialect === 'sqlite' ? [] : [`CREATE TYPE level AS ENUM ('VERY_HIGH', 'LOW')`]),
      `CREATE TABLE alarms (id INTEGER NOT NULL, level ${type} NOT NULL, before ${type}, PRIMARY KEY (id))`,
      `INSERT INTO alarms VALUES (1, 'LOW', NULL), (2, 'VERY_HIGH', 'LOW')`,
    )
    const { conversion } = await convert([Alarm])
    expect(conversion?.values).toEqual([
      { column: 'alarms.level', from: 'LOW', to: 'l1', rows: 1 },
      { column: 'alarms.level', from: 'VERY_HIGH', to: 'l2', rows: 1 },
      { column: 'alarms.before', from: 'LOW', to: 'l1', rows: 1 },
      ...(dialect === 'sqlite' ? [] : [{ column: 'alarms.before', from: 'VERY_HIGH', to: 'l2', rows: 0 }]),
    ])
    await isClean([Alarm])
    expect(await read([Alarm], 'Alarm')).toEqual([
      { id: 1, level: 'l1', before: null },
      { id: 2, level: 'l2', before: 'l1' },
    ])
  })

  test('are not guessed where the enum has several that are spelled alike', async () => {
    const switches = entity('switches', { id, position: { type: 'simple-enum', enum: ['Up', 'up', 'down'] } })
    await run(
      `CREATE TABLE switches (id INTEGER NOT NULL, position VARCHAR(4) NOT NULL, PRIMARY KEY (id))`,
      `INSERT INTO switches VALUES (1, 'UP'), (2, 'DOWN'), (3, 'up')`,
    )
    await expect(convert([switches])).rejects.toMatchObject({
      code: 'ALUDEL_ADOPT_CONVERSION',
      details: {
        obstacles: [
          { kind: 'values', object: 'switches.position', examples: ['"UP": 1 row', '"UP" resembles Up and up'] },
        ],
      },
    })
    await convert([switches], { map: ['switches.position.UP=Up'] })
    await isClean([switches])
    expect((await read([switches], 'switches')).map(({ position }) => position as unknown)).toEqual([
      'Up',
      'down',
      'up',
    ])
  })

  test('of two spellings become one', async () => {
    const type = dialect === 'sqlite' ? 'VARCHAR(9)' : 'taskstate'
    await run(
      ...foreignTasks(dialect, { more: type }).map((sql) => sql.replace(`'DONE')`, `'DONE', 'done')`)),
      `UPDATE tasks SET state = 'done', more = 'done' WHERE id = 4`,
    )
    const twice = entity('tasks', {
      ...{ id, title: text(80, { nullable: true }), points: { type: 'int', nullable: true } },
      ...{ done: { type: 'boolean', nullable: true }, details: { type: 'text', nullable: true } },
      at: { type: dialect === 'sqlite' ? 'datetime' : 'timestamptz' },
      state: { type: 'enum', enum: ['open', 'in_progress', 'done'], enumName: 'task_state' },
      more: { type: 'enum', enum: ['open', 'in_progress', 'done'], enumName: 'task_state', nullable: true },
    })
    // SQLite has no `enum`.
    const simple = entity('tasks', {
      ...{ id, title: text(80, { nullable: true }), points: { type: 'int', nullable: true } },
      ...{ done: { type: 'boolean', nullable: true }, details: { type: 'text', nullable: true } },
      at: { type: 'datetime' },
      state: { type: 'simple-enum', enum: ['open', 'in_progress', 'done'] },
      more: { type: 'simple-enum', enum: ['open', 'in_progress', 'done'], nullable: true },
    })
    const entities = [dialect === 'sqlite' ? simple : twice]
    await convert(entities)
    await isClean(entities)
    const found = await read(entities, 'tasks')
    expect(found.map(({ state, more }) => [state, more] as unknown)).toEqual([
      ...[
        ['open', null],
        ['in_progress', null],
        ['done', null],
        ['done', 'done'],
      ],
    ])
  })

  test('are all there in a table of many pages', async () => {
    const codes = entity('codes', { code: { type: 'varchar', length: 20, primary: true }, n: { type: 'int' } })
    const values = Array.from({ length: 1203 }, (_, n) => `('code ${String(n)}', ${n % 7 === 0 ? 'NULL' : String(n)})`)
    await run(
      `CREATE TABLE codes (code VARCHAR(20) NOT NULL, n INTEGER, PRIMARY KEY (code))`,
      `INSERT INTO codes VALUES ${values.join(', ')}`,
    )
    const { conversion } = await convert([codes], { backfill: ['codes.n=-1'] })
    expect(conversion).toMatchObject({ tables: [{ table: 'codes', rows: 1203 }], fills: [{ rows: 172 }] })
    expect(await rows('SELECT count(*) AS n, sum(n) AS total FROM codes')).toEqual([
      { n: expect.anything() as unknown, total: expect.anything() as unknown },
    ])
    expect(Number((await rows('SELECT count(*) AS n FROM codes WHERE n = -1'))[0]?.['n'])).toBe(172)
  })
})

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
    const { details } = await convert([tasks('sqlite')]).then(
      () => ({ details: {} }),
      (error: unknown) =>
        error as { readonly details: { readonly obstacles?: readonly { readonly ways: readonly string[] }[] } },
    )
    const [, seconds = ''] =
      /^--using "(.*)", if they are seconds since 1970$/.exec(details.obstacles?.at(-1)?.ways[1] ?? '') ?? []
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
