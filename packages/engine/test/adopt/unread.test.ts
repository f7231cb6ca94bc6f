// cspell:ignore SFUNC STYPE
import { dialectNames } from '../run/databases'
import { openProject, type TestProject } from '../migrator/project'

describe.each(dialectNames)('a first revision for a %s database', (dialect) => {
  let project: TestProject
  const run = async (...statements: readonly string[]): Promise<void> => {
    for (const sql of statements) await project.database.rows(sql)
  }
  beforeEach(async () => {
    project = await openProject(dialect)
    await run('CREATE TABLE "t" ("id" int)')
  })
  afterEach(() => project.remove())

  test('has everything, so that nothing is named', async () => {
    expect(await project.migrator([]).adopt()).not.toHaveProperty('unread')
  })

  const cases: Readonly<Record<typeof dialect, readonly (readonly [string, string, readonly string[]])[]>> = {
    sqlite: [['virtual table', 'docs', ['CREATE VIRTUAL TABLE "docs" USING fts5(title)']]],
    postgres: [
      ['composite type', 'addr', ['CREATE TYPE "addr" AS ("street" text)']],
      ['range type', 'fr', ['CREATE TYPE "fr" AS RANGE (subtype = float8)']],
      ['aggregate', 'total', ['CREATE AGGREGATE "total" (int) (SFUNC = int4pl, STYPE = int)']],
      ['rule', 'r of t', ['CREATE RULE "r" AS ON DELETE TO "t" DO INSTEAD NOTHING']],
      ['inheritance', 'child from t', ['CREATE TABLE "child" () INHERITS ("t")']],
      ['unlogged storage', 'u', ['CREATE UNLOGGED TABLE "u" ("id" int)']],
      ['text search configuration', 'mine', ['CREATE TEXT SEARCH CONFIGURATION "mine" (COPY = simple)']],
      ['publication', 'p', ['CREATE PUBLICATION "p"']],
      ['statistics object', 's', ['ALTER TABLE "t" ADD "b" int', 'CREATE STATISTICS "s" ON "id", "b" FROM "t"']],
      ['collation', 'c', [`CREATE COLLATION "c" (LOCALE = 'C')`]],
      ['composite type', 'apart.addr', ['CREATE SCHEMA "apart"', 'CREATE TYPE "apart"."addr" AS ("street" text)']],
    ],
  }

  test.each(cases[dialect])('says that it does not have the %s %s', async (kind, name, statements) => {
    await run(...statements)
    const plans: unknown[] = []
    const confirm = (plan: { readonly unread?: unknown }) => {
      plans.push(plan.unread)
      return Promise.resolve(true)
    }
    const { unread } = await project.migrator([]).adopt({ confirm })
    expect(unread).toEqual([{ kind, name }])
    expect(plans).toEqual([unread])
    expect((await project.migrator([]).check({ database: true })).database).toMatchObject({ clean: true })
  })

  if (dialect !== 'postgres') return

  describe('in which a table needs a type that no operation creates', () => {
    beforeEach(() => run('CREATE TYPE "addr" AS ("street" text)', 'CREATE TABLE "homes" ("id" int, "at" "addr")'))

    test('is refused with the name of the type, and nothing is written', async () => {
      await expect(project.migrator([]).adopt()).rejects.toMatchObject({
        code: 'ALUDEL_PROOF',
        message: expect.stringContaining('type "addr" does not exist') as string,
        help: expect.stringContaining('\n  composite type addr\n') as string,
        details: { unread: [{ kind: 'composite type', name: 'addr' }] },
      })
      expect(await project.files()).toEqual({})
    })

    test('is written without the table if it is ignored', async () => {
      const ignoring = () => project.migrator([], { ignore: ['table:homes'] })
      expect(await ignoring().adopt()).toMatchObject({ unread: [{ name: 'addr' }] })
      expect((await ignoring().check({ database: true })).database).toMatchObject({ clean: true })
    })

    test('is taken if somebody has written it by hand', async () => {
      await project.write({
        '1999999999999-first.js': `exports.First1999999999999 = class First1999999999999 {
  static revision = 'aaaaaaaaaaaa'
  static downRevision = null
  async up(queryRunner) {
    await queryRunner.query('CREATE TYPE "addr" AS ("street" text)')
    await queryRunner.query('CREATE TABLE "t" ("id" int)')
    await queryRunner.query('CREATE TABLE "homes" ("id" int, "at" "addr")')
  }
  async down() {}
}
`,
      })
      expect(await project.migrator([]).adopt()).toMatchObject({ stamped: ['aaaaaaaaaaaa'] })
    })
  })

  test('makes an extension in the schema in which it is, and leaves both when it is undone', async () => {
    await run(
      'CREATE SCHEMA "ext"',
      'CREATE EXTENSION citext SCHEMA "ext"',
      'ALTER TABLE "t" ADD "email" "ext"."citext"',
    )
    await project.migrator([]).adopt()
    const [source] = Object.values(await project.files())
    expect(source).toContain('CREATE EXTENSION IF NOT EXISTS "citext" SCHEMA "ext"')
    const other = await openProject(dialect)
    try {
      await other.write(await project.files())
      await other.migrator([]).upgrade()
      expect((await other.migrator([]).check({ database: true })).database).toMatchObject({ clean: true })
      await other.migrator([]).downgrade('base', { backup: 'never' })
      expect((await other.migrator([]).check({ database: true })).database).toMatchObject({ clean: true, pending: 1 })
    } finally {
      await other.remove()
    }
  })
})
