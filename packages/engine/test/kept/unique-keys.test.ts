import { dialectNames } from '../run/databases'
import { rejection } from '../run/revisions'
import { idOf, type KeptProject, openKept, rebuild, type TestRevision } from './project'

const keep = { keepDropped: true, backup: 'never' } as const
const never = { backup: 'never' } as const

/** What two rows must not share when something is given back. */
describe.each(dialectNames)('a unique key that is given back on %s', (dialect) => {
  let project: KeptProject
  beforeEach(async () => {
    project = await openKept(dialect)
  })
  afterEach(() => project.remove())
  const rows = (sql: string): Promise<Record<string, unknown>[]> => project.rows(sql)

  const isSqlite = dialect === 'sqlite'
  const unique = 'CONSTRAINT "UQ_email" UNIQUE ("email")'

  /**
   * A table, and a revision that drops its unique column `email`.
   *
   * @param definition of the column
   * @param given SQL: what the downgrade gives rows that have no value; undefined: what the definition says
   */
  function dropsEmail(definition: string, given?: string): readonly TestRevision[] {
    const columns = `"id" integer PRIMARY KEY NOT NULL, "email" text ${definition}, ${unique}`
    const undo =
      given === undefined
        ? rebuild('people', columns, '"id"')
        : rebuild('people', columns, '"id", "email"', `"id", ${given}`)
    return [
      { up: [`CREATE TABLE "people" (${columns})`], down: [] },
      isSqlite
        ? { up: rebuild('people', '"id" integer PRIMARY KEY NOT NULL', '"id"'), down: undo }
        : {
            up: [`ALTER TABLE "people" DROP CONSTRAINT "UQ_email"`, `ALTER TABLE "people" DROP COLUMN "email"`],
            down: [
              `ALTER TABLE "people" ADD "email" text ${definition}`,
              ...(given === undefined ? [] : [`UPDATE "people" SET "email" = ${given} WHERE "email" IS NULL`]),
              `ALTER TABLE "people" ADD ${unique}`,
            ],
          },
    ]
  }

  test('refuses rows that would get the same default, before anything runs', async () => {
    const migrator = await project.of(dropsEmail(`NOT NULL DEFAULT 'none'`))
    await migrator.upgrade(idOf('a'))
    await project.run(`INSERT INTO people VALUES (1, 'a'), (2, 'b')`)
    await migrator.upgrade('head', keep)
    await project.run('INSERT INTO people (id) VALUES (3), (4)')
    const plan = await migrator.plan('downgrade')
    const clash = 'rows of people would share a value of a unique key: email = none'
    expect(plan.steps[0]?.givesBack).toMatchObject([{ column: 'email', obstacle: clash }])
    const error = await rejection(migrator.downgrade('-1', never))
    expect(error).toMatchObject({
      code: 'ALUDEL_GIVE_BACK',
      message: `revision ${idOf('b')} (revision b) cannot be undone: ${clash}`,
      details: { revision: idOf('b'), table: 'people', column: 'email', rows: 2 },
      help: expect.stringMatching(/Delete .*, then run again[\s\S]*Nothing was changed/) as string,
    })
    expect(await rows('SELECT count(*) AS n FROM people')).toMatchObject([{ n: expect.anything() as unknown }])
    await project.run('DELETE FROM people WHERE id = 4')
    await migrator.downgrade('-1', never)
    expect(await rows('SELECT email FROM people ORDER BY id')).toEqual([
      { email: 'a' },
      { email: 'b' },
      { email: 'none' },
    ])
  })

  test('refuses a row that would get a default that an old row has', async () => {
    const migrator = await project.of(dropsEmail(`NOT NULL DEFAULT 'none'`))
    await migrator.upgrade(idOf('a'))
    await project.run(`INSERT INTO people VALUES (1, 'a'), (2, 'none')`)
    await migrator.upgrade('head', keep)
    await project.run('INSERT INTO people (id) VALUES (3)')
    const error = await rejection(migrator.downgrade('-1', never))
    expect(error).toMatchObject({ code: 'ALUDEL_GIVE_BACK', details: { rows: 2 } })
    expect(await rows('SELECT id FROM people ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
  })

  test('lets rows without a value be', async () => {
    const migrator = await project.of(dropsEmail(''))
    await migrator.upgrade(idOf('a'))
    await project.run(`INSERT INTO people VALUES (1, 'a'), (2, NULL)`)
    await migrator.upgrade('head', keep)
    await project.run('INSERT INTO people (id) VALUES (3), (4)')
    await migrator.downgrade('-1', never)
    expect(await rows('SELECT email FROM people ORDER BY id')).toEqual([
      { email: 'a' },
      { email: null },
      { email: null },
      { email: null },
    ])
  })

  test('names the values that the downgrade itself gives twice, and changes nothing', async () => {
    const migrator = await project.of(dropsEmail('', `'x'`))
    await migrator.upgrade(idOf('a'))
    await project.run(`INSERT INTO people VALUES (1, 'a'), (2, 'b')`)
    await migrator.upgrade('head', keep)
    await project.run('INSERT INTO people (id) VALUES (3), (4)')
    const error = await rejection(migrator.downgrade('-1', never))
    expect(error).toMatchObject({
      code: 'ALUDEL_GIVE_BACK',
      message: expect.stringMatching(/rows of people .*share a value of a unique key: email = x$/) as string,
      details: { table: 'people', column: 'email', rows: 2, statement: isSqlite ? 2 : 3 },
      help: expect.stringContaining('run again') as string,
    })
    expect((await migrator.current()).current).toEqual([idOf('b')])
    expect((await migrator.kept()).kept).toMatchObject([{ table: 'people', column: 'email', rows: 2 }])
    await project.run('DELETE FROM people WHERE id = 4')
    await migrator.downgrade('-1', never)
    expect(await rows('SELECT email FROM people ORDER BY id')).toEqual([{ email: 'a' }, { email: 'b' }, { email: 'x' }])
  })

  test('names the values for which a unique index cannot be created', async () => {
    const index = `CREATE UNIQUE INDEX "ix_code" ON "people" ("team", "code")`
    const migrator = await project.of([
      {
        up: ['CREATE TABLE "people" ("id" integer PRIMARY KEY NOT NULL, "team" integer, "code" text)', index],
        down: [],
      },
      {
        up: ['DROP INDEX "ix_code"', 'ALTER TABLE "people" DROP COLUMN "code"'],
        down: [
          'ALTER TABLE "people" ADD COLUMN "code" text',
          `UPDATE "people" SET "code" = 'new' WHERE "code" IS NULL`,
          index,
        ],
      },
    ])
    await migrator.upgrade(idOf('a'))
    await project.run(`INSERT INTO people VALUES (1, 1, 'a'), (2, 2, 'a'), (3, 3, 'a')`)
    await migrator.upgrade('head', keep)
    await project.run('INSERT INTO people (id, team) VALUES (4, 7), (5, 7), (6, 8)')
    const error = await rejection(migrator.downgrade('-1', never))
    expect(error).toMatchObject({
      code: 'ALUDEL_GIVE_BACK',
      message: expect.stringMatching(/share a value of a unique key: team, code = 7, new$/) as string,
      details: { table: 'people', rows: 2, statement: 3 },
    })
    await project.run('DELETE FROM people WHERE id = 5')
    await migrator.downgrade('-1', never)
    expect(await rows('SELECT count(*) AS n FROM people WHERE code IS NULL')).toEqual([{ n: isSqlite ? 0 : '0' }])
  })

  test('refuses rows whose other columns of the key were changed since, before anything runs', async () => {
    const columns = `"id" integer PRIMARY KEY NOT NULL, "team" integer NOT NULL, "code" text NOT NULL DEFAULT ''`
    const key = 'CONSTRAINT "UQ_code" UNIQUE ("team", "code")'
    const migrator = await project.of([
      { up: [`CREATE TABLE "people" (${columns}, ${key})`], down: [] },
      isSqlite
        ? {
            up: rebuild('people', '"id" integer PRIMARY KEY NOT NULL, "team" integer NOT NULL', '"id", "team"'),
            down: rebuild('people', `${columns}, ${key}`, '"id", "team"'),
          }
        : {
            up: ['ALTER TABLE "people" DROP CONSTRAINT "UQ_code"', 'ALTER TABLE "people" DROP COLUMN "code"'],
            down: [`ALTER TABLE "people" ADD "code" text NOT NULL DEFAULT ''`, `ALTER TABLE "people" ADD ${key}`],
          },
    ])
    await migrator.upgrade(idOf('a'))
    await project.run(`INSERT INTO people VALUES (1, 1, 'a'), (2, 2, 'a')`)
    await migrator.upgrade('head', keep)
    await project.run('UPDATE people SET team = 1 WHERE id = 2')
    const plan = await migrator.plan('downgrade')
    expect(plan.steps[0]?.givesBack?.[0]?.obstacle).toMatch(/share a value of a unique key: team, code = 1, a$/)
    const error = await rejection(migrator.downgrade('-1', never))
    expect(error).toMatchObject({ code: 'ALUDEL_GIVE_BACK', details: { table: 'people', rows: 2 } })
    await project.run('UPDATE people SET team = 2 WHERE id = 2')
    await migrator.downgrade('-1', never)
    expect(await rows('SELECT id, team, code FROM people ORDER BY id')).toEqual([
      { id: 1, team: 1, code: 'a' },
      { id: 2, team: 2, code: 'a' },
    ])
  })

  test('does not call a failure of the revision itself one of what is given back', async () => {
    const migrator = await project.of([
      { up: ['CREATE TABLE "people" ("id" integer PRIMARY KEY NOT NULL, "team" integer, "note" text)'], down: [] },
      {
        up: ['ALTER TABLE "people" DROP COLUMN "note"'],
        down: [
          'ALTER TABLE "people" ADD COLUMN "note" text',
          'CREATE TABLE "teams" ("id" integer PRIMARY KEY)',
          'INSERT INTO "teams" VALUES (1)',
          'INSERT INTO "teams" VALUES (1)',
        ],
      },
    ])
    await migrator.upgrade(idOf('a'))
    await project.run(`INSERT INTO people VALUES (1, 1, 'a')`)
    await migrator.upgrade('head', keep)
    expect(await rejection(migrator.downgrade('-1', never))).toMatchObject({ code: 'ALUDEL_STATEMENT' })
    expect((await migrator.kept()).kept).toHaveLength(1)
  })

  test('refuses rows of a dropped table whose key the downgrade has given to others', async () => {
    const table = 'CREATE TABLE "people" ("id" integer PRIMARY KEY NOT NULL, "email" text UNIQUE)'
    const migrator = await project.of([
      { up: [table], down: [] },
      { up: ['DROP TABLE "people"'], down: [table, `INSERT INTO "people" VALUES (9, 'a')`] },
    ])
    await migrator.upgrade(idOf('a'))
    await project.run(`INSERT INTO people VALUES (1, 'a'), (2, 'b')`)
    await migrator.upgrade('head', keep)
    const error = await rejection(migrator.downgrade('-1', never))
    expect(error).toMatchObject({ code: 'ALUDEL_GIVE_BACK', details: { table: 'people', column: null } })
    expect(String(error)).toContain('email')
    expect((await migrator.kept()).kept).toMatchObject([{ kind: 'table', rows: 2 }])
  })

  // SQLite has no ALTER TABLE … ADD COLUMN with UNIQUE.
  const onPostgres = isSqlite ? test.skip : test
  onPostgres('is demanded of a column only once that has its values again', async () => {
    const migrator = await project.of([
      {
        up: [
          `CREATE TABLE "people" ("id" integer PRIMARY KEY, "email" text NOT NULL DEFAULT 'none' CONSTRAINT "UQ_a" UNIQUE)`,
        ],
        down: [],
      },
      {
        up: ['ALTER TABLE "people" DROP COLUMN "email"'],
        down: [`ALTER TABLE "people" ADD "email" text CONSTRAINT "UQ_a" UNIQUE NOT NULL DEFAULT 'none'`],
      },
    ])
    await migrator.upgrade(idOf('a'))
    await project.run(`INSERT INTO people VALUES (1, 'a'), (2, 'b')`)
    await migrator.upgrade('head', keep)
    await project.run('INSERT INTO people (id) VALUES (3), (4)')
    expect(await rejection(migrator.downgrade('-1', never))).toMatchObject({
      code: 'ALUDEL_GIVE_BACK',
      message: expect.stringMatching(/would share a value of a unique key: email = none$/) as string,
    })
    await project.run('DELETE FROM people WHERE id = 4')
    await migrator.downgrade('-1', never)
    expect(await rows('SELECT email FROM people ORDER BY id')).toEqual([
      { email: 'a' },
      { email: 'b' },
      { email: 'none' },
    ])
    expect(await rows(`SELECT pg_get_constraintdef(oid) AS is FROM pg_constraint WHERE conname = 'UQ_a'`)).toEqual([
      { is: 'UNIQUE (email)' },
    ])
    expect(await rejection(project.run(`INSERT INTO people VALUES (5, 'a')`))).toMatchObject({ code: '23505' })
  })
})
