// cspell:ignore taskstate
import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { dialectNames } from '../run/databases'
import { conversionsOf, first } from './conversions'
import { foreignTasks, tasks } from './foreign-tasks'

let project: TestProject
const { rows, run, convert, read, isClean } = conversionsOf(() => project)

afterEach(() => project.remove())

const onPostgres = dialectNames.includes('postgres') ? describe : describe.skip
onPostgres('types and locks of PostgreSQL', () => {
  beforeEach(async () => {
    project = await openProject('postgres')
  })

  test('times without a zone are in the one that is told, or UTC, whatever the session has', async () => {
    await run(...foreignTasks('postgres'))
    const { conversion } = await convert([tasks('postgres')], { timeZone: 'Europe/Berlin' })
    expect(conversion?.computed).toMatchObject([
      {
        column: 'tasks.at',
        using: `"at" AT TIME ZONE 'Europe/Berlin'`,
        reason: expect.stringContaining('are taken as Europe/Berlin') as string,
        rows: 4,
      },
    ])
    expect((await read([tasks('postgres')], 'tasks'))[0]).toMatchObject({ at: new Date('2026-11-21T18:31:42.303Z') })
  })

  test('times are refused if the new type has fewer digits, or only a part of them', async () => {
    const part = entity('moments', {
      id,
      a: { type: 'timestamptz', precision: 3 },
      b: { type: 'date' },
      c: { type: 'timestamptz', precision: 3 },
    })
    await run(
      'CREATE TABLE moments (id INTEGER NOT NULL PRIMARY KEY, a TIMESTAMP NOT NULL, b TIMESTAMPTZ NOT NULL, c TIMESTAMP NOT NULL)',
      `INSERT INTO moments VALUES (1, '2026-01-02 03:04:05.123456', '2026-01-02 23:30:00Z', '2026-01-02 03:04:05.123')`,
    )
    await expect(convert([part])).rejects.toMatchObject({
      details: {
        obstacles: [
          { kind: 'type', object: 'moments.a', rows: 1, examples: ['id 1'] },
          { kind: 'type', object: 'moments.b', rows: 1 },
          { kind: 'type', object: 'moments.b', text: expect.stringContaining('in each time zone') as string },
        ],
      },
    })
    const using = [
      `moments.a=date_trunc('milliseconds', a AT TIME ZONE 'UTC')`,
      `moments.b=(b AT TIME ZONE 'UTC')::date`,
    ]
    await convert([part], { using })
    expect(
      await rows(`SELECT a AT TIME ZONE 'UTC' AS a, b::text, c AT TIME ZONE 'UTC' AS c FROM moments`),
    ).toMatchObject([{ b: '2026-01-02' }])
    await isClean([part])
  })

  test('an unknown time zone is refused before anything is changed', async () => {
    await run(...foreignTasks('postgres'))
    await expect(convert([tasks('postgres')], { timeZone: 'Mars' })).rejects.toMatchObject({
      code: 'ALUDEL_ADOPT_CONVERSION',
      details: { obstacles: [{ kind: 'type', object: 'tasks.at', text: expect.stringContaining('"Mars"') as string }] },
    })
    expect(await rows('SELECT state FROM tasks WHERE id = 1')).toEqual([{ state: 'OPEN' }])
  })

  test('a type that keeps its name gets the values of the enum, in its order', async () => {
    const states = entity('tasks', {
      ...{ id, title: text(80, { nullable: true }), points: { type: 'int', nullable: true } },
      ...{ done: { type: 'boolean', nullable: true }, details: { type: 'text', nullable: true } },
      at: { type: 'timestamp' },
      state: { type: 'enum', enum: ['done', 'open', 'in_progress'], enumName: 'taskstate', default: 'open' },
    })
    await run(...foreignTasks('postgres'))
    await convert([states])
    await isClean([states])
    expect((await read([states], 'tasks')).map(({ state }) => state as unknown)).toEqual([
      ...['open', 'in_progress', 'done', 'done'],
    ])
    expect(await rows(`SELECT typname FROM pg_type WHERE typtype = 'e'`)).toEqual([{ typname: 'taskstate' }])
  })

  test('arrays of an enum are converted with their type', async () => {
    const labels = entity('labels', {
      id,
      tags: { type: 'enum', enum: ['red', 'green'], enumName: 'tag', array: true },
    })
    await run(
      `CREATE TYPE tags AS ENUM ('GREEN', 'RED')`,
      'CREATE TABLE labels (id INTEGER NOT NULL, tags tags[] NOT NULL, PRIMARY KEY (id))',
      `INSERT INTO labels VALUES (1, '{RED,GREEN,RED}'), (2, '{}')`,
    )
    const { conversion } = await convert([labels])
    expect(conversion?.values).toEqual([
      { column: 'labels.tags', from: 'RED', to: 'red', rows: 2 },
      { column: 'labels.tags', from: 'GREEN', to: 'green', rows: 1 },
    ])
    await isClean([labels])
    expect(await rows('SELECT tags::text FROM labels ORDER BY id')).toEqual([
      { tags: '{red,green,red}' },
      { tags: '{}' },
    ])
  })

  test('a trigger that changes other values stops the conversion, and nothing is changed', async () => {
    await run(
      ...foreignTasks('postgres'),
      `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.title := upper(NEW.title); RETURN NEW; END'`,
      'CREATE TRIGGER shout BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION shout()',
    )
    await project.migrator([tasks('postgres')]).create('first', { revisionId: first })
    const ignore = ['trigger:tasks.shout', 'function:shout']
    await expect(
      project.migrator([tasks('postgres')], { ignore }).adopt({ convert: true, backup: 'never' }),
    ).rejects.toMatchObject({ code: 'ALUDEL_PROOF', message: 'after the conversion, tasks would have other values' })
    expect(await rows('SELECT title, state FROM tasks WHERE id = 1')).toEqual([{ title: 'one', state: 'OPEN' }])
    expect((await project.migrator([tasks('postgres')], { ignore }).current()).current).toEqual([])
  })

  test('a session that holds a table stops the conversion in time, and nothing is changed', async () => {
    await run(...foreignTasks('postgres'))
    await project.migrator([tasks('postgres')]).create('first', { revisionId: first })
    const other = (await project.database.connect()).createQueryRunner()
    await other.startTransaction()
    await other.query(`INSERT INTO tasks (id, title, state, at) VALUES (9, 'nine', 'OPEN', now())`)
    const migrator = project.migrator([tasks('postgres')], { tableLockTimeoutMs: 200 })
    await expect(migrator.adopt({ convert: true, backup: 'never' })).rejects.toMatchObject({
      code: 'ALUDEL_TABLE_LOCKED',
      help: expect.stringContaining('Nothing was changed') as string,
    })
    await other.commitTransaction()
    await other.release()
    expect((await convert([tasks('postgres')])).conversion?.tables).toEqual([{ table: 'tasks', rows: 5 }])
  })
})
