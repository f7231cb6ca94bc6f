import { copyFile, readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm'

import { queryPostgres, sqliteOptions } from '../../../../tools/testing/databases'
import { serve } from '../../../../tools/testing/serve'
import { canMount, SmallDisk } from '../../../../tools/testing/small-disk'
import { type EmbeddedServer, startEmbedded } from '../../src/dialect/postgres/embedded'
import { History } from '../../src/history/history'
import { batched } from '../../src/migration'
import type { Migrator } from '../../src/migrator'
import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { dialectOf, openDatabase, tableNames, type TestDatabase } from '../run/databases'
import { appliedMessages, rejection, revision, run, type TestRevision } from '../run/revisions'

/** Row 18 of the fault plan: a full disk under the database, under its temporary files, under the backup. */

/** Twelve rows of ten kilobytes. */
const rowsOf = (table: string): string =>
  `INSERT INTO "${table}" ("n", "s") WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 12) ` +
  `SELECT i, '${'x'.repeat(10_000)}' FROM r`
const columns = '("n" integer NOT NULL PRIMARY KEY, "s" text NOT NULL)'

describe('upgrade of a SQLite database with a page limit', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase('sqlite')
    await database.rows(`CREATE TABLE "old" ${columns}`)
    await database.rows(rowsOf('old'))
    await database.rows('CREATE TABLE "child" ("old" integer NOT NULL REFERENCES "old" ("n") ON DELETE CASCADE)')
    await database.rows('INSERT INTO "child" SELECT "n" FROM "old"')
    await run(database, [])
  })
  afterEach(() => database.drop())

  const pages = async (): Promise<number> => Number((await database.rows('PRAGMA page_count'))[0]?.['page_count'])
  const allow = (count: number): Promise<unknown> =>
    database.queryRunner.query(`PRAGMA max_page_count = ${String(count)}`)
  const state = async () => ({
    applied: await appliedMessages(database, all),
    tables: await tableNames(database),
    rows: await database.rows('SELECT count(*) AS "n", sum(length("s")) AS "size" FROM "old"'),
    children: await database.rows('SELECT count(*) AS "n" FROM "child"'),
    keys: await database.rows('PRAGMA foreign_keys'),
    broken: await database.rows('PRAGMA foreign_key_check'),
  })

  /** One revision fills a table, another rebuilds one as SQLite requires. */
  const bodies: readonly (readonly [message: string, up: readonly string[]])[] = [
    ['fill', [`CREATE TABLE "new" ${columns}`, rowsOf('new'), 'CREATE INDEX "ix" ON "new" ("s")']],
    [
      'remake',
      [
        `CREATE TABLE "temporary_old" ${columns}`,
        'INSERT INTO "temporary_old" SELECT "n", "s" FROM "old"',
        'DROP TABLE "old"',
        'ALTER TABLE "temporary_old" RENAME TO "old"',
      ],
    ],
  ]
  const all: readonly TestRevision[] = bodies.map(([message, up], index) =>
    revision(message, up, [], { number: 500 + index }),
  )

  test.each(['each', 'all'] as const)(
    'rolls back the revision that runs out of pages, and succeeds with enough (mode %s)',
    async (mode) => {
      const before = await pages()
      let failures = 0
      for (let more = 0; ; more += 3) {
        await allow(before + more)
        const earlier = await state()
        const error: unknown = await run(database, all, { mode }).catch((caught: unknown) => caught)
        if (!(error instanceof Error)) break
        failures += 1
        expect(error).toMatchObject({ message: expect.stringContaining('database or disk is full') as string })
        // Finished transactions stay; nothing remains of the one that ran out of pages.
        const found = await state()
        expect(found).toEqual({ ...earlier, applied: found.applied, tables: found.tables })
        expect(found.tables).toEqual(found.applied.includes('fill') ? ['child', 'new', 'old'] : ['child', 'old'])
        if (mode === 'all') expect(found.applied).toEqual([])
      }
      expect(failures).toBeGreaterThan(10)
      const done = await state()
      expect(done.applied).toEqual(['fill', 'remake'])
      expect(done).toMatchObject({ rows: [{ n: 12, size: 120_000 }], children: [{ n: 12 }], broken: [] })
    },
  )

  test('resumes a non-transactional revision at the statement that ran out of pages', async () => {
    const one = [revision('outside', bodies[0]?.[1] ?? [], [], { transaction: false, number: 510 })]
    const before = await pages()
    const kept = new Set<unknown>()
    for (let more = 0; ; more += 3) {
      await allow(before + more)
      const error: unknown = await run(database, one).catch((caught: unknown) => caught)
      if (!(error instanceof Error)) break
      expect(error.message).toContain('database or disk is full')
      kept.add((error as { details?: { kept?: unknown } }).details?.kept)
    }
    expect([...kept]).toEqual(expect.arrayContaining([0, 1, 2]))
    expect(await appliedMessages(database, one)).toEqual(['outside'])
    expect(await database.rows('SELECT count(*) AS "n" FROM "new"')).toEqual([{ n: 12 }])
  })

  test('stops a revision that swallows the error, as SQLite has ended the transaction', async () => {
    const swallows = revision('swallow', async (queryRunner: QueryRunner) => {
      await queryRunner.query('CREATE TABLE "first" ("n" integer)')
      await queryRunner.query(`CREATE TABLE "new" ${columns}`)
      // For a single row SQLite keeps no statement journal: it rolls back the whole transaction.
      await queryRunner.query('INSERT INTO "new" VALUES (1, hex(zeroblob(100000)))').catch(() => undefined)
      await queryRunner.query('CREATE TABLE "last" ("n" integer)')
    })
    await allow((await pages()) + 10)
    const error = await rejection(run(database, [swallows]))
    expect(error).toMatchObject({ message: expect.stringContaining('database or disk is full') as string })
    expect(await tableNames(database)).toEqual(['child', 'old'])
    expect(await appliedMessages(database, [swallows])).toEqual([])
  })

  test('resumes a batched backfill at the batch that ran out of pages', async () => {
    await database.rows(`ALTER TABLE "old" ADD COLUMN "t" text`)
    const one = revision(
      'backfill',
      (queryRunner) =>
        batched(queryRunner, { table: 'old', key: 'n', size: 3, update: { t: 'coalesce("t", \'\') || "s"' } }),
      [],
      { transaction: false, number: 520 },
    )
    const before = await pages()
    let failures = 0
    for (let more = 0; ; more += 5) {
      await allow(before + more)
      const error: unknown = await run(database, [one]).catch((caught: unknown) => caught)
      if (!(error instanceof Error)) break
      failures += 1
      expect(error.message).toContain('database or disk is full')
    }
    expect(failures).toBeGreaterThan(5)
    expect(await database.rows('SELECT count(*) AS "n" FROM "old" WHERE "t" = "s"')).toEqual([{ n: 12 }])
    expect(await database.rows('SELECT * FROM "aludel_batches"')).toEqual([])
  })
})

/** Where no disk can be mounted, only the tests above run. */
const onSmallDisk = canMount ? describe : describe.skip

onSmallDisk('upgrade of SQLite on a full disk (needs permission to mount)', () => {
  const authors = entity('authors', { id, name: text(50) })
  const longer = entity('authors', { id, name: text(60) })
  const gone = entity('authors', { id })
  const [first, longerNames, nameless] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb', 'cccccccccccc'] as const
  let disk: SmallDisk
  let project: TestProject
  let file: string
  beforeAll(async () => {
    disk = await SmallDisk.mount(8)
    file = path.join(disk.folder, 'app.db')
    project = await openProject('sqlite')
    await project.migrator([authors]).create('first', { revisionId: first })
    await project.migrator([longer]).create('longer names', { revisionId: longerNames })
    await project.migrator([gone]).create('nameless', {
      revisionId: nameless,
      confirm: () => Promise.resolve(true),
    })
    await migrator().upgrade(first)
    await rows(
      `INSERT INTO "authors" WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 60000)
       SELECT i, 'somebody with a long name ' || i FROM r`,
    )
  })
  afterAll(async () => {
    await project.remove()
    await disk.unmount()
  })
  afterEach(() => disk.clear())
  const migrator = (): Migrator => project.migrator([gone], { dataSource: new DataSource(sqliteOptions(file)) })
  const rows = async (sql: string): Promise<unknown> => {
    const dataSource = await new DataSource(sqliteOptions(file)).initialize()
    try {
      return await dataSource.query(sql)
    } finally {
      await dataSource.destroy()
    }
  }

  test('refuses to start when there is almost no space left', async () => {
    await disk.fill(500)
    const before = await readdir(disk.folder)
    expect(await rejection(migrator().upgrade(longerNames, { backup: 'never' }))).toMatchObject({
      code: 'ALUDEL_DISK_SPACE',
      help: expect.stringContaining('Nothing was changed') as string,
    })
    expect(await readdir(disk.folder)).toEqual(before)
  })

  test('leaves a table unchanged when its rebuild runs out of space', async () => {
    await disk.fill(1500)
    const content = () =>
      rows('SELECT count(*) AS "n", sum("id") AS "sum", max(length("name")) AS "longest" FROM "authors"')
    const before = await content()
    const error = await rejection(migrator().upgrade(longerNames, { backup: 'never' }))
    expect(error).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringMatching(
        /longer names.* failed at (?:COMMIT|statement \d+).*database or disk is full/,
      ) as string,
      help: expect.stringContaining('Nothing of this revision remains') as string,
    })
    expect(await content()).toEqual(before)
    expect(await rows(`SELECT name FROM sqlite_master WHERE name LIKE '%temporary%' OR name LIKE '%new%'`)).toEqual([])
    expect(await rows('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
    // Neither this failure nor the refusal before it blocks the next run.
    await disk.clear()
    expect((await migrator().upgrade(longerNames, { backup: 'never' })).steps).toHaveLength(1)
    expect(await content()).toEqual(before)
  })

  test('runs nothing and writes nothing when there is no space for the backup', async () => {
    const onDisk = await SmallDisk.mount(1)
    const kept = path.join(project.directory, 'kept.db')
    try {
      await migrator().upgrade(longerNames, { backup: 'never' })
      await copyFile(file, kept)
      const backupDirectory = path.join(onDisk.folder, 'backups')
      for (const backup of ['always', 'auto'] as const) {
        expect(await rejection(migrator().upgrade('head', { backup, backupDirectory }))).toMatchObject({
          code: 'ALUDEL_BACKUP',
          message: expect.stringMatching(
            /has too little space for a backup: .* are free, and about .* are needed/,
          ) as string,
          details: {
            directory: backupDirectory,
            free: expect.any(Number) as number,
            needed: expect.any(Number) as number,
          },
        })
        expect(await readdir(backupDirectory)).toEqual(['.gitignore'])
        expect(await rows('SELECT count("name") AS "n" FROM "authors"')).toEqual([{ n: 60_000 }])
        const { backup: made } = await migrator().upgrade('head', { backup })
        expect((await stat(made?.path ?? '')).size).toBeGreaterThan(1_000_000)
        await copyFile(kept, file)
      }
    } finally {
      await onDisk.unmount()
    }
  })
})

onSmallDisk('upgrade of PostgreSQL on a full disk (needs permission to mount)', () => {
  let disk: SmallDisk
  let database: TestDatabase
  let tablespace: string
  beforeAll(async () => {
    disk = await SmallDisk.mount(24)
    const [row] = await queryPostgres('SHOW data_directory')
    // The server may run under another account, with private files.
    const { uid, gid } = await stat(String(row?.['data_directory']))
    await disk.give(uid, gid)
    tablespace = `small_${path.basename(disk.folder).replaceAll(/[^a-zA-Z0-9]/g, '_')}`
    await queryPostgres(`CREATE TABLESPACE "${tablespace}" LOCATION '${disk.folder}'`)
  })
  afterAll(async () => {
    await queryPostgres(`DROP TABLESPACE "${tablespace}"`)
    await disk.unmount()
  })
  beforeEach(async () => {
    database = await openDatabase('postgres')
  })
  afterEach(async () => {
    await database.drop()
    await disk.clear()
  })
  /** A session that stores its tables, or its temporary files, on the small disk. */
  const onDisk = async (setting: 'default_tablespace' | 'temp_tablespaces') => {
    const name = new URL(database.address).pathname.slice(1)
    await queryPostgres(`ALTER DATABASE "${name}" SET ${setting} = '${tablespace}'`)
    const dataSource = await database.connect({ poolSize: 2 } as object)
    return { ...database, dataSource, queryRunner: dataSource.createQueryRunner() }
  }
  const insert = `INSERT INTO "t" SELECT i, repeat(md5(i::text), 40) FROM generate_series(1, 2000) AS i`

  test.each(['each', 'all'] as const)(
    'rolls back the revision when its tables run out of space (mode %s)',
    async (mode) => {
      const session = await onDisk('default_tablespace')
      const all = [
        revision('make', ['CREATE TABLE "t" ("n" integer, "s" text)', 'CREATE TABLE "other" ("n" integer)'], [], {
          number: 530,
        }),
        revision('fill', ['INSERT INTO "other" VALUES (1)', insert], [], { number: 531 }),
      ]
      await run(session, all.slice(0, 1), { mode })
      await disk.fill(1000)
      expect(await rejection(run(session, all, { mode }))).toMatchObject({
        code: 'ALUDEL_STATEMENT',
        message: expect.stringMatching(
          /could not extend file .*: No space left on device.*HINT: Check free disk space/,
        ) as string,
        details: { kept: 0 },
      })
      expect(await appliedMessages(database, all)).toEqual(['make'])
      expect(
        await database.rows(
          'SELECT (SELECT count(*) FROM "t")::int AS t, (SELECT count(*) FROM "other")::int AS other',
        ),
      ).toEqual([{ t: 0, other: 0 }])
      await disk.clear()
      expect((await run(session, all, { mode })).outcome.steps).toHaveLength(1)
      expect(await database.rows('SELECT count(*)::int AS t FROM "t"')).toEqual([{ t: 2000 }])
      await session.queryRunner.release()
    },
  )

  test('resumes a non-transactional revision at the statement that ran out of space', async () => {
    const session = await onDisk('default_tablespace')
    let full = true
    const one = [
      revision(
        'outside',
        async (queryRunner) => {
          await queryRunner.query('CREATE TABLE "t" ("n" integer, "s" text)')
          await queryRunner.query(insert)
          if (full) await disk.fill(0)
          await queryRunner.query('CREATE INDEX CONCURRENTLY "ix" ON "t" ("s")')
          await queryRunner.query('CREATE TABLE "last" ("n" integer)')
        },
        [],
        { transaction: false, number: 540 },
      ),
    ]
    expect(await rejection(run(session, one))).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      message: expect.stringMatching(/at statement 3 .*No space left on device/) as string,
      details: { kept: 2 },
    })
    full = false
    // The remains of the failed build are gone.
    expect(await database.rows(`SELECT relname FROM pg_class WHERE relname = 'ix'`)).toEqual([])
    await disk.clear()
    await run(session, one)
    expect(await database.rows('SELECT count(*)::int AS t FROM "t"')).toEqual([{ t: 2000 }])
    expect(await database.rows(`SELECT indisvalid FROM pg_index WHERE indexrelid = '"ix"'::regclass`)).toEqual([
      { indisvalid: true },
    ])
    expect(await tableNames(database)).toEqual(['last', 't'])
    await session.queryRunner.release()
  })

  test('rolls back the revision when its temporary files run out of space', async () => {
    const session = await onDisk('temp_tablespaces')
    await disk.fill(1000)
    const sorted = `CREATE TABLE "sorted" AS SELECT i FROM generate_series(1, 100000) AS i ORDER BY md5(i::text)`
    const one = [revision('sort', ['CREATE TABLE "first" ("n" integer)', `SET LOCAL work_mem = '64kB'`, sorted])]
    expect(await rejection(run(session, one))).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringMatching(/could not write to (?:temporary )?file .*No space left on device/) as string,
    })
    expect(await tableNames(database)).toEqual([])
    await session.queryRunner.release()
  })
})

/** Ends the server, which may still be stopping or restarting: two servers cannot share a data directory. */
async function endServer(data: string): Promise<void> {
  const pid = Number((await readFile(path.join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0])
  if (!(pid > 0)) return
  for (let signal: NodeJS.Signals | 0 = 'SIGQUIT'; ; signal = 0) {
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    await wait(20)
  }
}

onSmallDisk('upgrade on a PostgreSQL server without space for its WAL (needs permission to mount)', () => {
  let disk: SmallDisk
  let server: EmbeddedServer
  const opened: DataSource[] = []
  beforeEach(async () => {
    disk = await SmallDisk.mount(200)
    // The writing session itself hits the full disk, not the WAL writer process of the server.
    server = await startEmbedded({ synchronous_commit: 'on', wal_writer_delay: '10s' }, { inside: disk.folder })
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.destroy()
    await server.close()
    await disk.unmount()
  })
  const session = async (port: number) => {
    const { host, username, password, database } = server
    const dataSource = new DataSource({
      ...{ type: 'postgres', host, port, username, password, database },
      poolErrorHandler: () => undefined,
    } as DataSourceOptions)
    opened.push(await dataSource.initialize())
    return { dialect: dialectOf('postgres'), dataSource, queryRunner: dataSource.createQueryRunner() }
  }

  test('leaves no trace of a revision when the server stops, and succeeds after a restart', async () => {
    const one = revision('much', [
      'CREATE TABLE "first" ("n" integer)',
      `SELECT count(pg_logical_emit_message(true, 'x', repeat('x', 1000000))) FROM generate_series(1, 60)`,
      'CREATE TABLE "last" ("n" integer)',
    ])
    const before = await session(server.port)
    const [folder] = await before.dataSource.query<{ data_directory: string }[]>('SHOW data_directory')
    await disk.fill(4000)
    expect(await rejection(run(before, [one]))).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringMatching(
        /at statement 2 .*could not write to file "pg_wal.*No space left on device/,
      ) as string,
    })
    const data = folder?.data_directory ?? ''
    await endServer(data)
    await disk.clear()
    const again = await serve(data)
    try {
      const after = await session(again.port)
      const tables = () =>
        after.dataSource.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)
      const recorded = await History.of(after.dialect, after.dataSource).read(after.queryRunner)
      expect(recorded).toEqual([])
      expect(await tables()).not.toContainEqual({ tablename: 'first' })
      expect((await run(after, [one])).outcome.steps).toHaveLength(1)
      expect(await tables()).toEqual(expect.arrayContaining([{ tablename: 'first' }, { tablename: 'last' }]))
      for (const each of opened.splice(0)) await each.destroy()
    } finally {
      await again.close()
    }
  })
})
