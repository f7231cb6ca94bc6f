import { EntitySchema } from 'typeorm'

import type { Migrator } from '../../src/migrator'
import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'

describe.each(dialectNames)('create on %s', (dialect) => {
  let project: TestProject

  beforeEach(async () => {
    project = await openProject(dialect)
  })

  afterEach(() => project.remove())

  const rows = (sql: string) => project.database.rows(sql)
  const yes = { confirm: () => Promise.resolve(true) }

  async function createAndUpgrade(
    message: string,
    entities: readonly EntitySchema[],
    options: Parameters<Migrator['create']>[1] = {},
  ) {
    const migrator = project.migrator(entities)
    const result = await migrator.create(message, options)
    await migrator.upgrade()
    return result
  }

  async function expectClean(entities: readonly EntitySchema[]) {
    const result = await project.migrator(entities).check({ database: true })
    expect(result).toMatchObject({
      clean: true,
      operations: [],
      handMade: [],
      database: { clean: true, operations: [] },
    })
  }

  const authors = entity('authors', { id, name: text(50), note: { type: 'text', nullable: true } })

  test('writes nothing when nothing changed', async () => {
    await createAndUpgrade('first', [authors])
    const result = await project.migrator([authors]).create('second')
    expect(result).toMatchObject({ created: null, operations: [], destroys: [], sql: {} })
    expect(Object.keys(await project.files())).toHaveLength(1)
  })

  test('writes each kind of change so that it runs up, down and up again, and keeps the rows', async () => {
    await createAndUpgrade('first', [authors])
    await rows(`INSERT INTO "authors" ("id", "name", "note") VALUES (1, 'Ada', 'first'), (2, 'Grace', NULL)`)

    const changed = [
      entity(
        'authors',
        { id, name: text(120), country: text(2, { nullable: true }), rating: { type: 'int', default: 3 } },
        { indices: [{ name: 'idx_authors_country', columns: ['country'] }] },
      ),
      entity(
        'books',
        { id, title: text(80), author_id: { type: 'int' } },
        {
          foreignKeys: [
            {
              name: 'fk_books_author',
              target: 'authors',
              columnNames: ['author_id'],
              referencedColumnNames: ['id'],
              onDelete: 'CASCADE',
            },
          ],
          uniques: [{ name: 'uq_books_title', columns: ['title'] }],
        },
      ),
    ]
    const result = await project.migrator(changed).create('countries and books', { noRename: ['authors.note'], ...yes })
    expect(result.created).not.toBeNull()
    expect(result.destroys).toEqual([expect.stringContaining('note')])
    expect(new Set(result.operations.map(({ op }) => op))).toEqual(
      new Set(['createTable', 'addColumn', 'alterColumn', 'dropColumn', 'createIndex', 'addForeignKey']),
    )

    const migrator = project.migrator(changed)
    await migrator.upgrade()
    await expectClean(changed)
    await rows(`INSERT INTO "books" ("id", "title", "author_id") VALUES (1, 'Notes', 1)`)
    expect(await rows('SELECT "id", "name", "rating" FROM "authors" ORDER BY "id"')).toEqual([
      { id: 1, name: 'Ada', rating: 3 },
      { id: 2, name: 'Grace', rating: 3 },
    ])

    await migrator.downgrade('-1')
    await expectCleanDatabase(project)
    expect(await rows('SELECT "id", "name", "note" FROM "authors" ORDER BY "id"')).toEqual([
      { id: 1, name: 'Ada', note: null },
      { id: 2, name: 'Grace', note: null },
    ])

    await migrator.upgrade()
    await expectClean(changed)
    expect(await rows('SELECT count(*) AS n FROM "authors"')).toEqual([{ n: dialect === 'postgres' ? '2' : 2 }])
  })

  test('asks whether a column was renamed, and keeps its values', async () => {
    await createAndUpgrade('first', [authors])
    await rows(`INSERT INTO "authors" ("id", "name", "note") VALUES (1, 'Ada', 'kept')`)
    const renamed = [
      entity('authors', {
        id,
        name: text(50),
        remark: { type: 'text', nullable: true },
        extra: { type: 'int', nullable: true },
      }),
    ]

    await expect(project.migrator(renamed).create('remark')).rejects.toMatchObject({
      code: 'ALUDEL_RENAME_QUESTION',
      help: expect.stringContaining('--rename authors.note=remark') as string,
    })
    expect(Object.keys(await project.files())).toHaveLength(1)

    const asked: string[] = []
    await createAndUpgrade('remark', renamed, {
      askRename: (question) => {
        asked.push(question.noRenameFlag)
        return Promise.resolve('remark')
      },
    })
    expect(asked).toEqual(['authors.note'])
    expect(await rows('SELECT "remark" FROM "authors"')).toEqual([{ remark: 'kept' }])
    await expectClean(renamed)
    await project.migrator(renamed).downgrade('-1')
    expect(await rows('SELECT "note" FROM "authors"')).toEqual([{ note: 'kept' }])
  })

  test('renames a table with its index, its foreign key and its rows', async () => {
    const books = (table: string) => [
      authors,
      entity(
        table,
        { id, title: text(80), author_id: { type: 'int' } },
        {
          indices: [{ name: 'idx_books_title', columns: ['title'] }],
          foreignKeys: [
            { name: 'fk_books_author', target: 'authors', columnNames: ['author_id'], referencedColumnNames: ['id'] },
          ],
        },
      ),
    ]
    await createAndUpgrade('first', books('books'))
    await rows(`INSERT INTO "authors" ("id", "name") VALUES (1, 'Ada')`)
    await rows(`INSERT INTO "books" ("id", "title", "author_id") VALUES (1, 'Notes', 1)`)
    const result = await createAndUpgrade('volumes', books('volumes'), { rename: ['books=volumes'] })
    expect(result.destroys).toEqual([])
    expect(await rows('SELECT "title" FROM "volumes"')).toEqual([{ title: 'Notes' }])
    await expectClean(books('volumes'))
    await project.migrator(books('volumes')).downgrade('-1')
    expect(await rows('SELECT "title" FROM "books"')).toEqual([{ title: 'Notes' }])
  })

  test('refuses to lose data unless confirmed', async () => {
    await createAndUpgrade('first', [authors])
    const without = [entity('authors', { id, name: text(50) })]
    await expect(project.migrator(without).create('drop note')).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      kind: 'refused',
      details: { destroys: [expect.stringContaining('note')] },
    })
    expect(Object.keys(await project.files())).toHaveLength(1)
    await project.migrator(without).create('drop note', yes)
    expect(Object.keys(await project.files())).toHaveLength(2)
  })

  test('drops a view that no entity describes any more only with --drop', async () => {
    const names = new EntitySchema({
      name: 'names',
      type: 'view',
      columns: { name: { type: 'varchar' } },
      expression: `SELECT "name" FROM "authors"`,
    })
    await createAndUpgrade('first', [authors, names])
    // A changed definition loses nothing.
    const again = new EntitySchema({ ...names.options, expression: `SELECT "name" FROM "authors" WHERE "id" > 0` })
    await createAndUpgrade('second', [authors, again])

    await expect(project.migrator([authors]).create('third', yes)).rejects.toMatchObject({
      code: 'ALUDEL_UNMANAGED_QUESTION',
      details: { handMade: [{ pattern: 'view:names', madeBy: { message: 'first' } }] },
    })
    await createAndUpgrade('third', [authors], { drop: ['view:names'] })
    await expectClean([authors])
  })

  test('returns the statements and writes nothing with sql: true', async () => {
    const result = await project.migrator([authors]).create('first', { sql: true })
    expect(result.created).toBeNull()
    expect(result.sql[dialect]?.up.join('\n')).toContain('CREATE TABLE "authors"')
    expect(result.sql[dialect]?.down.join('\n')).toContain('DROP TABLE "authors"')
    expect(await project.files()).toEqual({})
  })

  test('writes an empty revision with autogenerate: false', async () => {
    const { created } = await project
      .migrator([authors])
      .create('by hand', { autogenerate: false, revisionId: 'abcdefabcdef' })
    expect(created?.revision).toBe('abcdefabcdef')
    expect((await project.migrator([authors]).upgrade()).steps.map((step) => step.revision)).toEqual(['abcdefabcdef'])
  })

  test('names the column type that TypeORM rejects', async () => {
    const broken = entity('broken', { id, what: { type: 'no-such-type' as 'int' } })
    await expect(project.migrator([broken]).create('broken')).rejects.toMatchObject({
      code: 'ALUDEL_ENTITIES',
      message: expect.stringContaining('no-such-type') as string,
    })
  })

  test('compares with the live database with from: database', async () => {
    await createAndUpgrade('first', [authors])
    const more = [
      entity('authors', {
        id,
        name: text(50),
        note: { type: 'text', nullable: true },
        age: { type: 'int', nullable: true },
      }),
    ]
    const result = await project.migrator(more).create('age', { from: 'database' })
    expect(result.operations.map(({ op, name }) => [op, name])).toEqual([['addColumn', 'age']])
  })
})

/** After a downgrade the entities are ahead on purpose; the database must still match its revision. */
async function expectCleanDatabase(project: TestProject) {
  const result = await project.migrator([]).check({ database: true })
  expect(result.database).toMatchObject({ clean: true, operations: [] })
}
