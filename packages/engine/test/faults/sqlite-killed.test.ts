import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import type { DataSource } from 'typeorm'

import { books, entity, id, openProject, type TestProject, text } from '../migrator/project'
import { TestProcess } from './process'

/**
 * Row 22 of the fault plan: kill -9 in the middle of a rebuild that is larger than SQLite's cache, so that some of its pages
 * are already in the file (or its WAL). The next run finds a hot journal and recovers automatically.
 */

const authors = (length: number) => entity('authors', { id, name: text(length) })
const [first, longer] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'] as const
const rows = 3000

let written: TestProject
/** The same revisions, with the rebuild outside a transaction. */
let outside: string
/** The statements of the rebuild, up and down, as a run executes them. */
const statements: Record<'upgrade' | 'downgrade', string[]> = { upgrade: [], downgrade: [] }
beforeAll(async () => {
  written = await openProject('sqlite')
  await written.migrator([authors(50), books]).create('first', { revisionId: first })
  await written.migrator([authors(100), books]).create('longer', { revisionId: longer })
  outside = path.join(written.directory, 'outside')
  mkdirSync(outside)
  for (const [name, source] of Object.entries(await written.files())) {
    const changed = source.replace(/(static readonly downRevision = '.*\n)/, '$1  readonly transaction = false\n')
    writeFileSync(path.join(outside, name), changed)
  }
  await written.migrator([authors(50), books]).upgrade(first)
  const migrator = written.migrator([authors(100), books], {
    onEvent: (event) => {
      if (event.type === 'statement') statements[event.step.direction].push(event.sql)
    },
  })
  await migrator.upgrade()
  await migrator.downgrade(first)
})
afterAll(() => written.remove())

let project: TestProject
beforeEach(async () => {
  project = await openProject('sqlite')
})
afterEach(() => project.remove())

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

describe.each(['delete', 'wal'])('killed SQLite rebuild with journal_mode = %s', (mode) => {
  test.each([
    ['upgrade', 'each', /^DROP TABLE "authors"/],
    ['upgrade', 'outside', /^RELEASE/],
    ['downgrade', 'each', /^ALTER TABLE .* RENAME/],
    ['downgrade', 'outside', /^RELEASE/],
  ] as const)(
    'leaves no trace of the %s (%s) killed before %s, and the next run succeeds',
    async (direction, way, before) => {
      const { address } = project.database
      const revisions = way === 'outside' ? outside : written.revisions
      const connection = await project.database.connect()
      await connection.query(`PRAGMA journal_mode = ${mode}`)
      const migrator = () => project.migrator([authors(100), books], { dataSource: connection, revisions })
      await migrator().upgrade(first)
      const numbers = `WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < ${String(rows)})`
      await connection.query(`${numbers} INSERT INTO authors SELECT n, hex(randomblob(25)) FROM t`)
      await connection.query(`${numbers} INSERT INTO books SELECT n, n FROM t`)
      if (direction === 'downgrade') await migrator().upgrade()
      const start = await everything(connection)
      await connection.destroy()
      const content = readFileSync(address)

      const at = statements[direction].findIndex((sql) => before.test(sql)) + 1
      expect(at).toBeGreaterThan(0)
      const target = direction === 'upgrade' ? 'head' : first
      const options = ['sqlite', address, revisions, direction, target, String(at), '10']
      expect(await new TestProcess('killed-process.ts', options).ended).toMatchObject({ signal: 'SIGKILL', errors: '' })

      // The point of this test: part of the rebuild is on disk, and its end is not.
      const journal = `${address}-${mode === 'wal' ? 'wal' : 'journal'}`
      if (mode === 'wal') expect(statSync(journal).size).toBeGreaterThan(100_000)
      else {
        expect(readFileSync(address).equals(content)).toBe(false)
        // The mark of a journal that is to be played back: https://sqlite.org/fileformat2.html#the_rollback_journal
        expect(readFileSync(journal).subarray(0, 8).toString('hex')).toBe('d9d505f920a163d7')
      }

      const copy = path.join(project.directory, 'copy.db')
      copyFileSync(address, copy)
      copyFileSync(journal, `${copy}${journal.slice(address.length)}`)
      const looked = await project.database.connect({ database: copy })
      const found = await everything(looked)
      expect(found).toEqual(start)
      expect(found).toMatchObject({ violations: [], integrity: [{ integrity_check: 'ok' }] })

      // The next run is the first to open the original file.
      const next = project.migrator([authors(100), books], { revisions })
      const { steps } = await (direction === 'upgrade' ? next.upgrade() : next.downgrade(first))
      expect(steps).toMatchObject([{ revision: longer, direction }])
      await next.close()
      const after = await everything(await project.database.connect())
      expect(after).toMatchObject({
        tables: ['aludel_journal', 'authors', 'books', 'migrations'],
        authors: start.authors,
        books: start.books,
        violations: [],
        integrity: [{ integrity_check: 'ok' }],
      })
      expect(after.applied).toHaveLength(direction === 'upgrade' ? 2 : 1)
      expect(JSON.stringify(after.schema)).toContain(`varchar(${direction === 'upgrade' ? '100' : '50'})`)
      if (mode === 'delete') expect(existsSync(journal)).toBe(false)
    },
  )
})
