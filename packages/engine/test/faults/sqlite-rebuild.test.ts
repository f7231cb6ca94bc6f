import { cp, readFile, writeFile } from 'node:fs/promises'

import type { DataSource } from 'typeorm'

import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { rejection } from '../run/revisions'

/**
 * Row 21 of the fault plan: generated revisions rebuild a table that others reference with CASCADE, SET NULL and SET DEFAULT.
 * Whether they succeed or fail, no row of those other tables changes, and the settings of the connection are restored.
 */

const references = (column: string, target: string, onDelete: 'CASCADE' | 'SET NULL' | 'SET DEFAULT') => ({
  foreignKeys: [
    {
      name: `fk_${column}`,
      target,
      columnNames: [column],
      referencedColumnNames: ['id'],
      // TypeORM supports SET DEFAULT, but its types do not include it.
      onDelete: onDelete as 'CASCADE',
    },
  ],
})
const number = { type: 'int', nullable: true } as const
const others = [
  entity('books', { id, author_id: { type: 'int' } }, references('author_id', 'authors', 'CASCADE')),
  entity('reviews', { id, book_id: { type: 'int' } }, references('book_id', 'books', 'CASCADE')),
  entity('letters', { id, writer_id: number }, references('writer_id', 'authors', 'SET NULL')),
  entity('prizes', { id, winner_id: { ...number, default: 1 } }, references('winner_id', 'authors', 'SET DEFAULT')),
]
const entities = (length: number) => [
  entity('authors', { id, name: text(length), mentor_id: number }, references('mentor_id', 'authors', 'CASCADE')),
  ...others,
]
const sampleRows = [
  `INSERT INTO authors VALUES (1, 'Ada', NULL), (2, 'Grace', 1), (3, 'Edsger', 2)`,
  'INSERT INTO books VALUES (1, 1), (2, 2), (3, 3), (4, 3)',
  'INSERT INTO reviews VALUES (1, 1), (2, 2), (3, 4)',
  'INSERT INTO letters VALUES (1, 1), (2, 3), (3, NULL)',
  'INSERT INTO prizes VALUES (1, 2), (2, 3)',
]
const [first, longer, longest] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const

let written: TestProject
beforeAll(async () => {
  written = await openProject('sqlite')
  await written.migrator(entities(50)).create('first', { revisionId: first })
  await written.migrator(entities(100)).create('longer', { revisionId: longer })
  await written.migrator(entities(200)).create('longest', { revisionId: longest })
})
afterAll(() => written.remove())

let project: TestProject
let connection: DataSource
beforeEach(async () => {
  project = await openProject('sqlite')
  await cp(written.revisions, project.revisions, { recursive: true })
  connection = await project.database.connect({ entities: entities(200) })
  await migrator().upgrade(first)
  for (const sql of sampleRows) await connection.query(sql)
})
afterEach(() => project.remove())

/** A migrator on the one connection that is inspected afterwards; it stays open. */
const migrator = () => project.migrator(entities(200), { dataSource: connection })

const setting = async (name: string): Promise<unknown> =>
  Object.values((await connection.query<Record<string, unknown>[]>(`PRAGMA ${name}`))[0] ?? {})[0]

/** All of the file except the journal, and the settings of the connection. */
async function everything() {
  const tables = await Promise.all(
    ['authors', 'books', 'reviews', 'letters', 'prizes', 'migrations'].map((name) =>
      connection.query<unknown[]>(`SELECT * FROM "${name}" ORDER BY id`),
    ),
  )
  return {
    tables,
    schema: await connection.query<unknown[]>(
      `SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY name`,
    ),
    temporary: await connection.query<unknown[]>('SELECT name FROM sqlite_temp_master'),
    violations: await connection.query<unknown[]>('PRAGMA foreign_key_check'),
    integrity: await setting('integrity_check'),
    enforced: await setting('foreign_keys'),
    legacy: await setting('legacy_alter_table'),
    deferred: await setting('defer_foreign_keys'),
  }
}

/** The parts of a snapshot that never change. */
const sound = { violations: [], temporary: [], integrity: 'ok', legacy: 0, deferred: 0 }

/** Rows of all tables but the history. */
const rowsOf = ({ tables }: Awaited<ReturnType<typeof everything>>) => tables.slice(0, 5)

/** Expects the next queries on the connection to enforce foreign keys exactly as before. */
async function expectEnforced(enforced: number): Promise<void> {
  const orphan = connection.query('INSERT INTO books VALUES (99, 99)')
  if (enforced === 1) expect(await rejection(orphan)).toMatchObject({ message: expect.stringMatching(/FOREIGN KEY/) })
  else await orphan
  await connection.query('DELETE FROM books WHERE id = 99')
  await connection.query('BEGIN')
  await connection.query('DELETE FROM authors WHERE id = 3')
  const left = ['books', 'reviews', 'letters WHERE writer_id IS NOT NULL', 'prizes WHERE winner_id = 1'].map((rows) =>
    connection.query<{ n: number }[]>(`SELECT count(*) AS n FROM ${rows}`),
  )
  const counts = (await Promise.all(left)).map(([row]) => row?.n)
  await connection.query('ROLLBACK')
  expect(counts).toEqual(enforced === 1 ? [2, 2, 1, 1] : [4, 3, 2, 0])
}

async function fileOf(revision: string): Promise<{ readonly path: string; readonly source: string }> {
  const [found] = (await migrator().show(revision)).revisions
  const path = found?.path ?? ''
  return { path, source: await readFile(path, 'utf8') }
}

const call = /(?<=\n) *await queryRunner\.query\(/g

/** Number of statements of one direction of a file. */
const count = (source: string): number => (source.split('async down')[0] ?? '').match(call)?.length ?? 0

/** The source with a failing statement inserted before the given statement (0 is the first) of a direction. */
function broken(source: string, direction: 'upgrade' | 'downgrade', before: number): string {
  let seen = direction === 'upgrade' ? 0 : -count(source)
  return source.replace(call, (text) => (seen++ === before ? `    await queryRunner.query('nonsense')\n${text}` : text))
}

interface Way {
  readonly name: string
  readonly options: { readonly transaction?: 'each' | 'all' }
  /** Target of an upgrade from the first revision. */
  readonly target: string
  /** The file that fails: the last one that runs, so that the ones before it are at risk too. */
  readonly fails: Readonly<Record<'upgrade' | 'downgrade', string>>
}
const ways: readonly Way[] = [
  { name: 'each', options: {}, target: longer, fails: { upgrade: longer, downgrade: longer } },
  { name: 'all', options: { transaction: 'all' }, target: longest, fails: { upgrade: longest, downgrade: longer } },
  { name: 'outside', options: {}, target: longer, fails: { upgrade: longer, downgrade: longer } },
]

const on = (enforced: number) => connection.query(`PRAGMA foreign_keys = ${String(enforced)}`)

async function takeOutside(): Promise<void> {
  const { path, source } = await fileOf(longer)
  await writeFile(path, source.replace(/(static readonly downRevision.*\n)/, '$1  readonly transaction = false\n'))
}

describe.each(ways)('SQLite rebuild with transaction: $name', ({ name, options, target, fails }) => {
  beforeEach(() => (name === 'outside' ? takeOutside() : undefined))

  test.each([1, 0])('keeps all rows, all constraints and foreign_keys = %i, up and down', async (enforced) => {
    await on(enforced)
    const before = await everything()
    expect(before).toMatchObject({ ...sound, enforced })
    await migrator().upgrade(target, options)
    const between = await everything()
    expect(rowsOf(between)).toEqual(rowsOf(before))
    expect(between.schema).not.toEqual(before.schema)
    expect(between).toMatchObject({ ...sound, enforced })
    await expectEnforced(enforced)
    await migrator().downgrade(first, options)
    expect(await everything()).toEqual(before)
    await expectEnforced(enforced)
  })

  test.each([
    ['upgrade', 1, 0],
    ['downgrade', 1, 1],
    ['upgrade', 0, 2],
  ] as const)('leaves no trace of the %s that fails with foreign_keys = %i', async (direction, enforced, from) => {
    await on(enforced)
    const go = () =>
      direction === 'upgrade' ? migrator().upgrade(target, options) : migrator().downgrade(first, options)
    if (direction === 'downgrade') await migrator().upgrade(target, options)
    const before = await everything()
    const { path, source } = await fileOf(fails[direction])
    const statements = count(source)
    // At least the statements that create a table, copy rows, drop the old table, rename …
    expect(statements).toBeGreaterThan(10)
    for (let statement = from; statement < statements; statement += 3) {
      await writeFile(path, broken(source, direction, statement))
      expect(await rejection(go())).toMatchObject({
        code: 'ALUDEL_STATEMENT',
        message: expect.stringContaining(`failed at statement ${String(statement + 1)} (nonsense)`) as string,
        details: { kept: 0 },
      })
      expect(await everything()).toEqual(before)
      await expectEnforced(enforced)
    }
    await writeFile(path, source)
    await go()
    const after = await everything()
    expect(rowsOf(after)).toEqual(rowsOf(before))
    expect(after).toMatchObject({ ...sound, enforced })
  })
})
