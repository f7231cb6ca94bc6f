// cspell:ignore taskstate
import { Column, Entity, PrimaryColumn } from 'typeorm'

import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { dialectNames } from '../run/databases'
import { conversionsOf } from './conversions'
import { foreignTasks } from './foreign-tasks'

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
