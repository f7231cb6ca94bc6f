import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

import Database from 'better-sqlite3'
import type { DataSource } from 'typeorm'

import type { MigratorOptions } from '../../src/project/options'
import type { RunEvent } from '../../src/project/events'
import { books, entity, id, openProject, type TestProject, text } from '../migrator/project'
import { rejection } from '../run/revisions'
import { TestProcess } from './process'

/**
 * Row 22 of the fault plan: another process writes to the SQLite file during a migration. The migration waits for it; if
 * that takes too long, it fails with a clear error and leaves nothing half done.
 */

const authors = (length: number) => entity('authors', { id, name: text(length) })
const [first, longer] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'] as const

let written: TestProject
/** The same revisions, with the rebuild outside a transaction. */
let outside: string
const folderOf = (way: string) => (way === 'outside' ? outside : written.revisions)
beforeAll(async () => {
  written = await openProject('sqlite')
  await written.migrator([authors(50), books]).create('first', { revisionId: first })
  await written.migrator([authors(100), books]).create('longer', { revisionId: longer })
  outside = path.join(written.directory, 'outside')
  await mkdir(outside)
  for (const [name, source] of Object.entries(await written.files())) {
    const changed = source.replace(/(static readonly downRevision = '.*\n)/, '$1  readonly transaction = false\n')
    await writeFile(path.join(outside, name), changed)
  }
})

/** The process of the application. */
let writer: TestProcess
let answers: AsyncIterator<string>
beforeAll(() => {
  writer = new TestProcess('sqlite-writer-process.cjs', [], 'pipe')
  answers = createInterface(writer.child.stdout as Readable)[Symbol.asyncIterator]()
})
afterAll(async () => {
  writer.child.stdin?.end()
  expect(await writer.ended).toMatchObject({ code: 0, errors: '' })
  await written.remove()
})

let project: TestProject
let connection: DataSource
beforeEach(async () => {
  project = await openProject('sqlite')
  connection = await project.database.connect()
  await connection.query('PRAGMA busy_timeout = 20')
  await connection.query('CREATE TABLE app (n integer)')
})
afterEach(async () => {
  await send({ end: 'ROLLBACK' })
  await project.remove()
})

const migrator = (options: Partial<MigratorOptions> = {}) =>
  project.migrator([authors(100), books], { dataSource: connection, revisions: written.revisions, ...options })

async function fill(): Promise<void> {
  await migrator().upgrade(first)
  await connection.query(`INSERT INTO authors VALUES (1, 'Ada'), (2, 'Grace')`)
  await connection.query('INSERT INTO books VALUES (1, 1), (2, 2), (3, 2)')
}

/** Has the other process do something, and waits until it is done. */
async function send(what: object): Promise<void> {
  writer.child.stdin?.write(`${JSON.stringify(what)}\n`)
  const { done } = await answers.next()
  if (done === true) throw new Error((await writer.ended).errors)
}

/** The other process writes a row and does not commit it. */
async function write(begin: 'IMMEDIATE' | 'EXCLUSIVE'): Promise<{ commit(): void; readonly ended: Promise<void> }> {
  await send({ file: project.database.address, begin, sql: 'INSERT INTO app VALUES (1)' })
  let committed: (end: Promise<void>) => void = () => undefined
  const ended = new Promise<void>((resolve) => (committed = resolve))
  return { commit: () => committed(send({ end: 'COMMIT' })), ended }
}

/** All rows and the schema, read by a separate connection, and foreign_keys of the migrator's connection. */
async function everything() {
  const other = await project.database.connect()
  const schema = await other.query<{ type: string; name: string; sql: string }[]>(
    `SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY name`,
  )
  const kept = schema.filter(({ type, name }) => type === 'table' && name !== 'aludel_journal')
  return {
    schema,
    rows: await Promise.all(
      kept.map(async ({ name }) => [name, await other.query<unknown[]>(`SELECT * FROM "${name}" ORDER BY 1`)]),
    ),
    violations: await other.query<unknown[]>('PRAGMA foreign_key_check'),
    enforced: await connection.query<unknown[]>('PRAGMA foreign_keys'),
  }
}

const ways = [
  ['each', {}],
  ['all', { transaction: 'all' }],
  ['outside', {}],
] as const

test('upgrade waits for another writer before it creates the history tables', async () => {
  const writer = await write('IMMEDIATE')
  const told: RunEvent[] = []
  const onEvent = (event: RunEvent): void => {
    told.push(event)
    if (event.type === 'retry' && event.try === 3) writer.commit()
  }
  const { steps } = await migrator({ onEvent }).upgrade()
  await writer.ended
  expect(steps.map(({ revision }) => revision)).toEqual([first, longer])
  const types = told.map(({ type }) => type)
  expect(types.indexOf('retry')).toBeLessThan(types.indexOf('stepStart'))
  expect(types.filter((type) => type === 'retry').length).toBeGreaterThanOrEqual(2)
  expect((await everything()).rows).toContainEqual(['app', [{ n: 1 }]])
})

test.each(ways)('a rebuild waits for another writer, up and down (%s)', async (way, options) => {
  await fill()
  for (const direction of ['upgrade', 'downgrade'] as const) {
    const writer = await write('IMMEDIATE')
    const retries: RunEvent[] = []
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'retry' && retries.push(event) === 2) writer.commit()
    }
    const run = migrator({ revisions: folderOf(way), onEvent })
    const { steps } = await run[direction](direction === 'upgrade' ? longer : first, options)
    await writer.ended
    expect(steps).toMatchObject([{ revision: longer }])
    // The writer is signaled at the second retry; how many more follow depends on the machine.
    expect(retries.slice(0, 2)).toMatchObject([{ contention: 'busy', try: 2 }, { contention: 'busy' }])
    expect(retries).toEqual(retries.map(() => expect.objectContaining({ contention: 'busy' }) as unknown))
  }
  const { rows, violations, enforced } = await everything()
  expect(Object.fromEntries(rows)).toMatchObject({
    app: [{ n: 1 }, { n: 1 }],
    authors: [{ name: 'Ada' }, { name: 'Grace' }],
    books: [{ author_id: 1 }, { author_id: 2 }, { author_id: 2 }],
  })
  expect({ violations, enforced }).toEqual({ violations: [], enforced: [{ foreign_keys: 1 }] })
})

test.each(ways)(
  'upgrade and downgrade fail and change nothing if another writer takes too long (%s)',
  async (way, options) => {
    await fill()
    const before = await everything()
    const writer = await write('IMMEDIATE')
    const run = migrator({ revisions: folderOf(way), tableLockRetryMs: 150 })
    for (const work of [() => run.upgrade(longer, options), () => run.downgrade('base', options)]) {
      expect(await rejection(work())).toMatchObject({
        code: 'ALUDEL_TABLE_LOCKED',
        message: expect.stringMatching(/the database file is locked by another connection, \d times$/) as string,
        help: expect.stringContaining('--table-lock-budget') as string,
        details: { kept: 0, contention: 'busy' },
      })
    }
    expect(await everything()).toEqual(before)
    writer.commit()
    await writer.ended
    expect((await run.upgrade(longer, options)).steps).toHaveLength(1)
    expect((await everything()).violations).toEqual([])
  },
)

test('stamp and repair report a file in use, and write nothing', async () => {
  await fill()
  await connection.query(`INSERT INTO migrations ("timestamp", "name") VALUES (1, 'Gone1')`)
  const before = await everything()
  const writer = await write('IMMEDIATE')
  const works = [
    () => migrator().stamp(['head'], { force: true }),
    () => migrator().stamp(['base'], { force: true }),
    () => migrator().repair({ remove: ['Gone1'] }),
  ]
  for (const work of works) {
    expect(await rejection(work())).toMatchObject({
      code: 'ALUDEL_LOCKED',
      kind: 'locked',
      message: expect.stringMatching(/test\.db" is in use: database is locked$/) as string,
      help: expect.stringContaining('Nothing was changed') as string,
    })
  }
  expect(await everything()).toEqual(before)
  writer.commit()
  await writer.ended
  for (const work of works) await work()
})

test('every command reports a file in use if it cannot even read it', async () => {
  await fill()
  const before = await everything()
  const writer = await write('EXCLUSIVE')
  const run = migrator({ tableLockRetryMs: 0 })
  for (const work of [
    () => run.upgrade(),
    () => run.downgrade(),
    () => run.stamp(['head'], { force: true }),
    () => run.initialize(),
    () => run.current(),
    () => run.check({ database: true }),
    () => run.repair(),
  ]) {
    expect(await rejection(work())).toMatchObject({
      code: 'ALUDEL_LOCKED',
      message: expect.stringMatching(/test\.db" is in use: database is locked$/) as string,
    })
  }
  writer.commit()
  await writer.ended
  const after = await everything()
  expect({ ...after, rows: after.rows.filter(([name]) => name !== 'app') }).toEqual({
    ...before,
    rows: before.rows.filter(([name]) => name !== 'app'),
  })
  expect((await run.upgrade()).steps).toHaveLength(1)
})

/** Locks the file between two statements of the run, a moment that no other process could hit. */
test('upgrade checks foreign keys even if the file was locked just before', async () => {
  await fill()
  const file = path.join(written.directory, 'orphans')
  await mkdir(file)
  for (const [name, source] of Object.entries(await written.files())) await writeFile(path.join(file, name), source)
  await writeFile(
    path.join(file, '1999999999999-orphans.cjs'),
    `exports.Orphans1999999999999 = class Orphans1999999999999 {
      async up(queryRunner) { await queryRunner.query('DELETE FROM authors WHERE id = 2') }
      async down() {}
    }`,
  )
  const other = new Database(project.database.address)
  const onEvent = (event: RunEvent): void => {
    if (event.type === 'stepDone') other.exec('BEGIN EXCLUSIVE')
    if (['retry', 'stepStart'].includes(event.type) && other.inTransaction) other.exec('COMMIT')
  }
  try {
    expect(await rejection(migrator({ revisions: file, onEvent }).upgrade())).toMatchObject({
      code: 'ALUDEL_FOREIGN_KEYS',
      details: { done: [longer] },
    })
  } finally {
    other.close()
  }
  expect(await connection.query('SELECT id FROM authors')).toEqual([{ id: 1 }, { id: 2 }])
  expect(await connection.query('PRAGMA foreign_keys')).toEqual([{ foreign_keys: 1 }])
})

/** In WAL mode, SQLite refuses to write in a transaction that has begun to read before somebody else has written. */
test.each(['wal', 'delete'])(
  'a revision that reads before it writes is not stopped by a writer in between, with journal_mode %s',
  async (mode) => {
    await fill()
    await connection.query(`PRAGMA journal_mode = ${mode}`)
    const revisions = path.join(written.directory, `reads-${mode}`)
    await mkdir(revisions)
    for (const [name, source] of Object.entries(await written.files()))
      await writeFile(path.join(revisions, name), source)
    await writeFile(
      path.join(revisions, '1999999999999-reads.cjs'),
      `const Database = require(${JSON.stringify(require.resolve('better-sqlite3'))})
      exports.Reads1999999999999 = class Reads1999999999999 {
        async up(queryRunner) {
          await queryRunner.query('SELECT count(*) FROM app')
          const other = new Database(${JSON.stringify(project.database.address)}, { timeout: 0 })
          try {
            other.exec('INSERT INTO app VALUES (1)')
          } catch (error) {
            if (error.code !== 'SQLITE_BUSY') throw error
          } finally {
            other.close()
          }
          await queryRunner.query('CREATE TABLE after_reading (n integer)')
        }
        async down() {}
      }`,
    )
    const events: string[] = []
    const onEvent = (event: RunEvent): void => void events.push(event.type)
    await migrator({ revisions, onEvent, tableLockRetryMs: 0 }).upgrade()
    expect(events).not.toContain('retry')
    expect(await connection.query('SELECT * FROM after_reading')).toEqual([])
    // It waits until the revision has ended.
    expect(await connection.query('SELECT * FROM app')).toEqual([])
  },
)
