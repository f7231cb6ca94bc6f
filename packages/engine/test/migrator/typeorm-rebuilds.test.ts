import type { EntitySchema } from 'typeorm'

import { openDatabase, type TestDatabase } from '../run/databases'
import { books, entity, id, openProject, type TestProject, text } from './project'
import { runScript } from './scripts'

/** Migrations that `typeorm migration:generate` writes for SQLite: they rebuild tables. */
describe('rebuilds that TypeORM wrote', () => {
  const narrow = [entity('authors', { id, name: text(50) }), books]
  const wide = [entity('authors', { id, name: text(90) }), books]
  let project: TestProject

  beforeEach(async () => {
    project = await openProject('sqlite')
    const scratch = await openDatabase('sqlite')
    await generate(scratch, 'First1700000000001', narrow)
    await generate(scratch, 'Second1700000000002', wide)
    await scratch.drop()
    await migrator().upgrade('+1')
    for (const sql of [`INSERT INTO "authors" VALUES (1, 'Ann')`, 'INSERT INTO "books" VALUES (1, 1)'])
      await project.database.rows(sql)
    await migrator().upgrade()
  })

  afterEach(() => project.remove())

  const migrator = () => project.migrator(wide)

  /** Writes the migration that TypeORM would write, and applies it to `database`. */
  async function generate({ connect }: TestDatabase, name: string, entities: readonly EntitySchema[]): Promise<void> {
    const dataSource = await connect({ entities: [...entities] })
    const { upQueries, downQueries } = await dataSource.driver.createSchemaBuilder().log()
    const up = upQueries.map(({ query }) => query)
    const down = downQueries.map(({ query }) => query).reverse()
    const method = (direction: string, statements: readonly string[]): string =>
      `  async ${direction}(queryRunner) {
    for (const sql of ${JSON.stringify(statements)}) await queryRunner.query(sql)
  }`
    await project.write({
      [`${name.slice(-13)}-${name.slice(0, -13)}.js`]: `module.exports = class ${name} {
${method('up', up)}
${method('down', down)}
}
`,
    })
    for (const sql of up) await dataSource.query(sql)
  }

  async function expectSound({ rows }: TestDatabase): Promise<void> {
    const references = await rows(`SELECT "table" AS name FROM pragma_foreign_key_list('books')`)
    expect(references).toEqual([{ name: 'authors' }])
    await rows('INSERT INTO "books" VALUES (2, 1)')
    await rows('DELETE FROM "authors"')
    expect(await rows('SELECT * FROM "books"')).toEqual([])
  }

  test('are undone without breaking references to the table', async () => {
    expect(await project.files()).toMatchObject({
      '1700000000002-Second.js': expect.stringContaining('RENAME TO \\"temporary_authors\\"') as string,
    })
    await migrator().downgrade('-1', { backup: 'never' })
    await expectSound(project.database)
  })

  test('are undone by a script without breaking references to the table', async () => {
    const { statements } = await migrator().sql('downgrade', '-1')
    await runScript(project.database, statements)
    await expectSound(project.database)
  })

  test('are verified as they run', async () => {
    const { revisions } = await migrator().verify()
    expect(revisions.map(({ up, down, message }) => [up, down, message])).toEqual([
      ['ok', 'ok', ''],
      ['ok', 'ok', ''],
    ])
  })
})
