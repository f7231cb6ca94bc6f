// cspell:ignore abcdefabcdef
import { rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { EntitySchema } from 'typeorm'

import type { CreateResult, Migrator } from '../../src'
import { defaultTemplate } from '../../src/files/template'
import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'
import { expectCleanDatabase, noBackup } from './together'

const yes = { confirm: () => Promise.resolve(true) }

const note = { type: 'text', nullable: true } as const
const authors = entity('authors', { id, name: text(50), note })

async function expectClean(migrator: Migrator) {
  const result = await migrator.check({ database: true })
  expect(result).toMatchObject({
    clean: true,
    operations: [],
    unmanaged: [],
    database: { clean: true, operations: [] },
  })
}

describe.each(dialectNames)('create on %s', (dialect) => {
  let project: TestProject

  const rows = (sql: string) => project.database.rows(sql)

  describe('after one revision', () => {
    beforeAll(async () => {
      project = await openProject(dialect)
      const migrator = project.migrator([authors])
      await migrator.create('first')
      await migrator.upgrade()
    })

    afterAll(() => project.remove())

    test('refuses a template that cannot be used before it asks about losses', async () => {
      const template = path.join(project.revisions, 'revision.ts.template')
      await writeFile(template, defaultTemplate('ts').replace('{{up}}', ''))
      const confirm = jest.fn(() => Promise.resolve(true))
      const without = entity('authors', { id, name: text(50) })
      await expect(project.migrator([without]).create('drop note', { confirm })).rejects.toMatchObject({
        code: 'ALUDEL_TEMPLATE',
        kind: 'usage',
        message: `${template}: it lacks {{up}}`,
      })
      await rm(template)
      expect(confirm).not.toHaveBeenCalled()
      await expectNothingWritten()
    })

    const expectNothingWritten = async () => expect(Object.keys(await project.files())).toHaveLength(1)

    test('writes nothing when nothing changed', async () => {
      const result = await project.migrator([authors]).create('second')
      expect(result).toMatchObject({ created: null, operations: [], destroys: [], sql: {} })
      await expectNothingWritten()
    })

    test('refuses a column that may have been renamed if no prompt is available', async () => {
      const renamed = entity('authors', { id, name: text(50), remark: note, extra: { type: 'int', nullable: true } })
      await expect(project.migrator([renamed]).create('remark')).rejects.toMatchObject({
        code: 'ALUDEL_RENAME_QUESTION',
        help: expect.stringContaining('--rename authors.note=remark') as string,
      })
      await expectNothingWritten()
    })

    test('refuses to lose data unless confirmed', async () => {
      const without = entity('authors', { id, name: text(50) })
      await expect(project.migrator([without]).create('drop note')).rejects.toMatchObject({
        code: 'ALUDEL_CONFIRMATION',
        kind: 'refused',
        details: { destroys: [expect.stringContaining('note')] },
      })
      await expectNothingWritten()
    })

    test('returns the statements and writes nothing with sql: true', async () => {
      const books = entity('books', { id, title: text(80) })
      const result = await project.migrator([authors, books]).create('books', { sql: true })
      expect(result.created).toBeNull()
      expect(result.sql[dialect]?.up.join('\n')).toContain('CREATE TABLE "books"')
      expect(result.sql[dialect]?.down.join('\n')).toContain('DROP TABLE "books"')
      await expectNothingWritten()
    })

    test('names the column type that TypeORM rejects', async () => {
      const broken = entity('broken', { id, what: { type: 'no-such-type' as 'int' } })
      await expect(project.migrator([broken]).create('broken')).rejects.toMatchObject({
        code: 'ALUDEL_ENTITIES',
        message: expect.stringContaining('no-such-type') as string,
      })
      await expectNothingWritten()
    })

    // The last two tests write a revision.
    test('compares with the live database with from: database', async () => {
      const more = entity('authors', { id, name: text(50), note, age: { type: 'int', nullable: true } })
      const result = await project.migrator([more]).create('age', { from: 'database' })
      expect(result.operations.map(({ op, name }) => [op, name])).toEqual([['addColumn', 'age']])
    })

    test('writes an empty revision with autogenerate: false', async () => {
      const migrator = project.migrator([authors])
      const { created } = await migrator.create('by hand', { autogenerate: false, revisionId: 'abcdefabcdef' })
      expect(created?.revision).toBe('abcdefabcdef')
      const steps = (await migrator.upgrade()).steps.map((step) => step.revision)
      expect(steps.at(-1)).toBe('abcdefabcdef')
    })
  })

  describe('with each kind of change', () => {
    const novels = (table: string) =>
      entity(
        table,
        { id, title: text(80), writer_id: { type: 'int' } },
        {
          indices: [{ name: 'idx_novels_title', columns: ['title'] }],
          foreignKeys: [
            { name: 'fk_novels_writer', target: 'writers', columnNames: ['writer_id'], referencedColumnNames: ['id'] },
          ],
        },
      )
    const names = (expression: string) =>
      new EntitySchema({ name: 'names', type: 'view', columns: { name: { type: 'varchar' } }, expression })
    const before = [
      authors,
      entity('writers', { id, name: text(50), note }),
      novels('novels'),
      entity('pens', { id, name: text(50) }),
      names('SELECT "name" FROM "pens"'),
    ]
    const afterwards = [
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
      entity('writers', { id, name: text(50), remark: note, extra: { type: 'int', nullable: true } }),
      novels('volumes'),
      entity('pens', { id, name: text(50) }),
    ]
    const after = [...afterwards, names('SELECT "name" FROM "pens" WHERE "id" > 0')]
    let migrator: Migrator
    let result: CreateResult
    const asked: string[] = []

    beforeAll(async () => {
      project = await openProject(dialect)
      const first = project.migrator(before)
      await first.create('first')
      await first.upgrade()
      for (const sql of [
        `INSERT INTO "authors" ("id", "name", "note") VALUES (1, 'Ada', 'first'), (2, 'Grace', NULL)`,
        `INSERT INTO "writers" ("id", "name", "note") VALUES (1, 'Mary', 'kept')`,
        `INSERT INTO "novels" ("id", "title", "writer_id") VALUES (1, 'Notes', 1)`,
      ]) {
        await rows(sql)
      }
      migrator = project.migrator(after)
      result = await migrator.create('countries and books', {
        rename: ['novels=volumes'],
        noRename: ['authors.note'],
        ...yes,
        askRename: (question) => {
          asked.push(question.noRenameFlag)
          return Promise.resolve('remark')
        },
      })
      await migrator.upgrade('head', noBackup)
    })

    afterAll(() => project.remove())

    test('writes each kind of change so that it runs up, down and up again, and keeps the rows', async () => {
      expect(result.created).not.toBeNull()
      expect(Object.keys(await project.files())).toHaveLength(2)
      expect(result.destroys).toEqual(['values of authors.note'])
      expect(new Set(result.operations.map(({ op }) => op))).toEqual(
        new Set([
          ...['createTable', 'addColumn', 'alterColumn', 'dropColumn', 'createIndex', 'addForeignKey'],
          ...['renameTable', 'renameColumn', 'replaceView'],
          // The primary key, which only PostgreSQL names after its table.
          ...(dialect === 'postgres' ? ['renameConstraint'] : []),
        ]),
      )
      await expectClean(migrator)
      await rows(`INSERT INTO "books" ("id", "title", "author_id") VALUES (1, 'Notes', 1)`)
      expect(await rows('SELECT "id", "name", "rating" FROM "authors" ORDER BY "id"')).toEqual([
        { id: 1, name: 'Ada', rating: 3 },
        { id: 2, name: 'Grace', rating: 3 },
      ])

      await migrator.downgrade('-1', noBackup)
      await expectCleanDatabase(migrator)
      expect(await rows('SELECT "id", "name", "note" FROM "authors" ORDER BY "id"')).toEqual([
        { id: 1, name: 'Ada', note: null },
        { id: 2, name: 'Grace', note: null },
      ])
      expect(await rows('SELECT "note" FROM "writers"')).toEqual([{ note: 'kept' }])
      expect(await rows('SELECT "title" FROM "novels"')).toEqual([{ title: 'Notes' }])

      await migrator.upgrade('head', noBackup)
      await expectClean(migrator)
      expect(await rows('SELECT count(*) AS n FROM "authors"')).toEqual([{ n: dialect === 'postgres' ? '2' : 2 }])
    })

    test('asks whether a column was renamed, and keeps its values', async () => {
      expect(asked).toEqual(['writers.note'])
      expect(await rows('SELECT "remark" FROM "writers"')).toEqual([{ remark: 'kept' }])
    })

    test('renames a table with its index, its foreign key and its rows', async () => {
      expect(await rows('SELECT "title" FROM "volumes"')).toEqual([{ title: 'Notes' }])
    })

    // A view whose definition changes, as above, loses nothing.
    test('drops a view that no entity describes any more only with --drop', async () => {
      const without = project.migrator(afterwards)
      await expect(without.create('third', yes)).rejects.toMatchObject({
        code: 'ALUDEL_UNMANAGED_QUESTION',
        details: { unmanaged: [{ pattern: 'view:names', madeBy: { message: 'first' } }] },
      })
      await without.create('third', { drop: ['view:names'] })
      await without.upgrade()
      await expectClean(without)
    })
  })
})
