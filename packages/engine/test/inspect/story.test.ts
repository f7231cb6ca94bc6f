import type { MigratorOptions } from '../../src/project/options'
import type { StoryOptions } from '../../src/inspect/story/story'
import { openProject, type TestProject } from '../migrator/project'
import { dialectNames, dialectOf } from '../run/databases'
import { rejection } from '../run/revisions'
import { idOf, writeRevisions, type WrittenRevision } from './revision-files'

describe.each(dialectNames)('story on %s', (dialect) => {
  const onServer = dialect === 'postgres'
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  /** Revisions in a line: their statements, named a, b, c … */
  const line = (...statements: readonly (readonly string[])[]): Promise<void> =>
    writeRevisions(
      project,
      ...statements.map((up, at): WrittenRevision => {
        const id = String.fromCharCode(97 + at)
        return { id, message: `step ${id}`, down: at === 0 ? [] : [String.fromCharCode(96 + at)], up }
      }),
    )

  const tell = async (options: StoryOptions, more: Partial<MigratorOptions> = {}) =>
    (await project.migrator([], more).story(options)).events.map(
      ({ revision, operations, renamedFrom }) =>
        `${revision.replace(/0+$/, '')}: ${operations.join('; ')}${renamedFrom === undefined ? '' : ` (was ${renamedFrom})`}`,
    )

  test('tells what made and changed a table and a column, under their names of that time', async () => {
    await line(
      ['CREATE TABLE "buyers" ("id" integer PRIMARY KEY, "name" text)', 'CREATE TABLE "others" ("name" text)'],
      ['ALTER TABLE "others" ADD COLUMN "more" text'],
      ['ALTER TABLE "buyers" RENAME COLUMN "name" TO "full_name"', 'ALTER TABLE "buyers" ADD COLUMN "age" integer'],
      ['ALTER TABLE "buyers" RENAME TO "customers"'],
      ['CREATE UNIQUE INDEX "ix" ON "customers" ("full_name")', 'CREATE INDEX "ix2" ON "others" ("more")'],
      ['ALTER TABLE "customers" DROP COLUMN "age"'],
    )
    expect(await tell({ table: 'customers' })).toEqual([
      expect.stringMatching(/^a: create table buyers/),
      'c: rename column buyers.name to full_name; add column buyers.age integer',
      'd: rename table buyers to customers (was buyers)',
      expect.stringMatching(/^e: create unique index ix on customers \(full_name\)$/),
      'f: drop column customers.age',
    ])
    expect(await tell({ table: 'customers', column: 'full_name' })).toEqual([
      expect.stringMatching(/^a: create table buyers/),
      'c: rename column buyers.name to full_name (was name)',
      'd: rename table buyers to customers',
      expect.stringMatching(/^e: create unique index/),
    ])
    expect(await tell({ table: 'customers', column: 'age' })).toEqual([
      'c: add column buyers.age integer',
      'd: rename table buyers to customers',
      'f: drop column customers.age',
    ])
    expect(await tell({ table: 'others' })).toEqual([
      expect.stringMatching(/^a: create table others/),
      'b: add column others.more text',
      'e: create index ix2 on others (more)',
    ])
    expect(await tell({ table: 'buyers' })).toEqual([
      expect.stringMatching(/^a: create table buyers/),
      'c: rename column buyers.name to full_name; add column buyers.age integer',
      'd: rename table buyers to customers',
    ])
    for (const nothing of [{ table: 'nothing' }, { table: 'customers', column: 'nothing' }, { table: 'custom' }])
      expect((await tell(nothing)).filter((event) => !event.includes('rename table'))).toEqual([])
  })

  test('says which of them are applied', async () => {
    await line(['CREATE TABLE "t" ("n" integer)'], ['ALTER TABLE "t" ADD COLUMN "m" integer'])
    await project.migrator([]).upgrade('a')
    const { events, table, column } = await project.migrator([]).story({ table: 't', column: 'm' })
    expect({ table, column }).toEqual({ table: 't', column: 'm' })
    expect(events).toEqual([
      {
        ...{
          revision: idOf('b'),
          message: 'step b',
          createdAt: new Date(1_763_750_000_001).toISOString(),
          applied: false,
        },
        operations: ['add column t.m integer'],
      },
    ])
    expect((await project.migrator([]).story({ table: 't' })).events.map(({ applied }) => applied)).toEqual([
      true,
      false,
    ])
  })

  test('tells the lives of a table that was dropped and made again', async () => {
    await line(
      ['CREATE TABLE "t" ("n" integer)'],
      ['DROP TABLE "t"'],
      ['CREATE TABLE "u" ("n" integer, "x" text)'],
      ['ALTER TABLE "u" RENAME TO "t"'],
      ['DROP TABLE "t"'],
    )
    expect(await tell({ table: 't' })).toEqual([
      expect.stringMatching(/^c: create table u/),
      'd: rename table u to t (was u)',
      'e: drop table t',
    ])
    expect(await tell({ table: 't', column: 'x' })).toHaveLength(3)
  })

  test('follows tables and columns that swap their names', async () => {
    await line(
      ['CREATE TABLE "a" ("x" integer, "y" text)', 'CREATE TABLE "b" ("z" integer)'],
      ['ALTER TABLE "a" RENAME TO "c"', 'ALTER TABLE "b" RENAME TO "a"', 'ALTER TABLE "c" RENAME TO "b"'],
      [
        'ALTER TABLE "b" RENAME COLUMN "x" TO "w"',
        'ALTER TABLE "b" RENAME COLUMN "y" TO "x"',
        'ALTER TABLE "b" RENAME COLUMN "w" TO "y"',
      ],
    )
    const [first, second] = await tell({ table: 'b' })
    expect(first).toMatch(/^a: create table a/)
    expect(second).toMatch(/^b: .*rename table .* to b \(was a\)$/)
    expect((await tell({ table: 'b', column: 'y' })).at(-1)).toMatch(/\(was x\)$/)
    expect((await tell({ table: 'b', column: 'x' })).at(-1)).toMatch(/\(was y\)$/)
  })

  test('goes through branches in the order of the graph', async () => {
    await writeRevisions(
      project,
      { id: 'a', message: 'base', up: ['CREATE TABLE "t" ("n" integer)'] },
      { id: 'b', message: 'left', down: ['a'], up: ['ALTER TABLE "t" ADD COLUMN "left" text'] },
      { id: 'c', message: 'right', down: ['a'], up: ['ALTER TABLE "t" ADD COLUMN "right" text'] },
      { id: 'd', message: 'merge', down: ['b', 'c'], up: [] },
      { id: 'e', message: 'last', down: ['d'], up: ['ALTER TABLE "t" RENAME COLUMN "right" TO "last"'] },
    )
    expect(await tell({ table: 't' })).toEqual([
      expect.stringMatching(/^a: /),
      'b: add column t.left text',
      'c: add column t.right text',
      'e: rename column t.right to last',
    ])
    expect(await tell({ table: 't', column: 'last' })).toEqual([
      'c: add column t.right text',
      'e: rename column t.right to last (was right)',
    ])
  })

  test('finds renames in code that only runs', async () => {
    await line(['CREATE TABLE "first" ("n" integer)'], ['ALTER TABLE "first" ADD COLUMN "m" integer'])
    await project.write({
      '1763750000005-code.ts': `import type { MigrationInterface, QueryRunner } from 'typeorm'
export class Code1763750000005 implements MigrationInterface {
  static readonly revision = '${idOf('c')}'
  static readonly downRevision = '${idOf('b')}'
  async up(queryRunner: QueryRunner): Promise<void> {
    const [old, next] = ['fir' + 'st', 'second']
    await queryRunner.renameTable(old, next)
    await Promise.all([queryRunner.query('CREATE TABLE "x" ("n" integer)'), queryRunner.query('ALTER TABLE "second" ADD COLUMN "k" integer')])
  }
  async down(): Promise<void> {}
}
`,
    })
    expect(await tell({ table: 'second' })).toEqual([
      expect.stringMatching(/^a: create table first/),
      'b: add column first.m integer',
      'c: rename table first to second; add column second.k integer (was first)',
    ])
  })

  test('reads the schema only around statements that may concern the table', async () => {
    await line(
      ['CREATE TABLE "t" ("n" integer)'],
      ...Array.from({ length: 12 }, (_, at) => [`CREATE TABLE "not_t${String(at)}" ("t_n" integer)`]),
      ['CREATE TABLE "last" ("n" integer)', 'ALTER TABLE "t" ADD COLUMN "m" integer'],
    )
    const { introspection } = dialectOf(dialect)
    const read = jest.spyOn(introspection, 'read')
    try {
      expect(await tell({ table: 't' }, { cacheDirectory: null })).toHaveLength(2)
      expect(read).toHaveBeenCalledTimes(4)
    } finally {
      read.mockRestore()
    }
  })

  test('replays once, until a revision is written', async () => {
    const replays: string[] = []
    const onEvent: MigratorOptions['onEvent'] = (event) => {
      if (event.type === 'progress' && event.message.startsWith('replaying')) replays.push(event.message)
    }
    const more = { onEvent, cacheDirectory: `${project.directory}/cache` }
    await line(['CREATE TABLE "t" ("n" integer)'], ['CREATE TABLE "u" ("n" integer)'])
    const first = await tell({ table: 't' }, more)
    expect(await tell({ table: 't' }, more)).toEqual(first)
    expect(await tell({ table: 't', column: 'n' }, more)).toEqual(first)
    expect(replays).toHaveLength(1)
    await tell({ table: 'u' }, more)
    await tell({ table: 't' }, more)
    expect(replays).toHaveLength(2)
    await writeRevisions(project, {
      id: 'z',
      message: 'next',
      down: ['b'],
      up: ['ALTER TABLE "t" ADD COLUMN "m" text'],
    })
    expect(await tell({ table: 't' }, more)).toHaveLength(2)
    expect(replays).toHaveLength(3)
  })

  test('takes names as they are', async () => {
    const name = `a".*'; --`
    await line(
      [`CREATE TABLE "a"".*'; --" ("<b> to x" integer)`],
      [`ALTER TABLE "a"".*'; --" RENAME COLUMN "<b> to x" TO "y"`],
      [`ALTER TABLE "a"".*'; --" ADD COLUMN "ü" text`],
    )
    const found = await tell({ table: name })
    expect(found).toHaveLength(3)
    expect(found[1]).toContain('y')
    expect(await tell({ table: name, column: 'ü' })).toEqual([`c: add column ${name}.ü text`])
  })

  test('fails where the revisions cannot be replayed, and stops when it is told to', async () => {
    await line(['CREATE TABLE "t" ("n" integer)'], ['SELECT nothing FROM nowhere_at_all'])
    expect(await rejection(project.migrator([]).story({ table: 't' }))).toMatchObject({ code: 'ALUDEL_REPLAY' })
    const reason = new Error('stopped')
    const stopped = project.migrator([], { signal: AbortSignal.abort(reason), cacheDirectory: null })
    expect(await rejection(stopped.story({ table: 't' }))).toMatchObject({ code: 'ALUDEL_INTERRUPTED', cause: reason })
  })

  if (onServer) {
    test('tells changes of the type of a column, of schemas, and of what CASCADE takes along', async () => {
      await line(
        [`CREATE TYPE "mood" AS ENUM ('glad')`, 'CREATE TABLE "t" ("m" "mood", "n" integer)', 'CREATE SCHEMA "app"'],
        [`ALTER TYPE "mood" ADD VALUE 'sad'`],
        [
          'CREATE TABLE "users" ("id" integer PRIMARY KEY)',
          'ALTER TABLE "t" ADD CONSTRAINT "fk" FOREIGN KEY ("n") REFERENCES "users"',
        ],
        ['DROP TABLE "users" CASCADE'],
        ['ALTER TYPE "mood" RENAME TO "feeling"'],
        ['ALTER TABLE "t" SET SCHEMA "app"'],
        [`DO $$ BEGIN EXECUTE 'ALTER TABLE app.' || chr(116) || ' ADD COLUMN k integer'; END $$`],
      )
      expect(await tell({ table: 'app.t' })).toEqual([
        expect.stringMatching(/^a: create table t/),
        expect.stringMatching(/^b: alter enum mood: .*sad/),
        expect.stringMatching(/^c: add foreign key fk/),
        expect.stringMatching(/^d: drop foreign key fk/),
        'e: rename enum mood to feeling',
        'f: rename table t to app.t (was t)',
        'g: add column app.t.k integer',
      ])
      expect(await tell({ table: 'app.t', column: 'm' })).toEqual([
        expect.stringMatching(/^a: /),
        expect.stringMatching(/^b: /),
        expect.stringMatching(/^e: /),
        expect.stringMatching(/^f: /),
      ])
    })
  } else {
    test('follows a column through a rebuild that copies it under another name', async () => {
      await line(
        ['CREATE TABLE "users" ("id" integer PRIMARY KEY, "name" text)'],
        [
          'CREATE TABLE "temporary_users" ("id" integer PRIMARY KEY, "full_name" text, "age" integer)',
          'INSERT INTO "temporary_users"("id", "full_name") SELECT "id", "name" FROM "users"',
          'DROP TABLE "users"',
          'ALTER TABLE "temporary_users" RENAME TO "users"',
        ],
      )
      expect(await tell({ table: 'users' })).toEqual([
        expect.stringMatching(/^a: /),
        'b: rename column users.name to full_name; add column users.age integer',
      ])
      expect(await tell({ table: 'users', column: 'full_name' })).toEqual([
        expect.stringMatching(/^a: /),
        'b: rename column users.name to full_name (was name)',
      ])
    })
  }
})
