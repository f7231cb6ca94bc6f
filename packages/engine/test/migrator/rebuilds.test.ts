// cspell:ignore tabel
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { EntitySchema } from 'typeorm'

import { rejection } from '../run/revisions'
import { books, entity, id, openProject, type TestProject, text } from './project'

/** Parts of a rebuilt table that exist only in one database and in no revision. */
describe('SQLite rebuild with unmanaged objects', () => {
  let project: TestProject
  const events: string[] = []

  const authors = (length: number, extra: Parameters<typeof entity>[1] = {}): EntitySchema =>
    entity('authors', { id, name: text(length), note: { type: 'text', nullable: true }, ...extra })
  const log = entity('log', { id: { ...id, generated: 'increment' }, text: { type: 'text' } })

  /** The files with a revision that several tests need; `create` writes it once. */
  const written = new Map<string, Readonly<Record<string, string>>>()
  async function createOnce(message: string, make: () => Promise<unknown>): Promise<string> {
    const before = written.get(message)
    if (before === undefined) await make()
    else await project.write(before)
    const files = before ?? (await project.files())
    written.set(message, files)
    return path.join(project.revisions, Object.keys(files).at(-1) ?? '')
  }

  beforeEach(async () => {
    events.length = 0
    project = await openProject('sqlite')
    const migrator = project.migrator([authors(50), books, log])
    await createOnce('first', () => migrator.create('first'))
    await migrator.upgrade()
    for (const sql of [
      `INSERT INTO "authors" ("id", "name") VALUES (1, 'Ada'), (2, 'Grace')`,
      `INSERT INTO "books" ("id", "author_id") VALUES (1, 1), (2, 2)`,
    ]) {
      await rows(sql)
    }
  })
  afterEach(() => project.remove())

  const rows = (sql: string) => project.database.rows(sql)
  const names = async () =>
    (await rows(`SELECT name FROM sqlite_master WHERE name LIKE 'hand%' ORDER BY name`)).map(({ name }) => name)
  const migratorOf = (entities: readonly EntitySchema[]) =>
    project.migrator(entities, {
      onEvent: (event) => {
        if (event.type === 'warning') events.push(event.message)
      },
    })
  const create = async (entities: readonly EntitySchema[], message = 'longer names') => {
    const created = await migratorOf(entities).create(message, { confirm: () => Promise.resolve(true) })
    return created.created?.path ?? ''
  }
  const longer = [authors(100), books, log]
  const createLonger = () => createOnce('longer names', () => create(longer))

  const byHand = [
    `CREATE INDEX "hand index" ON "authors" (lower("name"))`,
    `CREATE TRIGGER hand_trigger AFTER INSERT ON authors BEGIN INSERT INTO log (text) VALUES (new.name); END`,
    `CREATE TRIGGER hand_other AFTER DELETE ON log BEGIN UPDATE authors SET note = 'gone'; END`,
    `CREATE VIEW hand_view AS SELECT name FROM authors WHERE id > 1`,
  ]
  const everything = ['hand index', 'hand_other', 'hand_trigger', 'hand_view']

  test.each([{ transaction: 'each' }, { transaction: 'all' }, { outside: true }] as const)(
    'keeps unmanaged indexes, triggers and views, up and down (%j)',
    async (mode) => {
      for (const sql of byHand) await rows(sql)
      const file = await createLonger()
      if ('outside' in mode) {
        const source = await readFile(file, 'utf8')
        await writeFile(
          file,
          source.replace(/(static readonly downRevision.*\n)/, '$1  readonly transaction = false\n'),
        )
      }
      const migrator = migratorOf(longer)
      const options = 'transaction' in mode ? mode : {}
      await migrator.upgrade('head', options)
      expect(await rows(`SELECT sql FROM sqlite_master WHERE name = 'authors'`)).toEqual([
        { sql: expect.stringContaining('varchar(100)') as string },
      ])
      expect(await names()).toEqual(everything)
      await migrator.downgrade('-1', options)
      expect(await names()).toEqual(everything)
      await rows(`INSERT INTO "authors" ("id", "name") VALUES (3, 'Edsger')`)
      expect(await rows('SELECT text FROM log')).toEqual([{ text: 'Edsger' }])
      expect(await rows('SELECT * FROM hand_view')).toEqual([{ name: 'Grace' }, { name: 'Edsger' }])
      expect(await rows('SELECT id FROM books')).toEqual([{ id: 1 }, { id: 2 }])
      expect(await rows('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }])
      expect(events).toEqual([])
    },
  )

  test("keeps an unmanaged trigger if TypeORM's own API rebuilds the table", async () => {
    await rows(byHand[1] ?? '')
    await writeFile(
      path.join(project.revisions, '1999999999999-plain.ts'),
      `export class Plain1999999999999 {
        async up(queryRunner: any): Promise<void> {
          await queryRunner.changeColumn('authors', 'note', Object.assign((await queryRunner.getTable('authors')).findColumnByName('note').clone(), { type: 'varchar' }))
        }
        async down(): Promise<void> {}
      }`,
    )
    await migratorOf(longer).upgrade()
    expect(await rows(`SELECT type FROM pragma_table_info('authors') WHERE name = 'note'`)).toEqual([
      { type: 'varchar' },
    ])
    expect(await names()).toEqual(['hand_trigger'])
  })

  test('is refused before anything changes if it would drop an unmanaged column, up or down', async () => {
    await create([authors(50, { age: { type: 'int', nullable: true } }), books, log], 'age')
    await create([authors(100, { age: { type: 'int', nullable: true } }), books, log])
    await rows('ALTER TABLE authors ADD COLUMN "hand made" text')
    await rows(`UPDATE authors SET "hand made" = 'x'`)
    const migrator = migratorOf(longer)
    expect(await rejection(migrator.upgrade())).toMatchObject({
      code: 'ALUDEL_DATA_LOSS',
      kind: 'refused',
      message: expect.stringContaining('authors.hand made') as string,
      help: expect.stringMatching(
        /^Nothing was changed\.[\s\S]*ALTER TABLE "authors" DROP COLUMN "hand made"/,
      ) as string,
      details: { table: 'authors', columns: ['hand made'] },
    })
    // Not even the revision before it ran, which would have succeeded.
    expect(await rows(`SELECT name FROM pragma_table_info('authors') WHERE name = 'age'`)).toEqual([])
    expect(await readdir(project.directory)).not.toContain('backups')

    await rows('ALTER TABLE authors DROP COLUMN "hand made"')
    await migrator.upgrade()
    await rows('ALTER TABLE authors ADD COLUMN "hand made" text')
    expect(await rejection(migrator.downgrade('-1'))).toMatchObject({ code: 'ALUDEL_DATA_LOSS' })
  })

  test('is refused if the database lacks a column that it copies', async () => {
    await createLonger()
    await rows('ALTER TABLE authors DROP COLUMN note')
    expect(await rejection(migratorOf(longer).upgrade())).toMatchObject({
      code: 'ALUDEL_DATA_LOSS',
      message: expect.stringContaining('needs authors.note') as string,
      details: { table: 'authors', missing: ['note'] },
    })
    await rows('ALTER TABLE authors ADD COLUMN note text')
    await migratorOf(longer).upgrade()
    expect(await rows('SELECT note FROM authors')).toEqual([{ note: null }, { note: null }])
  })

  test('keeps an unmanaged column after a revision that adds it was stamped', async () => {
    await rows('ALTER TABLE authors ADD COLUMN hand text')
    await rows(`UPDATE authors SET hand = 'kept ' || id`)
    const hand = { hand: { type: 'text', nullable: true } } as const
    await create([authors(50, hand), books, log], 'hand')
    const [stamped = ''] = (await migratorOf(longer).heads()).heads.map(({ revision }) => revision)
    await create([authors(100, hand), books, log])
    const migrator = migratorOf([authors(100, hand), books, log])
    await migrator.stamp([stamped])
    await migrator.upgrade()
    expect(await rows('SELECT hand FROM authors')).toEqual([{ hand: 'kept 1' }, { hand: 'kept 2' }])
  })

  test('is rolled back if it turns out during the run that it drops an unmanaged column', async () => {
    await rows('ALTER TABLE authors ADD COLUMN hand text')
    const file = await createLonger()
    const source = await readFile(file, 'utf8')
    await writeFile(
      file,
      source.replace(/(async up.*\n)/, `$1    if ((await queryRunner.query('SELECT 1')).length === 0) return\n`),
    )
    expect(await rejection(migratorOf(longer).upgrade())).toMatchObject({
      code: 'ALUDEL_DATA_LOSS',
      details: { table: 'authors', columns: ['hand'], kept: 0 },
    })
    expect(await rows(`SELECT name FROM pragma_table_info('authors') WHERE name = 'hand'`)).toHaveLength(1)
  })

  test('follows a table that an earlier pending revision renames', async () => {
    const renamed = entity('writers', { id, name: text(50), note: { type: 'text', nullable: true } })
    const renamedBooks = entity('books', { id, author_id: { type: 'int' } })
    await migratorOf([renamed, renamedBooks, log]).create('writers', { rename: ['authors=writers'] })
    await create([entity('writers', { id, name: text(99), note: { type: 'text', nullable: true } }), renamedBooks, log])
    await rows('ALTER TABLE authors ADD COLUMN hand text')
    expect(await rejection(migratorOf(longer).upgrade())).toMatchObject({ details: { table: 'authors' } })
    await rows('ALTER TABLE authors DROP COLUMN hand')
    for (const sql of byHand.slice(0, 2)) await rows(sql)
    await migratorOf(longer).upgrade()
    expect(await names()).toEqual(['hand index', 'hand_trigger'])
    await rows(`INSERT INTO "writers" ("id", "name") VALUES (3, 'Edsger')`)
    expect(await rows('SELECT text FROM log')).toEqual([{ text: 'Edsger' }])
  })

  test.each([
    ['index', `CREATE INDEX hand ON authors (note)`, 'index hand on authors'],
    ['trigger', `CREATE TRIGGER hand AFTER INSERT ON authors BEGIN SELECT new.note; END`, 'trigger hand on authors'],
    [
      'trigger of another table',
      `CREATE TRIGGER hand AFTER INSERT ON log BEGIN UPDATE authors SET note = 1; END`,
      'trigger hand on log',
    ],
    ['view', `CREATE VIEW hand AS SELECT note FROM authors`, 'view hand'],
  ])('fails if an unmanaged %s would no longer work, and names it', async (_kind, sql, what) => {
    await rows(sql)
    const without = entity('authors', { id, name: text(100) })
    await createOnce('no notes', () => create([without, books, log], 'no notes'))
    expect(await rejection(migratorOf([without, books, log]).upgrade())).toMatchObject({
      code: 'ALUDEL_LIVE_ONLY',
      message: expect.stringContaining(
        `${what}, which only this database has, would no longer work: no such column: `,
      ) as string,
      details: { kept: 0 },
    })
    expect(await names()).toEqual(['hand'])
    expect(await rows('SELECT id, note FROM authors')).toHaveLength(2)
    expect(await rows('PRAGMA legacy_alter_table')).toEqual([{ legacy_alter_table: 0 }])
  })

  test('ignores an unmanaged view that was already broken', async () => {
    await rows(`CREATE VIEW hand AS SELECT missing FROM authors`)
    await createLonger()
    await migratorOf(longer).upgrade()
    expect(await names()).toEqual(['hand'])
  })

  test('drops unmanaged constraints with a warning', async () => {
    for (const sql of [
      'PRAGMA foreign_keys = OFF',
      `CREATE TABLE "new" ("id" integer PRIMARY KEY NOT NULL, "name" varchar(50) NOT NULL, "note" text, CHECK ("name" <> ''))`,
      'INSERT INTO "new" SELECT * FROM "authors"',
      'DROP TABLE "authors"',
      'ALTER TABLE "new" RENAME TO "authors"',
      'PRAGMA foreign_keys = ON',
    ]) {
      await rows(sql)
    }
    await createLonger()
    await migratorOf(longer).upgrade()
    expect(events).toEqual([
      `table authors is rebuilt as the revisions define it: CHECK ("name" <> ''), which only this database has, will be lost`,
    ])
  })

  test.each([{}, { outside: true }])('fails if its copy leaves out rows (%j)', async (mode) => {
    const file = await createLonger()
    const source = await readFile(file, 'utf8')
    await writeFile(
      file,
      source
        .replace(/WHERE NOT/, 'WHERE id = 1 AND NOT')
        .replace(/(static readonly downRevision.*\n)/, 'outside' in mode ? '$1  readonly transaction = false\n' : '$1'),
    )
    expect(await rejection(migratorOf(longer).upgrade())).toMatchObject({
      code: 'ALUDEL_ROW_COUNT',
      message: expect.stringContaining('table authors had 2 rows and would have 1') as string,
      details: { table: 'authors', before: 2, after: 1, kept: 0 },
    })
    expect(await rows('SELECT id FROM authors')).toHaveLength(2)
    expect(await rows('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }])
    expect(await rows(`SELECT name FROM sqlite_master WHERE name LIKE 'aludel_%_authors'`)).toEqual([])
  })

  test('names a leftover table of an earlier rebuild, and the command to drop it', async () => {
    await createLonger()
    await rows('CREATE TABLE aludel_new_authors (id)')
    expect(await rejection(migratorOf(longer).upgrade())).toMatchObject({
      code: 'ALUDEL_LEFTOVER',
      message: expect.stringContaining('leftover table aludel_new_authors') as string,
      help: expect.stringContaining('DROP TABLE "aludel_new_authors"') as string,
    })
    await rows('DROP TABLE aludel_new_authors')
    await migratorOf(longer).upgrade()
  })

  test('makes a backup only if it drops a column', async () => {
    await createLonger()
    expect((await migratorOf(longer).upgrade()).backup).toBeNull()
    const without = [entity('authors', { id, name: text(120) }), books, log]
    await create(without, 'no notes')
    const migrator = migratorOf(without)
    expect((await migrator.plan('upgrade')).steps[0]?.destroys).toEqual(['values of authors.note'])
    expect((await migrator.upgrade()).backup).not.toBeNull()
  })

  test('warns if the revisions cannot be replayed, and runs anyway', async () => {
    await createLonger()
    const [first] = (await readdir(project.revisions)).sort()
    const file = path.join(project.revisions, first ?? '')
    await writeFile(file, (await readFile(file, 'utf8')).replace(/CREATE TABLE "log"/, 'CREATE TABEL "log"'))
    await rows(byHand[0] ?? '')
    const migrator = migratorOf(longer)
    const edited = (await migrator.current({ verbose: true })).findings ?? []
    await migrator.repair({ revisions: edited.map(({ revision }) => revision ?? '') })
    events.splice(0)
    await migrator.upgrade()
    expect(events).toEqual([expect.stringContaining('cannot be replayed')])
  })
})

describe('create on SQLite', () => {
  test('adds a foreign key and an enum column without a rebuild, up and down', async () => {
    const project = await openProject('sqlite')
    try {
      const authors = entity('authors', { id, name: text(50) })
      const books = entity('books', { id, title: text(50) })
      const first = project.migrator([authors, books])
      await first.create('first')
      await first.upgrade()
      await project.database.rows(`INSERT INTO "books" ("id", "title") VALUES (1, 'x')`)
      const changed = entity(
        'books',
        {
          id,
          title: text(50),
          state: { type: 'simple-enum', enum: ['a', "it's"], default: 'a' },
          author_id: { type: 'int', nullable: true },
        },
        {
          foreignKeys: [
            {
              name: 'fk_author',
              target: 'authors',
              columnNames: ['author_id'],
              referencedColumnNames: ['id'],
              onDelete: 'SET NULL',
            },
          ],
          checks: [{ name: 'chk_author', expression: `"author_id" > 0 OR "state" = 'a'` }],
        },
      )
      const migrator = project.migrator([authors, changed])
      const { sql } = await migrator.create('authors of books')
      const isRebuild = (statement: string): boolean => /CREATE TABLE|INSERT/.test(statement)
      expect(sql.sqlite?.up.filter(isRebuild)).toEqual([])
      expect(sql.sqlite?.down.filter(isRebuild)).toEqual([])
      await migrator.upgrade()
      expect(await project.database.rows('SELECT * FROM books')).toEqual([
        { id: 1, title: 'x', state: 'a', author_id: null },
      ])
      expect((await migrator.check({ database: true })).clean).toBe(true)
      await migrator.downgrade('-1')
      expect(await project.database.rows('SELECT * FROM books')).toEqual([{ id: 1, title: 'x' }])
    } finally {
      await project.remove()
    }
  })
})
