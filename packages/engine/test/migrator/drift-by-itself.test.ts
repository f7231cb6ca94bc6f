import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { DataSource } from 'typeorm'

import { startEmbedded } from '../../src/dialect/postgres/embedded'
import { newShadowName } from '../../src/dialect/postgres/names'
import { isApart } from '../../src/dialect/postgres/shadow-options'
import type { Migrator } from '../../src/migrator'
import type { MigratorOptions } from '../../src/project/options'
import { dialectNames, postgresUrl } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'

jest.setTimeout(120_000)

describe.each(dialectNames)('drift that is looked for without being asked on %s', (dialect) => {
  let project: TestProject
  let cache: string
  const notes = entity('notes', { id, title: text(40) }, { indices: [{ name: 'ix_title', columns: ['title'] }] })

  beforeEach(async () => {
    cache = await mkdtemp(path.join(tmpdir(), 'aludel-cache-'))
    project = await openProject(dialect)
    await project.migrator([notes]).create('first', { revisionId: 'aaaaaaaaaaaa' })
    await project.migrator([notes]).upgrade()
  })
  afterEach(async () => {
    await project.remove()
    await rm(cache, { recursive: true, force: true })
  })

  /** A migrator that has no earlier replay, and no server for scratch databases but that of the database. */
  const migrator = (options: Partial<MigratorOptions> = {}): Migrator =>
    project.migrator([notes], { cacheDirectory: cache, shadow: {}, ...options })

  const clean = { clean: true, operations: [], pending: 0, matches: null, findings: [], broken: [] }

  test('says what it would have to replay, if no earlier replay is known', async () => {
    expect(await migrator().drift()).toEqual({
      state: expect.stringMatching(/^[0-9a-f]{64}$/),
      database: null,
      missing: { revisions: 1, isApart: dialect === 'sqlite' },
    })
  })

  test('uses the replay of an earlier check', async () => {
    await migrator().check({ database: true })
    expect(await migrator().drift()).toMatchObject({ database: clean, missing: null })
    await project.database.rows('DROP INDEX ix_title')
    await project.database.rows('CREATE INDEX by_hand ON notes (id, title)')
    const { database } = await migrator().drift()
    expect(database?.clean).toBe(false)
    expect(database?.operations.map(({ explanation }) => explanation)).toEqual([
      'the database lacks index ix_title on notes (title): the applied revisions create it',
      'the database has index by_hand on notes (id, title), which no revision creates (unmanaged?)',
    ])
  })

  test('replays no more revisions than allowed, and none on the server of the database', async () => {
    expect((await migrator().drift({ replay: 0 })).database).toBeNull()
    const { database, missing } = await migrator().drift({ replay: 1 })
    expect([database, missing]).toEqual(dialect === 'sqlite' ? [clean, null] : [null, { revisions: 1, isApart: false }])
  })

  test('ends a replay that is canceled', async () => {
    if (dialect !== 'sqlite') return
    await expect(migrator({ signal: AbortSignal.abort() }).drift({ replay: 1 })).rejects.toMatchObject({
      code: 'ALUDEL_INTERRUPTED',
    })
  })

  test('has a state that changes with the schema, the history and the files, and with nothing else', async () => {
    const state = (): Promise<string> => migrator().driftState()
    const seen = [await state()]
    const expectNew = async (): Promise<void> => {
      const now = await state()
      expect(now).not.toBe(seen.at(-1))
      expect(await state()).toBe(now)
      seen.push(now)
    }
    await project.database.rows(`INSERT INTO notes (id, title) VALUES (1, 'one'), (2, 'two')`)
    await project.database.rows('ANALYZE')
    await project.database.rows('VACUUM')
    expect(await state()).toBe(seen[0])
    for (const sql of [
      'CREATE TABLE theirs (id integer)',
      'ALTER TABLE theirs ADD COLUMN name text',
      'ALTER TABLE theirs RENAME COLUMN name TO label',
      'CREATE VIEW labels AS SELECT label FROM theirs',
      'DROP VIEW labels',
      'DROP TABLE theirs',
      ...(dialect === 'sqlite'
        ? []
        : [
            `ALTER TABLE notes ALTER COLUMN title SET DEFAULT 'x'`,
            'ALTER TABLE notes ENABLE ROW LEVEL SECURITY',
            `COMMENT ON TABLE notes IS 'ours'`,
            `CREATE TYPE mood AS ENUM ('good')`,
            `ALTER TYPE mood ADD VALUE 'bad'`,
            'CREATE SEQUENCE counter OWNED BY notes.id',
            'ALTER SEQUENCE counter OWNED BY NONE',
            'ALTER SEQUENCE counter INCREMENT 2',
            'GRANT SELECT ON notes TO PUBLIC',
            'CREATE SCHEMA apart',
          ]),
    ]) {
      await project.database.rows(sql)
      await expectNew()
    }
    const [[file, content] = ['', '']] = Object.entries(await project.files())
    await project.write({ [file]: content.replace('title', 'name') })
    await expectNew()
    await project.write({ [file]: content })
    await project.migrator([notes]).stamp(['base'], { force: true })
    await expectNew()
  })

  test('makes and removes nothing on a server of PostgreSQL', async () => {
    if (dialect !== 'postgres') return
    // Other tests remove such databases from the server that they share.
    const { close, ...server } = await startEmbedded()
    const own = { ...server, host: 'localhost', database: 'postgres', url: undefined }
    const there = (): Migrator => migrator({ dataSource: project.dataSource([notes], own) })
    const root = await project.dataSource([], own).initialize()
    try {
      await there().upgrade()
      // As a killed run leaves it, two hours ago.
      const stale = newShadowName().replace(/_[0-9a-z]+(_[0-9a-f]+)$/, `_${(Date.now() - 7_200_000).toString(36)}$1`)
      await root.query(`CREATE DATABASE "${stale}"`)
      const databases = async (): Promise<string[]> =>
        (await root.query<{ datname: string }[]>('SELECT datname FROM pg_database')).map(({ datname }) => datname)
      const before = await databases()
      await there().drift({ replay: 500 })
      expect(await databases()).toEqual(before)
      await there().check({ database: true })
      expect(await databases()).not.toContain(stale)
    } finally {
      await root.destroy()
      await close()
    }
  })

  test('replays on another server of PostgreSQL', async () => {
    if (dialect !== 'postgres') return
    const { close, ...server } = await startEmbedded()
    try {
      const template = project.dataSource([])
      const url = `postgres://${server.username}:${server.password}@localhost:${String(server.port)}/postgres`
      expect([url, postgresUrl()].map((one) => isApart({ template, url: one }))).toEqual([true, false])
      expect(isApart({ template })).toBe(false)
      const other = new DataSource({ type: 'better-sqlite3', database: ':memory:' })
      expect(isApart({ template: other })).toBe(true)
      expect(await migrator({ shadow: { postgres: url } }).drift({ replay: 1 })).toMatchObject({ database: clean })
    } finally {
      await close()
    }
  })
})
