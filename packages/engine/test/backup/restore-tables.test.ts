import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { dialectNames } from '../../../../tools/testing/databases'
import type { RestorePlan } from '../../src/results'
import { backupsOf, first, openRestoreProject, type RestoreProject, second } from './restore-project'

jest.setTimeout(120_000)

/** A SQLite database is always backed up as a whole. */
const onPostgres = dialectNames.includes('postgres') ? describe : describe.skip

onPostgres('restoring a backup of tables', () => {
  let project: RestoreProject
  beforeEach(async () => {
    project = await openRestoreProject('postgres')
  })
  afterEach(() => project.remove())

  /** Without `pg_dump`, a run copies the tables that it destroys. */
  const backups = (): { tools: string } => ({ tools: project.directory })
  const upgraded = async (): Promise<string> => {
    const migrator = project.fresh({ backups: backups() })
    const { backup } = await migrator.upgrade()
    await migrator.close()
    return backup?.id ?? ''
  }
  const restore = async (id: string, options = {}) => {
    const migrator = project.fresh({ backups: backups() })
    try {
      return await migrator.restoreBackup(id, options)
    } finally {
      await migrator.close()
    }
  }

  test('creates a table again that a revision dropped, with its rows, keys and counters', async () => {
    await project.run('DROP TABLE books')
    await project.run(
      `CREATE TABLE books (id serial PRIMARY KEY, author_id integer NOT NULL REFERENCES authors ON DELETE CASCADE,
         title text COLLATE "C" DEFAULT 'it''s' CHECK (title <> ''), big bytea, tags text[], at timestamptz, n numeric,
         upper text GENERATED ALWAYS AS (upper(title)) STORED)`,
      'CREATE INDEX ix_books ON books (author_id) WHERE n > 0',
      `COMMENT ON TABLE books IS 'what they wrote'`,
      'CREATE TABLE pages (id integer PRIMARY KEY, book_id integer REFERENCES books)',
      `INSERT INTO books (author_id, title, big, tags, at, n)
         VALUES (1, E'tab\\t and\\nline \\\\ back', '\\x00ff', '{a,"b c",NULL}', '2026-01-01 12:00+02', 1.50), (3, DEFAULT, NULL, NULL, NULL, 'NaN')`,
      'INSERT INTO pages VALUES (1, 1)',
    )
    await project.write({
      '1700000000001-second.ts': readFileSync(path.join(project.revisions, '1700000000001-second.ts'), 'utf8').replace(
        'DROP TABLE "books"',
        'DROP TABLE "books" CASCADE',
      ),
    })
    const books = await project.run('SELECT b.*, at::text AS text FROM books b ORDER BY id')
    const before = await schemaOf()
    const id = await upgraded()
    expect(await project.tables()).not.toContain('books')

    const result = await restore(id)
    expect(result).toMatchObject({ restored: id, kind: 'tables', revision: [second], kept: null })
    expect(await project.run('SELECT b.*, at::text AS text FROM books b ORDER BY id')).toEqual(books)
    expect(await schemaOf()).toEqual(before)
    expect(await project.run('INSERT INTO books (author_id) VALUES (1) RETURNING id')).toEqual([{ id: 3 }])
    await expect(project.run('INSERT INTO pages VALUES (2, 99)')).rejects.toThrow(/foreign key/)
  })

  /** Constraints, indexes and columns, without their numbers. */
  const schemaOf = async (): Promise<unknown> => [
    await project.run(
      `SELECT conrelid::regclass::text AS "table", conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'f', 'c', 'u') ORDER BY 1, 2`,
    ),
    await project.run(`SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`),
    await project.run(
      `SELECT table_name, column_name, data_type, column_default, is_nullable, generation_expression, collation_name
       FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, ordinal_position`,
    ),
    await project.run(`SELECT obj_description('books'::regclass) AS comment`),
  ]

  test('replaces the rows of a table that exists, keeps them in a backup, and checks foreign keys', async () => {
    const id = await upgraded()
    await project.run(
      'CREATE TABLE books (id integer PRIMARY KEY, author_id integer NOT NULL REFERENCES authors ON DELETE CASCADE)',
      'INSERT INTO books VALUES (77, 2)',
      'CREATE TABLE pages (book_id integer REFERENCES books ON DELETE CASCADE)',
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$`,
      'CREATE TRIGGER one BEFORE INSERT ON books FOR EACH ROW EXECUTE FUNCTION refuse()',
      'CREATE TRIGGER two BEFORE INSERT ON books FOR EACH ROW EXECUTE FUNCTION refuse()',
      'ALTER TABLE books ENABLE ALWAYS TRIGGER one',
      'ALTER TABLE books DISABLE TRIGGER two',
    )
    let plan: RestorePlan | undefined
    const result = await restore(id, {
      confirm: (shown: RestorePlan) => {
        plan = shown
        return Promise.resolve(true)
      },
    })
    expect(plan).toMatchObject({ backup: { id, kind: 'tables' }, tables: [{ name: 'books', now: 1, backup: 2 }] })
    expect(await project.run('SELECT * FROM books ORDER BY id')).toEqual([
      { id: 10, author_id: 1 },
      { id: 20, author_id: 3 },
    ])
    expect(await project.run(`SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1`)).toEqual([
      { tgname: 'one', tgenabled: 'A' },
      { tgname: 'two', tgenabled: 'D' },
    ])
    expect(readFileSync(path.join(result.kept ?? '', '1.copy'), 'utf8')).toBe('77\t2\n')
    const kept = path.basename(result.kept ?? '', '.tables')
    await restore(kept)
    expect(await project.run('SELECT * FROM books ORDER BY id')).toEqual([{ id: 77, author_id: 2 }])
  })

  test('fits a table with types of the default schema, however the session would write their names', async () => {
    await project.run(
      `CREATE TYPE mood AS ENUM ('glad', 'sad')`,
      `ALTER TABLE books ADD COLUMN mood mood NOT NULL DEFAULT 'sad'`,
    )
    const id = await upgraded()
    await project.run(
      'CREATE TABLE books (id integer PRIMARY KEY, author_id integer NOT NULL REFERENCES authors, mood mood NOT NULL)',
    )
    await restore(id)
    expect(await project.run('SELECT id, mood FROM books ORDER BY id')).toEqual([
      { id: 10, mood: 'sad' },
      { id: 20, mood: 'sad' },
    ])
  })

  const refused = async (id: string, expected: object): Promise<void> => {
    const before = await schemaOf().catch(() => null)
    await expect(restore(id)).rejects.toMatchObject(expected)
    expect(await schemaOf().catch(() => null)).toEqual(before)
  }

  test('refuses rows that violate a foreign key, and changes nothing', async () => {
    const id = await upgraded()
    await project.run('DELETE FROM authors WHERE id = 3')
    await refused(id, { code: 'ALUDEL_RESTORE', message: expect.stringMatching(/foreign key/) as string })
    expect(await project.tables()).not.toContain('books')
    await project.run(
      'CREATE TABLE books (id integer PRIMARY KEY, author_id integer NOT NULL REFERENCES authors)',
      'INSERT INTO books VALUES (77, 2)',
    )
    await refused(id, { code: 'ALUDEL_RESTORE', message: expect.stringMatching(/foreign key/) as string })
    expect(await project.run('SELECT * FROM books')).toEqual([{ id: 77, author_id: 2 }])
  })

  test('refuses tables whose columns do not fit, and names them', async () => {
    const id = await upgraded()
    await project.run('CREATE TABLE books (id bigint PRIMARY KEY, more text NOT NULL)')
    await refused(id, {
      code: 'ALUDEL_RESTORE',
      message:
        'the backup does not fit the tables: public.books.id is bigint instead of integer; public.books has no column author_id; ' +
        'public.books.more needs a value that the backup does not have',
      details: { tables: ['public.books'] },
    })
    await project.run('DROP TABLE books', 'CREATE VIEW books AS SELECT 1 AS id')
    await refused(id, { code: 'ALUDEL_RESTORE', message: 'public.books is not a table any more' })
  })

  test('refuses a folder that was changed', async () => {
    const id = await upgraded()
    const folder = backupsOf(project, `${id}.tables`)
    const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.copy'))
    const rows = readFileSync(path.join(folder, file))
    appendFileSync(path.join(folder, file), '30\t1\n')
    await refused(id, { code: 'ALUDEL_RESTORE', message: expect.stringMatching(/damaged/) as string })
    writeFileSync(path.join(folder, file), rows)
    await restore(id)
  })

  test('is interrupted with nothing changed', async () => {
    const id = await upgraded()
    const controller = new AbortController()
    const migrator = project.fresh({
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'progress' && event.message === 'restoring public.books') controller.abort(new Error('stop'))
      },
    })
    await expect(migrator.restoreBackup(id)).rejects.toMatchObject({ code: 'ALUDEL_INTERRUPTED' })
    await migrator.close()
    expect(await project.tables()).not.toContain('books')
    await project.fresh().downgrade(first, { lockTimeoutMs: 0, backup: 'never' })
  })
})
