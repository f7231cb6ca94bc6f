import { execFile } from 'node:child_process'
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

import { History } from '../../src/history/history'
import { offlineScript, type ScriptStep } from '../../src/run/script'
import { dialectNames, openDatabase, tableNames, type TestDatabase } from './databases'
import { appliedMessages, revision, run, type TestRevision } from './revisions'

const clients = { sqlite: 'sqlite3', postgres: 'psql' } as const

describe.each(dialectNames)('offlineScript for %s', (name) => {
  let database: TestDatabase
  let directory: string
  beforeEach(async () => {
    database = await openDatabase(name)
    directory = mkdtempSync(path.join(tmpdir(), 'aludel-script-'))
  })
  afterEach(async () => {
    await database.drop()
    rmSync(directory, { recursive: true, force: true })
  })

  const steps = (
    all: readonly TestRevision[],
    statements: readonly (readonly string[])[],
    direction: 'upgrade' | 'downgrade' = 'upgrade',
  ): ScriptStep[] =>
    all.map(({ revision: one }, index) => ({
      revision: one,
      direction,
      statements: statements[index] ?? [],
      checksum: one.checksum,
      transactional: one.transaction !== false,
    }))
  const script = (given: readonly ScriptStep[], options: Partial<Parameters<typeof offlineScript>[0]> = {}): string[] =>
    offlineScript({
      dialect: database.dialect,
      steps: given,
      historyTable: 'migrations',
      metadataTable: 'typeorm_metadata',
      journalTable: 'aludel_journal',
      createTables: true,
      mode: 'each',
      actor: "o'hara@host",
      toolVersion: '0.1.0',
      ...options,
    })

  /** Runs a script with the client of the database, as a user would. */
  const feed = async (lines: readonly string[]): Promise<void> => {
    const file = path.join(directory, 'script.sql')
    await writeFile(file, `${lines.join('\n')}\n`)
    if (name === 'sqlite') await promisify(execFile)('sqlite3', [database.address, `.read ${file}`])
    else await promisify(execFile)('psql', ['--no-psqlrc', '--quiet', '-d', database.address, '-f', file])
  }
  const withClient = spawnSync(clients[name], ['--version']).status === 0 ? test : test.skip

  const statements = [
    [`CREATE TABLE "a" ("t" text);`, `INSERT INTO "a" VALUES ('a;b -- c') -- d`, `INSERT INTO "a" VALUES ('it''s')`],
    [`CREATE TABLE "b" ("n" integer)`],
  ]
  const down = [[`DROP TABLE "b"`], [`DROP TABLE "a"`]]

  test('ends every statement with one semicolon and names the revisions in comments', () => {
    const all = [revision('make a', []), revision('make b', [])]
    const lines = script(steps(all, statements))
    expect(lines.filter((line) => line.startsWith('-- upgrade'))).toEqual(
      all.map((one) => `-- upgrade ${one.revision.id}: ${one.revision.message}`),
    )
    for (const line of lines) expect(line).toMatch(/^(?:--|\.|\\)|[^;];$/)
    expect(lines).toContain(`INSERT INTO "a" VALUES ('a;b -- c');`)
  })

  withClient.each(['each', 'all'] as const)(
    'leaves the same tables, history and journal as a run in mode %s',
    async (mode) => {
      const all = [revision('make a', statements[0] ?? [], down[1]), revision('make b', statements[1] ?? [], down[0])]
      const [a, b] = all
      if (a === undefined || b === undefined) throw new Error('two revisions')
      const byRun = await openDatabase(name)
      try {
        await run(byRun, all)
        await feed(script(steps(all, statements), { mode }))
        const state = async (one: TestDatabase) => ({
          tables: await tableNames(one),
          rows: await one.rows('SELECT * FROM "a"'),
          history: await one.rows('SELECT "id", "timestamp", "name" FROM "migrations" ORDER BY "id"'),
          journal: (await History.of(one.dialect, one.dataSource).readJournal(one.queryRunner)).map(
            ({ revision: id, name: className, direction, statement, checksum, outcome }) => ({
              id,
              className,
              direction,
              statement,
              checksum,
              outcome,
            }),
          ),
        })
        expect(await state(database)).toEqual(await state(byRun))
        const [entry] = await History.of(database.dialect, database.dataSource).readJournal(database.queryRunner)
        expect(entry).toMatchObject({ actor: "o'hara@host", toolVersion: '0.1.0', durationMs: 0 })
        expect(Math.abs((entry?.finishedAt.getTime() ?? 0) - Date.now())).toBeLessThan(600_000)
        // A run finds nothing left to apply.
        expect((await run(database, all)).outcome.steps).toEqual([])

        await feed(script(steps([b, a], down, 'downgrade'), { createTables: false, mode }))
        expect(await tableNames(database)).toEqual([])
        expect(await appliedMessages(database, all)).toEqual([])
      } finally {
        await byRun.drop()
      }
    },
  )

  withClient('in mode all leaves nothing of a script that fails', async () => {
    const all = [revision('make a', []), revision('bad', [])]
    const bad = [statements[0] ?? [], ['nonsense']]
    await expect(feed(script(steps(all, bad), { mode: 'all' }))).rejects.toThrow()
    expect(await tableNames(database)).toEqual([])
    expect(await appliedMessages(database, all)).toEqual([])
  })

  test.each([
    ['must run outside a transaction', false, ['VACUUM']],
    ['ends its transaction itself', true, ['COMMIT']],
  ])('refuses mode all for a revision that %s', (_what, transactional, given) => {
    const [step] = steps([revision('alone', [])], [given])
    if (step === undefined) throw new Error('one step')
    expect(() => script([{ ...step, transactional }], { mode: 'all' })).toThrow(
      expect.objectContaining({ code: 'ALUDEL_TRANSACTION_MODE' }) as Error,
    )
  })

  withClient('stops at the first error and keeps the revisions before it', async () => {
    const all = [revision('make a', []), revision('bad', []), revision('make b', [])]
    const bad = [statements[0] ?? [], [`CREATE TABLE "c" ("n" integer)`, 'nonsense'], statements[1] ?? []]
    await expect(feed(script(steps(all, bad)))).rejects.toThrow()
    expect(await tableNames(database)).toEqual(['a'])
    expect(await appliedMessages(database, all)).toEqual(['make a'])
  })

  withClient('runs revisions that are not transactional or commit themselves', async () => {
    const all = [
      revision('outside', [], [], { transaction: false }),
      revision('commits', []),
      revision('make b', []),
      revision('begins', [], [], { transaction: false }),
    ]
    const concurrently = name === 'postgres' ? `CREATE INDEX CONCURRENTLY "i" ON "a" ("t")` : 'VACUUM'
    const given = steps(all, [
      [`CREATE TABLE "a" ("t" text)`, concurrently],
      [`CREATE TABLE "c" ("n" integer)`, 'COMMIT', `CREATE TABLE "d" ("n" integer)`],
      statements[1] ?? [],
      ['VACUUM', 'BEGIN', `CREATE TABLE "e" ("n" integer)`],
    ])
    await feed(script(given))
    expect(await tableNames(database)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await appliedMessages(database, all)).toEqual(['outside', 'commits', 'make b', 'begins'])
  })

  test('returns only the header and footer when there are no steps', () => {
    expect(script([], { createTables: false })).toEqual([
      ...database.dialect.sql.script.header,
      ...database.dialect.sql.script.footer,
    ])
  })
})
