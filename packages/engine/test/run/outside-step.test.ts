import { History } from '../../src/history/history'
import { dialectNames, openDatabase, tableNames, type TestDatabase } from './databases'
import { appliedMessages, edited, rejection, revision, run, type TestRevision } from './revisions'

const create = (table: string): string => `CREATE TABLE "${table}" ("n" integer)`

describe.each(dialectNames)('a non-transactional revision on %s', (name) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase(name)
  })
  afterEach(async () => {
    await database.drop()
  })
  const journal = () => History.of(database.dialect, database.dataSource).readJournal(database.dataSource)
  const outside = (message: string, up: Parameters<typeof revision>[1], down: Parameters<typeof revision>[1] = []) =>
    revision(message, up, down, { transaction: false })

  test('runs outside a transaction', async () => {
    const only = outside(
      'only outside',
      name === 'postgres' ? [create('a'), `CREATE INDEX CONCURRENTLY "i" ON "a" ("n")`] : [create('a'), 'VACUUM'],
    )
    const { outcome } = await run(database, [only])
    expect(outcome.steps).toMatchObject([{ revision: only.revision.id, statements: 2 }])
    expect(await appliedMessages(database, [only])).toEqual(['only outside'])
    expect(await journal()).toMatchObject([{ revision: only.revision.id, outcome: 'done', statement: 2 }])
  })

  test('is recognized by its instance when its file does not declare it', async () => {
    const dynamic = outside('dynamic', [create('a'), 'nonsense'])
    const { transaction: _transaction, ...silent } = dynamic.revision
    const all: TestRevision[] = [{ revision: silent, migration: dynamic.migration }]
    expect(await rejection(run(database, all))).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY' })
  })

  test('reports the failed and the kept statements, and resumes after the kept ones', async () => {
    const half = outside('half', [
      create('a'),
      `INSERT INTO "a" VALUES (1)`,
      `INSERT INTO "late" VALUES (1)`,
      create('b'),
    ])
    const error = await rejection(run(database, [half]))
    expect(error).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      kind: 'halfway',
      message: expect.stringMatching(/failed at statement 3 \(INSERT INTO "late" VALUES \(1\)\): .*late/),
      help: expect.stringMatching(
        /^Statements 1 to 2 of this revision stay executed; the revision does not count as applied\.\nTo resume, remove the cause and run the same command again: it resumes with statement 3\./,
      ),
      details: { statement: 3, kept: 2 },
    })
    expect(await tableNames(database)).toEqual(['a'])
    expect(await appliedMessages(database, [half])).toEqual([])
    expect(await journal()).toMatchObject([{ outcome: 'failed', statement: 2, error: (error as Error).message }])

    // It fails again in the same place, and executes nothing twice.
    expect(await rejection(run(database, [half]))).toMatchObject({ details: { statement: 3, kept: 2 } })
    expect(await database.rows(`SELECT * FROM "a"`)).toHaveLength(1)

    await database.rows(create('late'))
    const { events, outcome } = await run(database, [half])
    expect(outcome.steps).toHaveLength(1)
    expect(events).toContainEqual({
      type: 'progress',
      message: `${half.revision.id} (half): resuming after statement 2`,
    })
    expect(events.flatMap((event) => (event.type === 'statement' ? [event.statement] : []))).toEqual([3, 4])
    expect(await tableNames(database)).toEqual(['a', 'b', 'late'])
    expect(await database.rows(`SELECT * FROM "a"`)).toHaveLength(1)
    expect(await appliedMessages(database, [half])).toEqual(['half'])
    expect((await journal()).map((row) => [row.outcome, row.statement])).toEqual([
      ['done', 4],
      ['failed', 2],
      ['failed', 2],
    ])
  })

  test('is not half-applied when its first statement fails', async () => {
    const bad = outside('bad', ['nonsense'])
    expect(await rejection(run(database, [bad]))).toMatchObject({ code: 'ALUDEL_STATEMENT', details: { kept: 0 } })
    await run(database, [edited(bad, [create('a')])])
    expect(await tableNames(database)).toEqual(['a'])
  })

  test('can be edited from the failed statement on, but not before it', async () => {
    const half = outside('half', [create('a'), create('b'), 'nonsense'])
    await rejection(run(database, [half]))
    const refused = {
      code: 'ALUDEL_STATEMENT_HALFWAY',
      message: expect.stringMatching(/was edited in statements 1 to 2, which an earlier run has executed/),
    }
    expect(await rejection(run(database, [edited(half, [create('a'), create('c'), create('d')])]))).toMatchObject(
      refused,
    )
    expect(await rejection(run(database, [edited(half, [create('a')])]))).toMatchObject(refused)
    expect(await tableNames(database)).toEqual(['a', 'b'])
    await run(database, [edited(half, [create('a'), create('b'), create('d')])])
    expect(await tableNames(database)).toEqual(['a', 'b', 'd'])
  })

  test('repeats its reads when it is resumed, so that its code gets the same rows', async () => {
    let fails = true
    const reads = outside('reads', async (queryRunner) => {
      await queryRunner.query(create('a'))
      await queryRunner.query(`INSERT INTO "a" VALUES (7)`)
      const [row] = (await queryRunner.query(`SELECT "n" FROM "a"`)) as { n: number }[]
      await queryRunner.query(`INSERT INTO "a" VALUES (${String((row?.n ?? 0) + 1)})`)
      if (fails) await queryRunner.query('nonsense')
    })
    await rejection(run(database, [reads]))
    fails = false
    await run(database, [reads])
    expect(await database.rows(`SELECT "n" FROM "a" ORDER BY "n"`)).toEqual([{ n: 7 }, { n: 8 }])
  })

  test('is not resumed when it needs rows that only the first execution returned', async () => {
    let fails = true
    const returns = outside('returns', async (queryRunner) => {
      await queryRunner.query(create('a'))
      const rows = (await queryRunner.query(`INSERT INTO "a" VALUES (7) RETURNING "n"`)) as { n: number }[]
      if (fails) await queryRunner.query('nonsense')
      await queryRunner.query(`INSERT INTO "a" VALUES (${String(rows[0]?.n)})`)
    })
    await rejection(run(database, [returns]))
    fails = false
    expect(await rejection(run(database, [returns]))).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      message: expect.stringMatching(
        /statement 2 was executed by an earlier run, and the rows it returned are not available/,
      ),
    })
    expect(await database.rows(`SELECT "n" FROM "a"`)).toHaveLength(1)
  })

  if (name === 'postgres')
    test('does not repeat a SELECT of a function that may write, and is resumed if its rows are not used', async () => {
      let fails = true
      await database.rows('CREATE TABLE "filled" ("n" integer)')
      await database.rows('CREATE FUNCTION fill() RETURNS void LANGUAGE sql AS $$ INSERT INTO "filled" VALUES (1) $$')
      const calls = outside('calls', async (queryRunner) => {
        await queryRunner.query('SELECT fill()')
        if (fails) await queryRunner.query('nonsense')
      })
      await rejection(run(database, [calls]))
      fails = false
      await run(database, [calls])
      expect(await database.rows('SELECT * FROM "filled"')).toHaveLength(1)
      expect(await appliedMessages(database, [calls])).toEqual(['calls'])
    })

  test('does not count statements that its own transaction rolled back as executed', async () => {
    const own = (last: string) => async (queryRunner: Parameters<TestRevision['migration']['up']>[0]) => {
      await queryRunner.query(create('a'))
      await queryRunner.startTransaction()
      await queryRunner.query(create('b'))
      await queryRunner.query(last)
      await queryRunner.commitTransaction()
      await queryRunner.query(create('d'))
    }
    const half = outside('own', own('nonsense'))
    expect(await rejection(run(database, [half]))).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      details: { statement: 4, kept: 1 },
    })
    expect(database.queryRunner.isTransactionActive).toBe(false)
    expect(await tableNames(database)).toEqual(['a'])
    await run(database, [edited(half, own(create('c')))])
    expect(await tableNames(database)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('is refused after a statement of unknown effect until its journal row is updated', async () => {
    const cut = outside('cut', [create('a'), `INSERT INTO "a" VALUES (1)`, create('b')])
    for (const [answer, rows] of [
      ['If it did not', 1],
      ['If it did', 0],
    ] as const) {
      await rejection(run(database, [edited(cut, [create('a'), 'nonsense'])]))
      // A row of an older version, which did not record the statement that it started.
      await database.rows(
        `UPDATE "aludel_journal" SET "outcome" = 'running', "error" = NULL, "progress" = substr("progress", 1, 64)`,
      )
      const error = await rejection(run(database, [cut]))
      expect(error).toMatchObject({
        code: 'ALUDEL_STATEMENT_HALFWAY',
        message: expect.stringMatching(
          /was cut off at statement 2 \(INSERT INTO "a" VALUES \(1\)\) by the end/,
        ) as string,
        details: { kept: 1 },
      })
      // It is refused again until the row is updated.
      const again = await rejection(run(database, [cut]))
      expect(again).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY' })
      await database.rows(new RegExp(`${answer}: {2}(UPDATE .*)`).exec((again as { help: string }).help)?.[1] ?? '')
      await run(database, [cut])
      expect(await tableNames(database)).toEqual(['a', 'b'])
      expect(await database.rows('SELECT * FROM "a"')).toHaveLength(rows)
      for (const table of ['a', 'b']) await database.rows(`DROP TABLE "${table}"`)
      await database.rows('DELETE FROM "migrations"')
      await database.rows('DELETE FROM "aludel_journal"')
    }
  })

  test('records in the journal when a statement begins and when it is done', async () => {
    const seen: unknown[] = []
    const other = await database.connect()
    const row = 'SELECT "statement", "outcome", "progress" FROM "aludel_journal"'
    const look = () => other.query(row) as Promise<{ progress: string }[]>
    const only = outside('only', async (queryRunner) => {
      await queryRunner.query(create('a'))
      seen.push(...(await look()))
      // This statement reads what was recorded before it.
      await queryRunner.query(`CREATE TABLE "seen" AS ${row}`)
      seen.push(...(await look()))
    })
    await run(database, [only])
    const running = (statement: number, progress: RegExp) => ({
      statement,
      outcome: 'running',
      progress: expect.stringMatching(progress) as string,
    })
    expect(seen).toEqual([running(1, /^[0-9a-f]{64} idle$/), running(2, /^[0-9a-f]{64} idle$/)])
    expect(await database.rows('SELECT * FROM "seen"')).toEqual([running(1, /^[0-9a-f]{64} with [0-9a-f]{64}$/)])
  })

  test('keeps the order of statements that are not awaited one by one', async () => {
    const only = outside('beside', async (queryRunner) => {
      await queryRunner.query(create('a'))
      await Promise.all([1, 2, 3].map((n) => queryRunner.query(`INSERT INTO "a" VALUES (${String(n)})`)))
    })
    await run(database, [only])
    expect(await database.rows('SELECT "n" FROM "a"')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(await journal()).toMatchObject([{ outcome: 'done', statement: 4 }])
  })

  test('keeps executed statements when it is interrupted, and resumes in the next run', async () => {
    const controller = new AbortController()
    const half = outside('half', async (queryRunner) => {
      await queryRunner.query(create('a'))
      controller.abort()
      await queryRunner.query(create('b'))
    })
    expect(await rejection(run(database, [half], { signal: controller.signal }))).toMatchObject({
      code: 'ALUDEL_INTERRUPTED',
      message: `interrupted in revision ${half.revision.id} (half) after statement 1`,
      help: expect.stringMatching(/^Statement 1 of this revision stays executed/),
      details: { kept: 1 },
    })
    await run(database, [half])
    expect(await tableNames(database)).toEqual(['a', 'b'])
  })

  test('resumes a failed downgrade, and starts from the beginning when applied again', async () => {
    const down = outside('down', [create('a'), create('b')], [`DROP TABLE "a"`, 'nonsense', `DROP TABLE "b"`])
    await run(database, [down])
    expect(await rejection(run(database, [down], { direction: 'downgrade' }))).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      help: expect.stringMatching(/does not count as undone/),
    })
    expect(await appliedMessages(database, [down])).toEqual(['down'])
    const mended: TestRevision = {
      ...down,
      migration: {
        ...down.migration,
        down: async (queryRunner) => {
          for (const table of ['a', 'b']) await queryRunner.query(`DROP TABLE "${table}"`)
        },
      },
    }
    await run(database, [mended], { direction: 'downgrade' })
    expect(await tableNames(database)).toEqual([])
    expect(await appliedMessages(database, [down])).toEqual([])
    // Applied again, it starts from its beginning.
    await run(database, [mended])
    expect(await tableNames(database)).toEqual(['a', 'b'])
  })
})

describe('a savepoint outside a transaction on sqlite', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase('sqlite')
    await database.rows('CREATE TABLE "a" ("n" integer)')
  })
  afterEach(async () => {
    await database.drop()
  })
  const rebuild = [
    'SAVEPOINT "s"',
    'CREATE TABLE "b" ("n" integer)',
    'SAVEPOINT inner',
    'INSERT INTO "a" VALUES (1)',
    'RELEASE inner',
    'INSERT INTO "late" VALUES (1)',
    'RELEASE "S"',
    'INSERT INTO "a" VALUES (3)',
  ]

  test('is rolled back as a whole when it fails, and repeated from its start by the next run', async () => {
    const half = revision('half', ['INSERT INTO "a" VALUES (0)', ...rebuild], [], { transaction: false })
    expect(await rejection(run(database, [half]))).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      details: { statement: 7, kept: 1 },
    })
    // An open savepoint would be a transaction that blocks the other connection.
    const other = await database.connect()
    await other.query('INSERT INTO "a" VALUES (2)')
    expect(await tableNames(database)).toEqual(['a'])

    await database.rows('CREATE TABLE "late" ("n" integer)')
    const { events } = await run(database, [half])
    expect(events.flatMap((event) => (event.type === 'statement' ? [event.statement] : []))).toEqual([
      2, 3, 4, 5, 6, 7, 8, 9,
    ])
    expect(await other.query('SELECT * FROM "a"')).toEqual([{ n: 0 }, { n: 2 }, { n: 1 }, { n: 3 }])
    const journal = await History.of(database.dialect, database.dataSource).readJournal(database.dataSource)
    expect(journal.map((row) => [row.outcome, row.statement])).toEqual([
      ['done', 9],
      ['failed', 1],
    ])
  })

  test('leaves no changes when it is the first statement of a failed revision', async () => {
    const all = [revision('nothing', rebuild, [], { transaction: false })]
    expect(await rejection(run(database, all))).toMatchObject({ code: 'ALUDEL_STATEMENT', details: { kept: 0 } })
    expect(await tableNames(database)).toEqual(['a'])
    expect(await database.rows('SELECT * FROM "a"')).toEqual([])
  })
})
