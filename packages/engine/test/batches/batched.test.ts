import type { QueryRunner } from 'typeorm'

import { batched, type BatchedOptions, type BatchedResult } from '../../src/migration'
import type { RunEvent } from '../../src/project/events'
import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'
import { edited, rejection, revision, run, type TestRevision } from '../run/revisions'

describe.each(dialectNames)('batched on %s', (name) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase(name)
    await database.rows(`CREATE TABLE "t" ("id" integer NOT NULL PRIMARY KEY, "n" integer NOT NULL, "s" varchar(20))`)
    await fill(25)
  })
  afterEach(async () => {
    await database.drop()
  })
  const fill = (rows: number, first = 1): Promise<unknown> =>
    database.rows(
      `INSERT INTO "t" ("id", "n") WITH RECURSIVE r(i) AS (SELECT ${String(first)} UNION ALL SELECT i + 1 FROM r ` +
        `WHERE i < ${String(first + rows - 1)}) SELECT i, 0 FROM r`,
    )
  const outside = (message: string, up: Parameters<typeof revision>[1], down: Parameters<typeof revision>[1] = []) =>
    revision(message, up, down, { transaction: false })
  const counting: BatchedOptions = { table: 't', key: 'id', size: 10, update: { n: '"n" + 1' } }
  const batches = (events: readonly RunEvent[]) => events.flatMap((event) => (event.type === 'batch' ? [event] : []))
  const counts = async (): Promise<unknown[]> =>
    (await database.rows('SELECT "n", count(*) AS "rows" FROM "t" GROUP BY "n" ORDER BY "n"')).map((row) => [
      Number(row['n']),
      Number(row['rows']),
    ])
  const cursors = () => database.rows('SELECT * FROM "aludel_batches"')
  /** Simulates the end of the process: from this batch on, every update of the table fails. */
  const failAt = (batch: number) => {
    const { queryRunner } = database
    const query = queryRunner.query.bind(queryRunner)
    let seen = 0
    const spy = jest.spyOn(queryRunner, 'query').mockImplementation((sql: string, ...rest: unknown[]) => {
      if (sql.startsWith('BEGIN I')) seen += 1
      if (seen >= batch && sql.includes('UPDATE "t"')) return Promise.reject(new Error('the disk is full'))
      return query(sql, ...(rest as [])) as Promise<never>
    })
    return () => {
      spy.mockRestore()
    }
  }

  test('updates each row of a table once in several batches and counts as one statement', async () => {
    let result: BatchedResult | undefined
    const only = outside('count', async (queryRunner) => {
      result = await batched(queryRunner, counting)
    })
    const { outcome, events } = await run(database, [only])
    expect(result).toEqual({ rows: 25, batches: 3, passes: 1 })
    expect(await counts()).toEqual([[1, 25]])
    // All batches count as one statement.
    expect(outcome.steps).toMatchObject([{ statements: 1 }])
    expect(events.filter((event) => event.type === 'statement')).toMatchObject([{ statement: 1, sql: 'batched t' }])
    expect(batches(events).map(({ done, total }) => [done, total])).toEqual([
      [10, 25],
      [20, 25],
      [25, 25],
      [25, 25],
    ])
    // A finished call leaves no cursor, so that a downgrade and another upgrade start from the beginning.
    expect(await cursors()).toEqual([])
  })

  test('repeats its pass until no row meets the condition', async () => {
    await database.rows(`UPDATE "t" SET "s" = 'old' WHERE "id" > 5`)
    let result: BatchedResult | undefined
    const only = outside('condition', async (queryRunner) => {
      result = await batched(queryRunner, {
        table: 't',
        key: ['id'],
        where: name === 'postgres' ? '"s" = $1 -- those' : '"s" = ? -- those',
        parameters: ['old'],
        size: 8,
        update: { s: `'new'`, n: '"n" + 1' },
      })
    })
    await run(database, [only])
    expect(result).toEqual({ rows: 20, batches: 3, passes: 2 })
    expect(await counts()).toEqual([
      [0, 5],
      [1, 20],
    ])
  })

  test('updates a row that is inserted before the cursor only when given a condition', async () => {
    const other = await database.connect()
    const insert = (id: number): Promise<unknown> =>
      other.query(`INSERT INTO "t" ("id", "n") VALUES (${String(id)}, 0)`)
    // Independent of timing: the run continues after the other connection has inserted.
    let inserted: Promise<unknown> = Promise.resolve()
    const query = database.queryRunner.query.bind(database.queryRunner)
    const spy = jest
      .spyOn(database.queryRunner, 'query')
      .mockImplementation(async (sql: string, ...rest: unknown[]) => {
        await inserted
        return query(sql, ...(rest as [])) as Promise<never>
      })
    let next = 0
    const only = (options: Partial<BatchedOptions>) =>
      outside(`inserted ${String(options.where)}`, async (queryRunner) => {
        await batched(queryRunner, { ...counting, ...options })
      })
    const listener = (event: RunEvent): void => {
      if (event.type === 'batch' && event.done === 20) inserted = insert((next -= 1))
    }
    await run(database, [only({ where: '"n" = 0' })], { listener })
    expect(await counts()).toEqual([[1, 26]])
    await run(database, [only({})], { listener })
    spy.mockRestore()
    expect((await database.rows('SELECT "n" FROM "t" WHERE "id" = -2')).map((row) => Number(row['n']))).toEqual([0])
  })

  test('reports its progress when it fails, and resumes after the last finished batch', async () => {
    const all = [
      outside('resumed', async (queryRunner) => {
        await queryRunner.query('CREATE TABLE "before" ("n" integer)')
        await batched(queryRunner, counting)
        await queryRunner.query('CREATE TABLE "after" ("n" integer)')
      }),
    ]
    const mend = failAt(2)
    const error = await rejection(run(database, all))
    expect(error).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      message: expect.stringMatching(/failed at statement 2 \(batched t\): the disk is full/),
      help: expect.stringMatching(
        /Statement 1 of this revision stays executed.*\n10 of 25 rows of t are done and stay, and the next run resumes after them\.\nTo resume, .* resumes with statement 2\./,
      ),
    })
    mend()
    expect(await cursors()).toMatchObject([{ name: 't', direction: 'upgrade', pass: 1, finished_at: null }])
    const { events } = await run(database, all)
    expect(events).toContainEqual({ type: 'progress', message: 't: resuming after 10 rows' })
    expect(batches(events).map(({ done }) => done)).toEqual([20, 25, 25])
    expect(await counts()).toEqual([[1, 25]])
    expect(await cursors()).toEqual([])
  })

  test('leaves its revision half-applied when it fails as the first statement', async () => {
    const all = [outside('first', (queryRunner) => batched(queryRunner, counting))]
    const mend = failAt(3)
    expect(await rejection(run(database, all))).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      kind: 'halfway',
      help: expect.stringMatching(/^20 of 25 rows of t are done and stay/),
    })
    mend()
    await run(database, all)
    expect(await counts()).toEqual([[1, 25]])
  })

  test('is skipped and returns the same result in a run that resumes at a later statement', async () => {
    const results: BatchedResult[] = []
    const later = (last: string) => async (queryRunner: QueryRunner) => {
      results.push(await batched(queryRunner, counting))
      results.push(await batched(queryRunner, { ...counting, key: 'id', size: 20 }))
      await queryRunner.query(last)
    }
    const half = outside('later', later('nonsense'))
    expect(await rejection(run(database, [half]))).toMatchObject({ details: { statement: 3, kept: 2 } })
    expect((await cursors()).map((row) => row['name']).sort()).toEqual(['t', 't 2'])
    const { events } = await run(database, [edited(half, later('CREATE TABLE "a" ("n" integer)'))])
    expect(batches(events)).toEqual([])
    expect(results.slice(2)).toEqual(results.slice(0, 2))
    expect(await counts()).toEqual([[2, 25]])
  })

  test('refuses to resume with another update, but accepts another size and pause', async () => {
    const half = outside('changed', (queryRunner) => batched(queryRunner, counting))
    const mend = failAt(2)
    await rejection(run(database, [half]))
    mend()
    const other = (change: Partial<BatchedOptions>): TestRevision =>
      edited(half, (queryRunner) => batched(queryRunner, { ...counting, ...change }))
    const error = await rejection(run(database, [other({ update: { n: '"n" + 2' } })]))
    expect(error).toMatchObject({
      code: expect.stringMatching(/^ALUDEL_(?:BATCHED|STATEMENT_HALFWAY)$/),
      message: expect.stringMatching(/the batched\(\) call for "t" changed after an earlier run started it/),
      help: expect.stringMatching(/That run did 10 rows in 1 batches/),
    })
    // Size and pause may change.
    await run(database, [other({ size: 3, pauseMs: 1 })])
    expect(await counts()).toEqual([[1, 25]])
  })

  test('starts from the beginning when its revision is no longer half-applied', async () => {
    const all = [
      outside(
        'anew',
        (queryRunner) => batched(queryRunner, counting),
        (queryRunner) => batched(queryRunner, { ...counting, update: { n: '"n" - 1' } }),
      ),
    ]
    await run(database, all)
    await run(database, all, { direction: 'downgrade' })
    expect(await counts()).toEqual([[0, 25]])
    const mend = failAt(2)
    await rejection(run(database, all))
    mend()
    await database.rows(`UPDATE "t" SET "n" = 0`)
    await database.rows(`DELETE FROM "aludel_journal"`)
    await run(database, all)
    expect(await counts()).toEqual([[1, 25]])
  })

  test('stops between two batches when the run is interrupted', async () => {
    const controller = new AbortController()
    const all = [outside('interrupted', (queryRunner) => batched(queryRunner, { ...counting, pauseMs: 60_000 }))]
    const listener = (event: RunEvent): void => {
      if (event.type === 'batch')
        setTimeout(() => {
          controller.abort()
        }, 20)
    }
    expect(await rejection(run(database, all, { signal: controller.signal, listener }))).toMatchObject({
      code: 'ALUDEL_INTERRUPTED',
      message: expect.stringMatching(/^interrupted in revision .* at statement 1 \(batched t\)$/),
      help: expect.stringMatching(/^10 of 25 rows of t are done and stay/),
    })
    await run(database, [edited(all[0] as TestRevision, (queryRunner) => batched(queryRunner, counting))])
    expect(await counts()).toEqual([[1, 25]])
  })

  test('runs an update function in the transaction of its batch', async () => {
    const seen: unknown[] = []
    let fails = true
    const all = [
      outside('function', (queryRunner) =>
        batched(queryRunner, {
          table: 't',
          key: 'id',
          size: 10,
          where: `"s" IS NULL`,
          update: async ({ from, to, keys, rows, query }) => {
            seen.push([from, to, keys.length])
            await query(`UPDATE "t" SET "s" = 'done', "n" = "n" + 1 WHERE ${rows}`)
            if (fails && seen.length === 2) throw new Error('not this one')
          },
        }),
      ),
    ]
    expect(await rejection(run(database, all))).toMatchObject({ code: 'ALUDEL_STATEMENT_HALFWAY' })
    expect(await counts()).toEqual([
      [0, 15],
      [1, 10],
    ])
    fails = false
    await run(database, all)
    expect(await counts()).toEqual([[1, 25]])
    expect(seen).toEqual([
      [null, 10, 10],
      [10, 20, 10],
      [10, 20, 10],
      [20, 25, 5],
    ])
  })

  test('refuses an unsuitable key, table or condition and names the problem', async () => {
    const refusal = async (options: Partial<BatchedOptions>): Promise<unknown> =>
      rejection(run(database, [outside('refused', (queryRunner) => batched(queryRunner, { ...counting, ...options }))]))
    const says = (message: RegExp) => ({ code: 'ALUDEL_BATCHED', message: expect.stringMatching(message) })
    await database.rows('CREATE UNIQUE INDEX "u" ON "t" ("s")')
    expect(await refusal({ key: 'n', update: { s: "'x'" } })).toMatchObject(
      says(/no unique index of "t" has exactly the columns n/),
    )
    expect(await refusal({ key: 'n' })).toMatchObject(says(/option update of batched changes "n"/))
    expect(await refusal({ key: 's' })).toMatchObject(says(/"t"."s" may be null/))
    expect(await refusal({ key: ['id', 'n'], update: { s: "'x'" } })).toMatchObject(
      says(/no unique index .* columns id, n/),
    )
    expect(await refusal({ key: 'x' })).toMatchObject(says(/"t" has no column "x"/))
    expect(await refusal({ table: 'x' })).toMatchObject(says(/there is no table "x"/))
    // A second pass would update these rows again.
    expect(await refusal({ where: '"n" >= 0' })).toMatchObject(
      says(/10 rows of a batch of "t" still match the condition/),
    )
    expect(await counts()).toEqual([[0, 25]])
    await run(database, [
      outside('once', (queryRunner) => batched(queryRunner, { ...counting, where: '"n" >= 0', repeat: false })),
    ])
    expect(await counts()).toEqual([[1, 25]])
  })

  test('refuses parallel statements, an open transaction and a COMMIT in a batch', async () => {
    const beside = outside('beside', async (queryRunner) => {
      await Promise.all([batched(queryRunner, counting), queryRunner.query('CREATE TABLE "a" ("n" integer)')])
    })
    expect(await rejection(run(database, [beside]))).toMatchObject({
      message: expect.stringMatching(/a statement was sent while "batched t" was running: CREATE TABLE "a"/),
    })
    const inside = outside('inside', async (queryRunner) => {
      await queryRunner.startTransaction()
      await batched(queryRunner, counting)
    })
    expect(await rejection(run(database, [inside]))).toMatchObject({ code: 'ALUDEL_TRANSACTION_MODE' })
    const ends = outside('ends', (queryRunner) =>
      batched(queryRunner, { ...counting, update: ({ query }) => query('COMMIT').then(() => undefined) }),
    )
    expect(await rejection(run(database, [ends]))).toMatchObject({
      message: expect.stringMatching(/a batch is one trans/),
    })
  })

  test('is refused in a transactional revision', async () => {
    const all = [revision('transactional', (queryRunner) => batched(queryRunner, counting))]
    expect(await rejection(run(database, all))).toMatchObject({
      code: 'ALUDEL_TRANSACTION_MODE',
      help: expect.stringMatching(/readonly transaction = false/),
    })
    expect(await counts()).toEqual([[0, 25]])
  })

  test('works with a plain query runner, inside and outside a transaction', async () => {
    expect(await batched(database.queryRunner, counting)).toEqual({ rows: 25, batches: 3, passes: 1 })
    await database.queryRunner.startTransaction()
    await batched(database.queryRunner, { ...counting, where: '"n" = 1' })
    await database.queryRunner.rollbackTransaction()
    expect(await counts()).toEqual([[1, 25]])
    expect(await database.rows('SELECT * FROM "t" WHERE "n" = 1')).toHaveLength(25)
  })
})
