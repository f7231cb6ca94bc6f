import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { DataSource } from 'typeorm'

import { sqliteOptions } from '../../../../tools/testing/databases'
import type { Migrator } from '../../src/migrator'
import { books, entity, id, openProject, type TestProject, text } from '../migrator/project'
import { TestProcess } from './process'
import type { Job } from './sqlite-killed-process'

/**
 * Row 22 of the fault plan: kill -9 in the middle of a rebuild that is larger than SQLite's cache, so that some of its pages
 * are already in the file (or its WAL). The next run finds a hot journal and recovers automatically. One process is killed in
 * the middle of all the rebuilds.
 */

const authors = (length: number) => entity('authors', { id, name: text(length) })
const [first, longer] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'] as const
const rows = 3000

/** Where the runs are killed, with either journal. */
const kills = [
  ['upgrade', 'each', /^DROP TABLE "authors"/],
  ['upgrade', 'outside', /^RELEASE/],
  ['downgrade', 'each', /^ALTER TABLE .* RENAME/],
  ['downgrade', 'outside', /^RELEASE/],
] as const
const modes = ['delete', 'wal'] as const
type Way = (typeof kills)[number][1]
type Direction = Job['direction']

let written: TestProject
/** The revision directories: the same revisions, in `outside` with the rebuild outside a transaction. */
const revisions = {} as Record<Way, string>
/** The statements of the rebuild, up and down, as a run executes them. */
const statements: Record<Direction, string[]> = { upgrade: [], downgrade: [] }
/** The databases before the kills. */
const starts = new Map<string, Awaited<ReturnType<typeof everything>>>()
const contents = new Map<string, Buffer>()

const opened: DataSource[] = []
const open = async (file: string): Promise<DataSource> => {
  const dataSource = await new DataSource(sqliteOptions(file)).initialize()
  opened.push(dataSource)
  return dataSource
}
const fileOf = (...name: readonly string[]): string => path.join(written.directory, `${name.join('-')}.db`)
const migratorOf = (dataSource: DataSource, way: Way): Migrator =>
  written.migrator([], { dataSource, revisions: revisions[way] })

beforeAll(async () => {
  written = await openProject('sqlite')
  await written.migrator([authors(50), books]).create('first', { revisionId: first })
  await written.migrator([authors(100), books]).create('longer', { revisionId: longer })
  revisions.each = written.revisions
  revisions.outside = path.join(written.directory, 'outside')
  mkdirSync(revisions.outside)
  for (const [name, source] of Object.entries(await written.files())) {
    const changed = source.replace(/(static readonly downRevision = '.*\n)/, '$1  readonly transaction = false\n')
    writeFileSync(path.join(revisions.outside, name), changed)
  }
  await written.migrator([authors(50), books]).upgrade(first)
  const migrator = written.migrator([authors(100), books], {
    onEvent: (event) => {
      if (event.type === 'statement') statements[event.step.direction].push(event.sql)
    },
  })
  await migrator.upgrade()
  await migrator.downgrade(first)
  await fill('each')
  await fill('outside')
  await kill()
})
afterAll(async () => {
  for (const dataSource of opened) if (dataSource.isInitialized) await dataSource.destroy()
  await written.remove()
})

/** Makes the databases for both directions, with either journal. */
async function fill(way: Way): Promise<void> {
  const file = fileOf(way)
  const numbers = `WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ${String(rows)})`
  for (const direction of ['upgrade', 'downgrade'] as const) {
    const connection = await open(file)
    await migratorOf(connection, way).upgrade(direction === 'upgrade' ? first : longer)
    if (direction === 'upgrade') {
      await connection.query(`${numbers} INSERT INTO authors SELECT n, hex(randomblob(25)) FROM t`)
      await connection.query(`${numbers} INSERT INTO books SELECT n, n FROM t`)
    }
    starts.set(`${direction} ${way}`, await everything(connection))
    await connection.destroy()
    for (const mode of modes) {
      const copy = fileOf(direction, way, mode)
      copyFileSync(file, copy)
      const copied = await open(copy)
      await copied.query(`PRAGMA journal_mode = ${mode}`)
      await copied.destroy()
      contents.set(copy, readFileSync(copy))
    }
  }
}

async function kill(): Promise<void> {
  const jobs = modes.flatMap((mode) =>
    kills.map(([direction, way, before]): Job => {
      const statement = statements[direction].findIndex((sql) => before.test(sql)) + 1
      expect(statement).toBeGreaterThan(0)
      const target = direction === 'upgrade' ? 'head' : first
      return { file: fileOf(direction, way, mode), revisions: revisions[way], direction, target, statement }
    }),
  )
  expect(await new TestProcess('sqlite-killed-process.ts', [JSON.stringify(jobs)]).ended).toMatchObject({
    signal: 'SIGKILL',
    errors: '',
  })
}

/** Schema and rows as one value; the many rows are hashed so that a difference stays short. */
async function everything(dataSource: DataSource) {
  const schema = await dataSource.query<{ name: string }[]>(
    `SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite%' ORDER BY name`,
  )
  const hash = async (sql: string): Promise<string> =>
    createHash('sha256')
      .update(JSON.stringify(await dataSource.query(sql)))
      .digest('hex')
  return {
    tables: schema.map(({ name }) => name),
    schema,
    authors: await hash('SELECT * FROM authors ORDER BY id'),
    books: await hash('SELECT * FROM books ORDER BY id'),
    applied: await dataSource.query<unknown[]>('SELECT name FROM migrations ORDER BY id'),
    violations: await dataSource.query<unknown[]>('PRAGMA foreign_key_check'),
    integrity: await dataSource.query<unknown[]>('PRAGMA integrity_check'),
  }
}

describe.each(modes)('killed SQLite rebuild with journal_mode = %s', (mode) => {
  test.each(kills)(
    'leaves no trace of the %s (%s) killed before %s, and the next run succeeds',
    async (direction, way) => {
      const file = fileOf(direction, way, mode)
      const start = starts.get(`${direction} ${way}`)

      // The point of this test: part of the rebuild is on disk, and its end is not.
      const journal = `${file}-${mode === 'wal' ? 'wal' : 'journal'}`
      if (mode === 'wal') expect(statSync(journal).size).toBeGreaterThan(100_000)
      else {
        expect(readFileSync(file).equals(contents.get(file) ?? Buffer.of())).toBe(false)
        // The header of a journal that must be played back: https://sqlite.org/fileformat2.html#the_rollback_journal
        expect(readFileSync(journal).subarray(0, 8).toString('hex')).toBe('d9d505f920a163d7')
      }

      const copy = fileOf(direction, way, mode, 'copy')
      copyFileSync(file, copy)
      copyFileSync(journal, `${copy}${journal.slice(file.length)}`)
      const found = await everything(await open(copy))
      expect(found).toEqual(start)
      expect(found).toMatchObject({ violations: [], integrity: [{ integrity_check: 'ok' }] })

      // The next run is the first to open the original file.
      const next = migratorOf(new DataSource(sqliteOptions(file)), way)
      const { steps } = await (direction === 'upgrade' ? next.upgrade() : next.downgrade(first))
      expect(steps).toMatchObject([{ revision: longer, direction }])
      await next.close()
      const after = await everything(await open(file))
      expect(after).toMatchObject({
        tables: ['aludel_journal', 'authors', 'books', 'migrations'],
        authors: start?.authors,
        books: start?.books,
        violations: [],
        integrity: [{ integrity_check: 'ok' }],
      })
      expect(after.applied).toHaveLength(direction === 'upgrade' ? 2 : 1)
      expect(JSON.stringify(after.schema)).toContain(`varchar(${direction === 'upgrade' ? '100' : '50'})`)
      if (mode === 'delete') expect(existsSync(journal)).toBe(false)
    },
  )
})
