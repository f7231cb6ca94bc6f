import { dialectNames } from '../run/databases'
import { openProject, type TestProject } from './project'

/** Writes a plain TypeORM migration. */
function migration(name: string, up: string, down: string): Record<string, string> {
  const method = (sql: string): string =>
    sql
      .split('; ')
      .flatMap((one) => (one === '' ? [] : [`await queryRunner.query(${JSON.stringify(one)})`]))
      .join('; ')
  return {
    [`${name}.js`]: `module.exports = class ${name} {
  async up(queryRunner) { ${method(up)} }
  async down(queryRunner) { ${method(down)} }
}`,
  }
}

describe.each(dialectNames)('verify on %s', (dialect) => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject(dialect)
  })

  afterEach(() => project.remove())

  const verified = async (): Promise<(readonly [string, string, string])[]> => {
    const { revisions } = await project.migrator([]).verify()
    return revisions.map(({ up, down, message }) => [up, down, message] as const)
  }
  const table = migration('Table1700000000001', 'CREATE TABLE "t" ("id" integer PRIMARY KEY)', 'DROP TABLE "t"')
  const index = migration('Index1700000000003', 'CREATE INDEX "i" ON "t" ("id")', 'DROP INDEX "i"')

  test('continues after a revision whose down leaves rows that its second up would insert again', async () => {
    await project.write({ ...table, ...migration('Rows1700000000002', 'INSERT INTO "t" VALUES (1)', ''), ...index })
    expect(await verified()).toEqual([
      ['ok', 'ok', ''],
      ['failed', 'ok', expect.stringMatching(/^after down, up fails: .*unique/i)],
      ['ok', 'ok', ''],
    ])
  })

  test('continues after a down that does not restore the schema, and after one that fails', async () => {
    await project.write({
      ...table,
      ...migration('Left1700000000002', 'CREATE TABLE "left" ("id" integer)', ''),
      ...migration('Gone1700000000003', 'CREATE TABLE "u" ("id" integer)', 'DROP TABLE "no_such_table"'),
      ...migration('Index1700000000004', 'CREATE INDEX "i" ON "t" ("id")', 'DROP INDEX "i"'),
    })
    expect(await verified()).toEqual([
      ['ok', 'ok', ''],
      ['ok', 'differs', 'after down, restoring the schema before up still needs: drop table left'],
      ['ok', 'failed', expect.stringContaining('no_such_table')],
      ['ok', 'ok', ''],
    ])
  })

  test('ends with a revision that does not run at all', async () => {
    await project.write({ ...table, ...migration('Wrong1700000000002', 'DROP TABLE "no_such_table"', ''), ...index })
    expect(await verified()).toEqual([
      ['ok', 'ok', ''],
      ['failed', 'failed', expect.stringContaining('no_such_table')],
    ])
  })

  describe('with sample rows', () => {
    const people = migration(
      'People1700000000001',
      'CREATE TABLE "people" ("id" integer, "name" text)',
      'DROP TABLE "people"',
    )
    const rebuilt = (copy: string): string =>
      [
        'CREATE TABLE "new_people" ("id" integer, "name" text)',
        copy,
        'DROP TABLE "people"',
        'ALTER TABLE "new_people" RENAME TO "people"',
      ].join('; ')
    const judged = async (up: string, down: string) => {
      await project.write({ ...people, ...migration('Next1700000000002', up, down) })
      const { revisions } = await project.migrator([]).verify()
      expect(revisions[0]).toMatchObject({ up: 'ok', down: 'ok', rows: 'none' })
      return revisions[1]
    }
    const add = 'ALTER TABLE "people" ADD COLUMN "age" integer'

    test('reports that they are kept, by a down that restores all of them', async () => {
      const down = rebuilt('INSERT INTO "new_people" SELECT "id", "name" FROM "people"')
      expect(await judged(add, down)).toMatchObject({ up: 'ok', down: 'ok', message: '', rows: 'kept' })
    })

    test('reports a down that restores the schema and loses them', async () => {
      expect(await judged(add, rebuilt(''))).toMatchObject({
        up: 'ok',
        down: 'differs',
        message: 'after down, rows from before up are missing or changed: people had 2 rows and has 0',
        rows: 'lost',
      })
    })

    test('reports a down that gives them other values', async () => {
      const down = rebuilt(`INSERT INTO "new_people" SELECT "id", 'somebody' FROM "people"`)
      expect(await judged(add, down)).toMatchObject({
        down: 'differs',
        message: 'after down, rows from before up are missing or changed: values of people changed',
        rows: 'lost',
      })
    })

    test.each([
      ['deletes them', 'DELETE FROM "people"', ''],
      ['changes their values', `UPDATE "people" SET "name" = 'somebody'`, ''],
      ['drops their table', 'DROP TABLE "people"', 'CREATE TABLE "people" ("id" integer, "name" text)'],
    ])('accepts an up that %s', async (_name, up, down) => {
      expect(await judged(up, down)).toMatchObject({ up: 'ok', down: 'ok', message: '', rows: 'kept' })
    })

    test('verifies a revision that refuses them with empty tables, and the next one with rows again', async () => {
      await project.write({
        ...migration(
          'One1700000000001',
          `CREATE TABLE "one" ("id" integer, "kind" varchar(9) NOT NULL, CHECK ("kind" = 'only'))`,
          'DROP TABLE "one"',
        ),
        ...migration('Unique1700000000002', 'CREATE UNIQUE INDEX "u" ON "one" ("kind")', 'DROP INDEX "u"'),
        ...migration(
          'More1700000000003',
          'ALTER TABLE "one" ADD COLUMN "more" integer',
          'ALTER TABLE "one" DROP COLUMN "more"',
        ),
      })
      const { revisions } = await project.migrator([]).verify()
      expect(revisions.map(({ up, down, rows }) => [up, down, rows])).toEqual([
        ['ok', 'ok', 'none'],
        ['ok', 'ok', 'refused'],
        ['ok', 'ok', 'kept'],
      ])
    })

    test('does not take a down that only runs on empty tables for an irreversible one', async () => {
      const [name, never] = ['Guarded1700000000002', 'Never1700000000003']
      await project.write({
        ...people,
        [`${name}.js`]: `module.exports = class ${name} {
  async up(queryRunner) { await queryRunner.query('ALTER TABLE "people" ADD COLUMN "age" integer') }
  async down(queryRunner) {
    const rows = await queryRunner.query('SELECT 1 FROM "people"')
    if (rows.length > 0) throw new Error('ages would be lost')
    await queryRunner.query('ALTER TABLE "people" DROP COLUMN "age"')
  }
}`,
        [`${never}.js`]: `module.exports = class ${never} {
  async up(queryRunner) { await queryRunner.query('CREATE TABLE "never" ("id" integer)') }
  async down() { throw new Error('there is no way back') }
}`,
      })
      const { revisions } = await project.migrator([]).verify()
      expect(revisions.slice(1).map(({ down, rows, message }) => [down, rows, message])).toEqual([
        ['ok', 'refused', ''],
        ['irreversible', 'none', 'there is no way back'],
      ])
    })
  })
})
