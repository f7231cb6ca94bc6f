import { chmodSync, cpSync, existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import type { DatabaseInfoResult, InitializeResult } from '@aludel/engine'
import Database from 'better-sqlite3'

import { aludelCommand } from '../../../../tools/testing/installed'
import {
  aludel,
  aludelProcess,
  aludelProcessOfMany,
  dialects,
  execute,
  makeDatabase,
  makeDirectory,
  type Ran,
  removeDirectory,
  shippedConfig,
  type TestDatabase,
  writeFiles,
} from './harness'
import { ids, shop } from './shop'

/** Tables of the shipped entities. */
const shippedTables = 8

describe.each(dialects)('the shipped project on %s', (dialect) => {
  let directory: string
  let database: TestDatabase

  beforeEach(async () => {
    directory = makeDirectory(shippedConfig)
    database = await makeDatabase(dialect)
  })

  afterEach(async () => {
    await database.drop()
    removeDirectory(directory)
  })

  const options = () => ({ cwd: directory, env: { DATABASE_URL: database.url } })
  const here = (...args: string[]): Promise<Ran> => aludel(args, options())

  const entry = {
    original_decision: 'Mitigate',
    final_decision: 'Accept',
    reviewer: 'Ana Duarte',
    justification: 'Freshness counter in place.',
    additional_notes: '',
    review_date: '2025-04-20',
    evidence_references: [],
    status: 'completed',
  }

  test('db init creates the schema once, db info shows it, and reviews are imported and listed', async () => {
    expect(await here('db', 'init', '--no-migrate')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('Database not up to date') as string,
    })
    const early = await here('reviews', 'import', '.')
    expect(early).toMatchObject({ code: 1, stderr: expect.stringContaining('aludel db init') as string })
    const first = await here('db', 'init', '--json')
    expect(first.json<InitializeResult>()).toMatchObject({ dialect, action: 'upgraded', upToDate: true, from: [] })
    expect(first.code).toBe(0)
    expect((await here('db', 'init')).stdout).toContain('up to date')

    const info = (await here('db', 'info', '--json')).json<DatabaseInfoResult>()
    expect(info.upToDate).toBe(true)
    expect(info.database).toMatchObject({ dialect, version: expect.stringMatching(/^\d+\.\d+/) as string })
    const names = info.tables.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['workflows', 'review_decisions']))
    expect(names.length).toBeGreaterThanOrEqual(shippedTables)
    expect((await here('db', 'info')).stdout).toMatch(/workflows +0 /)

    writeFiles(directory, {
      'reviews/one_reviews.json': JSON.stringify({ ECU001: { 'Replay attack': entry, Spoofing: entry } }),
    })
    const dry = await here('reviews', 'import', 'reviews', '--dry-run', '--json')
    expect(dry.json()).toMatchObject({ files: 1, imported: 2, failed: [] })
    expect((await here('reviews', 'list', '--json')).json()).toEqual({ reviews: [] })

    const imported = await here('reviews', 'import', 'reviews', '--json')
    expect(imported.code).toBe(0)
    expect(imported.json()).toEqual({ files: 1, imported: 2, updated: 0, unchanged: 0, failed: [] })
    expect((await here('reviews', 'import', 'reviews')).stdout).toContain('0 new, 0 updated, 2 unchanged, 0 failed')

    const list = await here('reviews', 'list', '--analysis', 'one', '--limit', '1', '--json')
    expect(list.json<{ reviews: object[] }>().reviews).toMatchObject([
      { analysisId: 'one', componentId: 'ECU001', threatId: 'Replay attack', reviewer: 'Ana Duarte' },
    ])
    expect((await here('reviews', 'list')).stdout).toContain('Mitigate → Accept')
    expect((await here('reviews', 'list', '--limit', 'many')).code).toBe(2)

    writeFiles(directory, {
      'reviews/two_reviews.json': JSON.stringify({ ECU001: { Spoofing: { ...entry, final_decision: 'Shrug' } } }),
    })
    const bad = await here('reviews', 'import', 'reviews')
    expect(bad.code).toBe(1)
    expect(bad.stdout).toContain('two_reviews.json')
    expect(bad.stdout).toContain('final_decision')
    expect((await here('reviews', 'import', 'nowhere')).stderr).toContain('[ALUDEL_REVIEWS]')
  })

  test('db init applies each revision once when three processes run it at the same time', async () => {
    // One runs, and two wait and then compete for the lock.
    const runs = await Promise.all(
      Array.from({ length: 3 }, () => aludelProcess(['db', 'init', '--lock-timeout', '300s', '--json'], options())),
    )
    expect(runs.map(({ code, stderr }) => [code, stderr.includes('error:')])).toEqual(
      Array.from({ length: 3 }, () => [0, false]),
    )
    const rows = await database.query('SELECT name FROM migrations')
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length)
    const applied = runs.flatMap((run) => run.json<InitializeResult>().applied)
    expect(applied).toHaveLength(rows.length)
  })
})

test('creates the folder of the default database on db init, but not on migrate current', async () => {
  const directory = makeDirectory(shippedConfig)
  try {
    expect((await aludel(['migrate', 'current', '--json'], { cwd: directory })).json()).toMatchObject({ current: [] })
    expect(existsSync(path.join(directory, 'data'))).toBe(false)
    await aludel(['db', 'init'], { cwd: directory })
    expect(readFileSync(path.join(directory, 'data/aludel.db')).subarray(0, 15).toString()).toBe('SQLite format 3')
  } finally {
    removeDirectory(directory)
  }
})

/** A database in a folder, in a project that cannot be written. */
interface ReadOnlyCase {
  readonly title: string
  readonly journal: 'delete' | 'wal'
  readonly folder: number
  readonly file: number
}

test('reports a read-only SQLite file, a read-only folder and both, in each journal mode, and changes nothing', async () => {
  const cases: readonly ReadOnlyCase[] = [
    { title: 'file', journal: 'delete', folder: 0o777, file: 0o444 },
    { title: 'folder', journal: 'delete', folder: 0o555, file: 0o666 },
    { title: 'file in a read-only folder', journal: 'delete', folder: 0o555, file: 0o444 },
    { title: 'file in WAL mode', journal: 'wal', folder: 0o777, file: 0o444 },
    { title: 'folder in WAL mode', journal: 'wal', folder: 0o555, file: 0o666 },
  ]
  const directories: string[] = []
  try {
    const template = makeDirectory(shippedConfig)
    directories.push(template)
    await aludel(['migrate', 'upgrade', '+1'], { cwd: template })
    const made = cases.map(({ title, journal, folder, file: mode }) => {
      const directory = makeDirectory(shippedConfig)
      directories.push(directory)
      const file = path.join(directory, 'data/aludel.db')
      cpSync(path.join(template, 'data'), path.dirname(file), { recursive: true })
      const database = new Database(file)
      database.pragma(`journal_mode = ${journal}`)
      database.close()
      for (const [name, allowed] of [
        ['.', 0o555],
        ['data', folder],
        ['data/aludel.db', mode],
      ] as const)
        chmodSync(path.join(directory, name), allowed)
      const place = folder === 0o555 ? path.dirname(file) : file
      const said = [`"${place}" cannot be written by this user`]
      // Reading a WAL needs a shared-memory file next to the database, and stamp reads first.
      if (place !== file && journal === 'wal')
        said.push(`"${file}" cannot be written: attempt to write a readonly database`)
      return { title, directory, file, said, before: readFileSync(file) }
    })
    const runs = made.flatMap((one) =>
      ['upgrade', 'stamp head --force'].map((command) => ({
        ...one,
        command,
        cwd: one.directory,
        args: ['migrate', ...command.split(' ')],
      })),
    )
    // Root may write regardless of file modes; the user `nobody` may not.
    const nobody = process.getuid?.() === 0 ? { uid: 65_534 } : {}
    const results = await aludelProcessOfMany(runs, { cwd: tmpdir(), ...nobody })
    expect(results).toHaveLength(runs.length)
    for (const [index, { title, command, said }] of runs.entries()) {
      const { code, stderr = '' } = results[index] ?? {}
      expect([title, command, code]).toEqual([title, command, 1])
      expect(said.map((words) => `error: ${words} [ALUDEL_READ_ONLY]`)).toContain(stderr.split('\n')[0])
    }
    for (const { title, directory, file, before } of made) {
      expect([title, readFileSync(file).equals(before)]).toEqual([title, true])
      expect([title, existsSync(path.join(directory, 'backups'))]).toEqual([title, false])
    }
  } finally {
    for (const directory of directories) {
      for (const name of ['.', 'data']) chmodSync(path.join(directory, name), 0o755)
      removeDirectory(directory)
    }
  }
})

test('ends without an error message when the reader of its output closes the pipe', async () => {
  const directory = makeDirectory(shop('sqlite'))
  try {
    const script = `'${process.execPath}' '${aludelCommand}' migrate history --data-source data-source.ts | head -1; '${process.execPath}' '${aludelCommand}' completion bash | true`
    const ran = await execute('sh', ['-c', script], { cwd: directory })
    expect(ran.stdout).toContain(ids.posts)
    expect(ran.stderr).toBe('')
  } finally {
    removeDirectory(directory)
  }
})
