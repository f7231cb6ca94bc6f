import { copyFileSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'

import { DataSource, type DataSourceOptions } from 'typeorm'

import { queryPostgres } from '../../../../tools/testing/databases'
import type { RestorePlan } from '../../src/results'
import { optionsOf } from '../run/databases'
import {
  backupsOf,
  first,
  openRestoreProject,
  type RestoreProject,
  describeRestorable,
  second,
} from './restore-project'

/** Creating, dumping and restoring databases takes seconds on a busy server. */
jest.setTimeout(120_000)

describeRestorable('restoreBackup on %s', (dialect) => {
  let project: RestoreProject
  beforeEach(async () => {
    project = await openRestoreProject(dialect)
  })
  afterEach(async () => {
    for (const name of await leftBeside()) if (dialect === 'postgres') await dropDatabase(name)
    await project.remove()
  })

  const create = async (): Promise<{ id: string; path: string }> => {
    const migrator = project.fresh()
    const made = await migrator.createBackup()
    await migrator.close()
    return made
  }

  /** The databases or files of this database with another name. */
  const leftBeside = async (): Promise<string[]> => {
    const name = nameOf()
    if (dialect === 'sqlite') {
      return readdirSync(path.dirname(name))
        .filter((file) => file !== path.basename(name) && !file.includes('aludel-lock'))
        .map((file) => path.join(path.dirname(name), file))
    }
    const rows = await queryPostgres(
      `SELECT datname FROM pg_database WHERE datname LIKE '${name.slice(0, 14)}%restore%'`,
    )
    return rows.map((row) => String(row['datname']))
  }

  const nameOf = (): string =>
    dialect === 'sqlite' ? project.database.address : new URL(project.database.address).pathname.slice(1)

  /** Options for a database beside the project's. */
  const optionsFor = (name: string): DataSourceOptions => {
    if (dialect === 'sqlite') return optionsOf(dialect, name)
    const url = new URL(project.database.address)
    url.pathname = `/${name}`
    return optionsOf(dialect, url.href)
  }

  const queryIn = async (name: string, sql: string): Promise<unknown> => {
    const dataSource = await new DataSource(optionsFor(name)).initialize()
    try {
      return await dataSource.query(sql)
    } finally {
      await dataSource.destroy()
    }
  }

  const unchanged = async (left: readonly string[] = []): Promise<void> => {
    expect(await project.authors()).toEqual(['Ada', 'Bob', 'Cyd', 'Dan'])
    expect(await leftBeside()).toEqual(left)
    // Nobody holds the lock.
    const migrator = project.fresh()
    await migrator.upgrade(first, { lockTimeoutMs: 0 })
    await migrator.close()
  }

  const insertDan = (): Promise<unknown> => project.run(`INSERT INTO authors VALUES (4, 'Dan')`)

  test('brings back rows, schema and history, and keeps the database that it replaces', async () => {
    const { id, path: file } = await create()
    await insertDan()
    const migrator = project.fresh()
    await migrator.upgrade('head', { backup: 'never' })
    await migrator.close()

    const result = await project.fresh().restoreBackup(id)

    expect(result).toMatchObject({ restored: id, revision: [first], path: file, kind: 'database', removed: [] })
    expect(await project.authors()).toEqual(['Ada', 'Bob', 'Cyd'])
    expect(await project.tables()).toEqual(['aludel_journal', 'authors', 'books', 'migrations'])
    expect(await project.run('SELECT id, author_id FROM books ORDER BY id')).toEqual([
      { id: 10, author_id: 1 },
      { id: 20, author_id: 3 },
    ])
    expect(await leftBeside()).toEqual([result.kept])
    expect(await queryIn(result.kept ?? '', 'SELECT name FROM authors WHERE id = 4')).toEqual([{ name: 'Dan' }])
    await expect(queryIn(result.kept ?? '', 'SELECT 1 FROM books')).rejects.toThrow()
    expect(await project.fresh().upgrade()).toMatchObject({ to: [second] })
  })

  test('shows what would be replaced, and changes nothing unless that is confirmed', async () => {
    const { id } = await create()
    await insertDan()
    await project.run('CREATE TABLE later (id integer)', 'INSERT INTO later VALUES (1)')
    let plan: RestorePlan | undefined
    const confirm = (shown: RestorePlan): Promise<boolean> => {
      plan = shown
      return Promise.resolve(false)
    }
    await expect(project.fresh().restoreBackup('latest', { confirm })).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      help: expect.stringMatching(/1 row of authors \(now 4, in the backup 3\)[^]*table later with 1 row/) as string,
      details: { backups: [id] },
    })
    expect(plan).toMatchObject({
      backup: { id, revision: [first], database: nameOf(), kind: 'database' },
      database: { dialect, name: nameOf() },
      exists: true,
      disconnected: [],
    })
    expect(plan?.tables).toEqual(
      expect.arrayContaining([
        { name: 'authors', now: 4, backup: 3 },
        { name: 'books', now: 2, backup: 2 },
        { name: 'later', now: 1, backup: null },
      ]),
    )
    await project.run('DROP TABLE later')
    await unchanged()
  })

  test('keeps the database each time that a backup is restored, and drops it when told to', async () => {
    const { id } = await create()
    const kept = [(await project.fresh().restoreBackup(id)).kept, (await project.fresh().restoreBackup(id)).kept]
    expect(kept[1]).toBe(`${String(kept[0])}-2`)
    expect((await leftBeside()).sort()).toEqual(kept)
    expect(await project.fresh().info()).toMatchObject({
      leftovers: kept.map((name) => ({ kind: 'replaced', name, bytes: expect.any(Number) as number })),
    })
    expect(await project.fresh().dropReplaced({ dryRun: true })).toMatchObject({ dryRun: true })
    await expect(project.fresh().dropReplaced({ confirm: () => Promise.resolve(false) })).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
    })
    expect(await leftBeside()).toHaveLength(2)
    expect((await project.fresh().dropReplaced()).dropped).toHaveLength(2)
    expect(await leftBeside()).toEqual([])
  })

  test('keeps no copy with dropOld', async () => {
    const { id } = await create()
    await insertDan()
    expect(await project.fresh().restoreBackup(id, { dropOld: true })).toMatchObject({ kept: null })
    expect(await project.authors()).toEqual(['Ada', 'Bob', 'Cyd'])
    expect(await leftBeside()).toEqual([])
  })

  test('restores a database that does not exist any more', async () => {
    const { id } = await create()
    await project.database.drop()
    const result = await project.fresh().restoreBackup('latest', { confirm: (plan) => Promise.resolve(!plan.exists) })
    expect(result).toMatchObject({ restored: id, revision: [first], kept: null })
    expect(await project.authors()).toEqual(['Ada', 'Bob', 'Cyd'])
  })

  test('restores a file that has no manifest', async () => {
    const { path: file } = await create()
    await insertDan()
    const other = path.join(project.directory, 'copy of a backup')
    copyFileSync(file, other)
    expect(await project.fresh().restoreBackup(undefined, { file: 'copy of a backup' })).toMatchObject({
      restored: other,
      revision: [first],
    })
    expect(await project.authors()).toEqual(['Ada', 'Bob', 'Cyd'])
  })

  test('closes an initialized DataSource meanwhile, and opens it again', async () => {
    const { id } = await create()
    await insertDan()
    const dataSource = await project.dataSource([]).initialize()
    try {
      await project.fresh({ dataSource }).restoreBackup(id)
      expect(dataSource.isInitialized).toBe(true)
      expect(await dataSource.query('SELECT count(*) AS n FROM authors')).toEqual([
        { n: dialect === 'sqlite' ? 3 : '3' },
      ])
    } finally {
      await dataSource.destroy()
    }
  })

  test('waits for the migration lock, and gives up in time', async () => {
    const { id } = await create()
    await insertDan()
    const dataSource = await project.dataSource([]).initialize()
    const runner = dataSource.createQueryRunner()
    const lock = await project.database.dialect.locks.acquire(runner, { key: 'migrations', timeoutMs: 0 })
    try {
      await expect(project.fresh().restoreBackup(id, { lockTimeoutMs: 0 })).rejects.toMatchObject({
        code: 'ALUDEL_LOCKED',
      })
    } finally {
      await lock.release()
      await runner.release()
      await dataSource.destroy()
    }
    await unchanged()
  })

  test('ends with nothing changed when it is interrupted', async () => {
    const { id } = await create()
    await insertDan()
    const controller = new AbortController()
    const migrator = project.fresh({
      signal: controller.signal,
      onEvent: (event) => {
        if (event.type === 'restore') controller.abort(new Error('interrupted'))
      },
    })
    await expect(migrator.restoreBackup(id)).rejects.toMatchObject({
      code: 'ALUDEL_INTERRUPTED',
      help: 'Nothing was changed.',
    })
    await unchanged()
  })

  if (dialect === 'postgres') {
    test('keeps a database that cannot be dropped, says so, and has restored the backup', async () => {
      const { id } = await create()
      await insertDan()
      await queryPostgres(`ALTER DATABASE "${nameOf()}" IS_TEMPLATE true`)
      const warnings: string[] = []
      const migrator = project.fresh({
        onEvent: (event) => void (event.type === 'warning' && warnings.push(event.message)),
      })
      const result = await migrator.restoreBackup(id, { dropOld: true })
      const [left = ''] = await leftBeside()
      await queryPostgres(`ALTER DATABASE "${left}" IS_TEMPLATE false`)
      expect(result.kept).toBe(left)
      expect(warnings).toEqual([
        expect.stringMatching(/^the backup was restored, but ".*_before_restore_.*" cannot be dropped: /),
      ])
      expect(await project.authors()).toEqual(['Ada', 'Bob', 'Cyd'])
      expect(await queryIn(left, 'SELECT name FROM authors WHERE id = 4')).toEqual([{ name: 'Dan' }])
    })
  }

  test('ends what was at work when the backup was made, and keeps how far it came', async () => {
    await project.run(
      `INSERT INTO aludel_journal (run_id, revision, name, direction, statement, progress, checksum, started_at, finished_at,
         duration_ms, actor, tool_version, outcome, history)
       VALUES ('r', '${second}', 'Second1700000000001', 'upgrade', 1, '{"hashes":["x"],"state":"done"}', 'c',
         '2026-01-01', '2026-01-01', 1, 'a@b', '0', 'running', 'migrations')`,
    )
    const { id } = await create()
    await project.fresh().restoreBackup(id)
    expect(
      await project.run(`SELECT statement, outcome, progress, error FROM aludel_journal WHERE run_id = 'r'`),
    ).toEqual([
      {
        statement: 1,
        outcome: 'failed',
        progress: '{"hashes":["x"],"state":"done"}',
        error: 'the backup was made while this run was at work',
      },
    ])
    expect((await project.fresh().current({ verbose: true })).findings).toMatchObject([
      { kind: 'halfway', revision: second, stopped: { statements: 1 } },
    ])
  })

  describe('refuses, with nothing changed,', () => {
    const refused = async (ref: string | undefined, expected: object, options = {}): Promise<void> => {
      await expect(project.fresh().restoreBackup(ref, options)).rejects.toMatchObject(expected)
      await unchanged()
    }

    test('a backup that is not there', async () => {
      await insertDan()
      await refused(undefined, { code: 'ALUDEL_USAGE' })
      await refused('latest', { code: 'ALUDEL_UNKNOWN_BACKUP' })
      await create()
      await refused('1999', { code: 'ALUDEL_UNKNOWN_BACKUP' })
      await refused(
        undefined,
        { code: 'ALUDEL_RESTORE', message: expect.stringMatching(/no file/) as string },
        {
          file: 'missing',
        },
      )
    })

    test('a backup that was changed, truncated or not finished', async () => {
      const { id, path: file } = await create()
      await insertDan()
      const content = readFileSync(file)
      const changed = Buffer.from(content)
      changed[Math.floor(content.length / 2)] = (changed[Math.floor(content.length / 2)] ?? 0) ^ 0xff
      writeFileSync(file, changed)
      await refused(id, { code: 'ALUDEL_RESTORE', message: expect.stringMatching(/damaged.*checksum/) as string })
      writeFileSync(file, content)
      truncateSync(file, Math.floor(content.length / 2))
      await refused(id, { code: 'ALUDEL_RESTORE', message: expect.stringMatching(/damaged.*bytes/) as string })
      writeFileSync(file, content)
      const manifest = backupsOf(project, `${id}.json`)
      const text = readFileSync(manifest, 'utf8')
      writeFileSync(manifest, text.slice(0, 100))
      await refused(id, { code: 'ALUDEL_RESTORE', message: expect.stringMatching(/cannot be read/) as string })
      writeFileSync(
        manifest,
        text.replace(`"dialect": "${dialect}"`, `"dialect": "${dialect === 'sqlite' ? 'postgres' : 'sqlite'}"`),
      )
      await refused(id, { code: 'ALUDEL_RESTORE', message: expect.stringMatching(/and this one is/) as string })
    })

    test('a backup that has other rows than its manifest', async () => {
      const { id } = await create()
      await insertDan()
      const manifest = backupsOf(project, `${id}.json`)
      writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/("name": "authors",\s*"rows": )3/, '$17'))
      await refused(id, {
        code: 'ALUDEL_RESTORE',
        message: expect.stringMatching(/authors (?:has )?3 rows|3 rows of public.authors instead of 7/) as string,
      })
    })

    test('a file that is no database, and one of another kind', async () => {
      await insertDan()
      const file = path.join(project.directory, 'other')
      for (const content of ['', 'SELECT 1;\n', 'SQLite format 3\0 and then nothing', 'PGDMP and then nothing']) {
        writeFileSync(file, content)
        await refused(undefined, { code: 'ALUDEL_RESTORE' }, { file })
      }
      expect(existsSync(file)).toBe(true)
    })
  })
})

/** The server needs a moment to notice that the sessions of a closed pool are gone. */
async function dropDatabase(name: string): Promise<void> {
  await queryPostgres(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`)
}
