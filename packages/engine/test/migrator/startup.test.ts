import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { DataSource } from 'typeorm'

import { writePgPrograms } from '../../../../tools/testing/pg-programs'
import { initializeDatabase } from '../../src/initialize-database'
import type { RunEvent } from '../../src/project/events'
import { dialectNames, tableNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'

describe.each(dialectNames)('initialize on %s', (dialect) => {
  const authors = entity('authors', { id, name: text(50) })
  const grown = entity('authors', { id, name: text(50), age: { type: 'int', nullable: true } })
  let project: TestProject
  type Files = Readonly<Record<string, string>>
  /** `create` writes the revisions once, and each test gets their files. */
  let written: Files | undefined

  beforeEach(async () => {
    project = await openProject(dialect)
    if (written !== undefined) return project.write(written)
    await project.migrator([authors]).create('first', { revisionId: 'aaaaaaaaaaaa' })
    await project.migrator([grown]).create('age', { revisionId: 'bbbbbbbbbbbb' })
    written = await project.files()
  })

  afterEach(() => project.remove())

  const start = (more: object = {}) => project.migrator([grown]).initialize(more)

  test('runs all revisions on a fresh database, and none the second time', async () => {
    expect(await start()).toMatchObject({
      action: 'upgraded',
      applied: ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'],
      to: ['bbbbbbbbbbbb'],
      warnings: [],
    })
    expect(await start()).toMatchObject({ action: 'none', applied: [], upToDate: true })
  })

  test('sends at most two queries when nothing is pending', async () => {
    await start()
    const queries: string[] = []
    const dataSource = project.dataSource([grown], {
      logging: ['query'],
      logger: {
        logQuery: (query: string) => queries.push(query),
        logQueryError: () => undefined,
        logQuerySlow: () => undefined,
        logSchemaBuild: () => undefined,
        logMigration: () => undefined,
        log: () => undefined,
      },
    })
    await dataSource.initialize()
    queries.length = 0
    await initializeDatabase({ dataSource, revisions: project.revisions, root: project.directory })
    expect(queries.length).toBeGreaterThan(0)
    expect(queries.length).toBeLessThanOrEqual(2)
    expect(dataSource.isInitialized).toBe(true)
    await dataSource.destroy()
  })

  test.each([
    ['the newest revision', [grown], 'bbbbbbbbbbbb', []],
    ['an older revision', [authors], 'aaaaaaaaaaaa', ['bbbbbbbbbbbb']],
  ])('stamps synchronized tables that match %s, and runs the rest', async (_what, entities, _stamped, applied) => {
    const made = await project.database.connect({ entities })
    await made.synchronize()
    expect(await start()).toMatchObject({ action: 'stamped', applied, to: ['bbbbbbbbbbbb'] })
    expect((await project.migrator([grown]).check({ database: true })).database).toMatchObject({
      clean: true,
      operations: [],
    })
  })

  test('refuses tables that match no revision, and changes nothing', async () => {
    await project.database.rows('CREATE TABLE "authors" ("id" int PRIMARY KEY, "name" varchar(7))')
    await expect(start()).rejects.toMatchObject({ code: 'ALUDEL_SCHEMA_MISMATCH', kind: 'refused' })
    // TypeORM 0.3 throws the driver's own error, which is not an `Error` of the test's realm, so `toThrow` would not match it.
    await expect(project.database.rows('SELECT * FROM "migrations"')).rejects.toHaveProperty('message')
    expect(await tableNames(project.database)).toEqual(['authors'])
  })

  test('warns and changes nothing with migrate: false', async () => {
    const result = await start({ migrate: false })
    expect(result).toMatchObject({ action: 'outdated', upToDate: false })
    expect(result.warnings.join()).toMatch(/^Database not up to date.*bbbbbbbbbbbb.*aludel migrate upgrade/)
    expect(await tableNames(project.database)).toEqual([])
  })

  describe('before a revision that loses data', () => {
    const backups = (): string => path.join(project.directory, 'backups')
    const files = async (): Promise<string[]> =>
      (await readdir(backups()).catch(() => [])).filter((name) => !/^\.gitignore$|\.json$/.test(name))
    const told: RunEvent[] = []
    const listener = (event: RunEvent): unknown => told.push(event)
    const pathBefore = process.env['PATH']
    let forgetful: Files | undefined
    beforeEach(async () => {
      process.env['PATH'] = await writePgPrograms(project.directory)
      await start()
      await project.database.rows(`INSERT INTO "authors" ("id", "name", "age") VALUES (1, 'Ann', 50)`)
      told.length = 0
      if (forgetful !== undefined) return project.write(forgetful)
      await project.migrator([authors]).create('forget ages', {
        revisionId: 'cccccccccccc',
        confirm: () => Promise.resolve(true),
      })
      forgetful = await project.files()
    })
    afterEach(() => {
      process.env['PATH'] = pathBefore
    })
    const messages = (type: 'progress' | 'warning'): string[] =>
      told.flatMap((event) => (event.type === type ? [event.message] : []))

    test('makes a backup', async () => {
      const result = await project.migrator([authors]).initialize({ listener })
      expect(result).toMatchObject({ action: 'upgraded', applied: ['cccccccccccc'], warnings: [] })
      const made = await files()
      expect(made).toEqual([expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{4}\.(?:db|dump)$/)])
      expect(messages('progress')).toContain(`backed up to ${path.join(backups(), made.join())}`)
    })

    if (dialect === 'postgres') {
      test('copies the table, and warns, if no pg_dump fits the server', async () => {
        const newer = newerServer(project.dataSource([authors]))
        const migrator = project.migrator([authors], { dataSource: newer })
        const result = await migrator.initialize({ listener })
        expect(result).toMatchObject({ action: 'upgraded', applied: ['cccccccccccc'] })
        expect(result.warnings).toEqual([
          'only public.authors was backed up: pg_dump is version 99, but the server is version 999',
        ])
        expect(messages('warning')).toEqual(result.warnings)
        const made = await files()
        expect(made).toEqual([expect.stringMatching(/\.tables$/)])
        const rows = await readFile(path.join(backups(), made.join(), '1.copy'), 'utf8')
        expect(rows.trimEnd().split('\t')).toEqual(expect.arrayContaining(['1', 'Ann', '50']))
      })
    }

    test('makes no backup with backup: never', async () => {
      await project.migrator([authors]).initialize({ backup: 'never' })
      expect(await files()).toEqual([])
    })

    test('changes nothing when the backup fails', async () => {
      await writeFile(backups(), 'a file where the folder should be')
      await expect(project.migrator([authors]).initialize({ listener })).rejects.toMatchObject({
        code: 'ALUDEL_BACKUP',
        help: expect.stringContaining('Nothing was changed') as string,
      })
      expect(await project.database.rows('SELECT "age" FROM "authors"')).toEqual([{ age: 50 }])
    })
  })

  describe('when a revision fails', () => {
    beforeEach(async () => {
      await mkdir(project.revisions, { recursive: true })
      await writeFile(
        path.join(project.revisions, '1999999999999-broken.js'),
        `exports.Broken1999999999999 = class Broken1999999999999 {
          async up(queryRunner) { await queryRunner.query('SELECT * FROM "no_such_table"') }
          async down() {}
        }`,
      )
    })

    test('throws the original error', async () => {
      await expect(start()).rejects.toMatchObject({
        code: 'ALUDEL_STATEMENT',
        message: expect.stringContaining('no_such_table') as string,
      })
    })

    test('fills an empty database from the entities with fallback: create, and stamps the heads', async () => {
      const result = await start({ fallback: 'create' })
      expect(result).toMatchObject({ action: 'created', upToDate: true })
      expect(await tableNames(project.database)).toEqual(['authors'])
      expect(await start()).toMatchObject({ action: 'none' })
    })

    test('does not fall back if a revision is already applied', async () => {
      await project.migrator([grown]).upgrade('aaaaaaaaaaaa')
      await expect(start({ fallback: 'create' })).rejects.toMatchObject({ code: 'ALUDEL_STATEMENT' })
      expect((await project.migrator([grown]).current()).current).toEqual(['bbbbbbbbbbbb'])
    })
  })

  test('warns about an applied revision without a file', async () => {
    await start()
    await project.database.rows(
      `INSERT INTO "migrations" ("timestamp", "name") VALUES (1999999999998, 'FromTheFuture1999999999998')`,
    )
    const result = await start()
    expect(result.action).toBe('none')
    expect(result.warnings.join()).toContain('FromTheFuture1999999999998')
  })
})

/** A DataSource whose server is newer than every `pg_dump` that a machine may have. */
function newerServer(dataSource: DataSource): DataSource {
  const create = dataSource.createQueryRunner.bind(dataSource)
  dataSource.createQueryRunner = (mode) => {
    const runner = create(mode)
    const query = runner.query.bind(runner)
    runner.query = (sql: string, ...rest: []) =>
      query(sql.replace(`current_setting('server_version_num')::integer / 10000`, '999'), ...rest) as Promise<never>
    return runner
  }
  return dataSource
}
