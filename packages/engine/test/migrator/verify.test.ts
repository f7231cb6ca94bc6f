import { dialectNames } from '../run/databases'
import { openProject, type TestProject } from './project'

/** Writes a plain TypeORM migration. */
function migration(name: string, up: string, down: string): Record<string, string> {
  const method = (sql: string): string => (sql === '' ? '' : `await queryRunner.query(${JSON.stringify(sql)})`)
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
})
