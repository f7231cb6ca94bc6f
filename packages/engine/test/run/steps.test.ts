import type { QueryRunner } from 'typeorm'

import { AludelError } from '../../src/errors'
import { History } from '../../src/history/history'
import type { RunEvent } from '../../src/project/events'
import { dialectNames, openDatabase, tableNames, type TestDatabase } from './databases'
import { appliedMessages, rejection, revision, run } from './revisions'

describe.each(dialectNames)('runPlan on %s', (name) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase(name)
  })
  afterEach(async () => {
    await database.drop()
  })
  const journal = () => History.of(database.dialect, database.dataSource).readJournal(database.dataSource)

  const makeA = () =>
    revision('make a', [`CREATE TABLE "a" ("n" integer NOT NULL)`, `INSERT INTO "a" VALUES (1)`], [`DROP TABLE "a"`])
  const makeB = () => revision('make b', [`CREATE TABLE "b" ("n" integer NOT NULL)`], [`DROP TABLE "b"`])

  test('applies pending revisions in order and undoes them in reverse order', async () => {
    const all = [makeA(), makeB()]
    const [a, b] = all.map((one) => one.revision.id)
    const up = await run(database, all)
    expect(up.outcome).toMatchObject({
      direction: 'upgrade',
      from: [],
      to: [b],
      steps: [
        { revision: a, statements: 2 },
        { revision: b, statements: 1 },
      ],
    })
    expect(await tableNames(database)).toEqual(['a', 'b'])
    expect(await appliedMessages(database, all)).toEqual(['make a', 'make b'])
    expect(up.events.map((event) => event.type)).toEqual([
      'locked',
      'planned',
      'stepStart',
      'statement',
      'statement',
      'stepDone',
      'stepStart',
      'statement',
      'stepDone',
    ])

    const again = await run(database, all)
    expect(again.outcome.steps).toEqual([])

    const down = await run(database, all, { direction: 'downgrade' })
    expect(down.outcome.steps.map((step) => step.revision)).toEqual([b, a])
    expect(await tableNames(database)).toEqual([])
    expect(await appliedMessages(database, all)).toEqual([])
  })

  test('writes a journal row with the duration, actor and outcome of the revision', async () => {
    const a = makeA()
    let now = 0
    await run(database, [a], { clock: { now: () => new Date((now += 250)) } })
    const rows = await journal()
    expect(rows).toHaveLength(1)
    const [row] = rows
    expect(row).toMatchObject({
      revision: a.revision.id,
      name: a.revision.name,
      direction: 'upgrade',
      statement: 2,
      checksum: a.revision.checksum,
      durationMs: 250,
      actor: 'tester@here',
      toolVersion: '0.0.0-test',
      outcome: 'done',
    })
    expect(row?.error).toBeUndefined()
    expect((row?.finishedAt.getTime() ?? 0) - (row?.startedAt.getTime() ?? 0)).toBe(250)
  })

  test('tells how long a revision took with its COMMIT, which its row in the journal cannot know', async () => {
    let now = 0
    const { outcome, events } = await run(database, [makeA()], { clock: { now: () => new Date((now += 250)) } })
    expect(outcome.steps).toMatchObject([{ durationMs: 500 }])
    expect(events.filter(({ type }) => type === 'stepDone')).toMatchObject([{ durationMs: 500 }])
    expect(await journal()).toMatchObject([{ durationMs: 250 }])
  })

  test.each(['upgrade', 'downgrade'] as const)(
    'rolls back a revision that fails in an %s, and names its statement',
    async (direction) => {
      const bad = [
        `CREATE TABLE "c" ("n" integer)`,
        `INSERT INTO "c" VALUES (1)`,
        `INSERT INTO "missing" VALUES (1)`,
        `CREATE TABLE "d" ("n" integer)`,
      ]
      const all =
        direction === 'upgrade' ? [makeA(), revision('bad one', bad)] : [revision('bad one', [], bad), makeA()]
      if (direction === 'downgrade') await run(database, all)
      const error = await rejection(run(database, all, { direction }))
      expect(error).toBeInstanceOf(AludelError)
      const id = all.find((one) => one.revision.message === 'bad one')?.revision.id ?? ''
      expect(error).toMatchObject({
        code: 'ALUDEL_STATEMENT',
        kind: 'failed',
        message: expect.stringMatching(
          `^${direction} of revision ${id} \\(bad one\\) failed at statement 3 \\(INSERT INTO "missing" VALUES \\(1\\)\\): .*missing`,
        ),
        details: { revision: id, statement: 3, sql: `INSERT INTO "missing" VALUES (1)`, direction, kept: 0 },
        help: expect.stringMatching(
          direction === 'upgrade'
            ? /^Nothing of this revision remains\./
            : /^This revision is still applied, all of it\./,
        ) as string,
        cause: { message: expect.stringContaining('missing') as string },
      })
      expect(await tableNames(database)).toEqual(direction === 'upgrade' ? ['a'] : [])
      expect(await appliedMessages(database, all)).toEqual(direction === 'upgrade' ? ['make a'] : ['bad one'])
      expect((await journal())[0]).toMatchObject({
        revision: id,
        outcome: 'failed',
        statement: 2,
        error: (error as Error).message,
      })
      expect(database.queryRunner.isTransactionActive).toBe(false)
    },
  )

  test('reports the revisions that were applied before the failed one', async () => {
    const all = [makeA(), makeB(), revision('bad', ['nonsense'])]
    const error = await rejection(run(database, all))
    expect(error).toMatchObject({
      help: `Nothing of this revision remains.\nApplied before it in this run, and kept: ${all
        .slice(0, 2)
        .map((one) => one.revision.id)
        .join(', ')}.`,
      details: { done: all.slice(0, 2).map((one) => one.revision.id) },
    })
  })

  test('applies all revisions or none in mode all', async () => {
    const all = [makeA(), makeB(), revision('bad', ['nonsense'])]
    const error = await rejection(run(database, all, { mode: 'all' }))
    expect(error).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      help: 'The whole run was one transaction: nothing of it remains.',
      details: { done: [] },
    })
    expect(await tableNames(database)).toEqual([])
    expect(await appliedMessages(database, all)).toEqual([])
    const { outcome, events } = await run(database, all.slice(0, 2), { mode: 'all' })
    expect(outcome.steps).toHaveLength(2)
    expect(events.filter((event) => event.type === 'stepDone')).toHaveLength(2)
    expect(await tableNames(database)).toEqual(['a', 'b'])
    expect(await appliedMessages(database, all)).toEqual(['make a', 'make b'])
  })

  test('refuses a non-transactional revision in mode all before anything runs', async () => {
    const outside = revision('outside', [], [], { transaction: false })
    let backups = 0
    const beforeSteps = () => Promise.resolve(void (backups += 1))
    const error = await rejection(run(database, [makeA(), outside], { mode: 'all', beforeSteps }))
    expect(error).toMatchObject({ code: 'ALUDEL_TRANSACTION_MODE', details: { revisions: [outside.revision.id] } })
    expect(backups).toBe(0)
    expect(await database.rows(allTables(name))).toEqual([])
  })

  test('changes nothing when a file throws while it is loaded', async () => {
    const all = [makeA(), makeB()]
    const load = (wanted: { name: string }) =>
      wanted.name === all[1]?.revision.name
        ? Promise.reject(new AludelError('ALUDEL_REVISION_LOAD', 'it throws', { details: { revision: '', path: '' } }))
        : Promise.resolve(all[0]?.migration ?? fail())
    expect(await rejection(run(database, all, { load }))).toMatchObject({ code: 'ALUDEL_REVISION_LOAD' })
    expect(await database.rows(allTables(name))).toEqual([])
  })

  test('calls beforeSteps under the lock before the first statement, and stops if it fails', async () => {
    const a = makeA()
    const seen: string[][] = []
    await run(database, [a], {
      beforeSteps: async (plan) => {
        seen.push(plan.steps.map((step) => step.revision.id))
        expect(await tableNames(database)).toEqual([])
        const other = await database.connect()
        const error = await rejection(
          run({ ...database, dataSource: other, queryRunner: other.createQueryRunner() }, [a], { lockTimeoutMs: 0 }),
        )
        expect(error).toMatchObject({ code: 'ALUDEL_LOCKED' })
      },
    })
    expect(seen).toEqual([[a.revision.id]])
    await run(database, [a], { beforeSteps: () => Promise.reject(new Error('not called: nothing to do')) })
    const b = makeB()
    const error = await rejection(run(database, [a, b], { beforeSteps: () => Promise.reject(new Error('no backup')) }))
    expect(error).toMatchObject({ message: 'no backup' })
    expect(await appliedMessages(database, [a, b])).toEqual(['make a'])
    await run(database, [a, b], { lockTimeoutMs: 0 })
  })

  test('reports code that throws with the last statement before it', async () => {
    const before = revision('before', () => Promise.reject(new TypeError('x is not a function')))
    expect(await rejection(run(database, [before]))).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: `upgrade of revision ${before.revision.id} (before) failed before its first statement: x is not a function`,
    })
    const after = revision('after', async (queryRunner) => {
      await queryRunner.query(`CREATE TABLE "c" ("n" integer)`)
      throw new TypeError('x is not a function')
    })
    expect(await rejection(run(database, [after]))).toMatchObject({
      message: `upgrade of revision ${after.revision.id} (after) failed after statement 1: x is not a function`,
    })
    expect(await tableNames(database)).toEqual([])
  })

  test("counts what TypeORM's own methods send, and restores the query runner", async () => {
    const insert = (queryRunner: QueryRunner, table: string) =>
      queryRunner.manager.createQueryBuilder().insert().into(table).values({ n: 2 }).execute()
    const fails = revision('by api', async (queryRunner) => {
      await queryRunner.query(`CREATE TABLE "c" ("n" integer)`)
      await queryRunner.manager.query(`INSERT INTO "c" VALUES (1)`)
      await insert(queryRunner, 'c')
      await insert(queryRunner, 'missing')
    })
    expect(await rejection(run(database, [fails]))).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringContaining('(by api) failed at statement 4 (INSERT INTO "missing"'),
      details: { statement: 4 },
    })
    const throws = revision('by schema api', (queryRunner) => queryRunner.dropTable('nowhere'))
    // It looks for the table first, with as many statements as this version of TypeORM needs.
    expect(await rejection(run(database, [throws]))).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringMatching(/\(by schema api\) failed after statement \d+: Table ".*nowhere" does not exist/),
    })
    expect(await tableNames(database)).toEqual([])
    // The query runner is restored.
    expect(Object.hasOwn(database.queryRunner, 'query')).toBe(false)
  })

  test('waits for statements that the revision does not await', async () => {
    const forgetful = revision('forgetful', (queryRunner) => {
      void queryRunner.query(`CREATE TABLE "c" ("n" integer)`)
      return Promise.resolve()
    })
    await run(database, [forgetful])
    expect(await tableNames(database)).toEqual(['c'])
    const wrong = revision('wrong', (queryRunner) => {
      void queryRunner.query(`CREATE TABLE "d" ("n" integer)`)
      void queryRunner.query('nonsense')
      return Promise.resolve()
    })
    expect(await rejection(run(database, [forgetful, wrong]))).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      details: { statement: 2 },
    })
    expect(await tableNames(database)).toEqual(['c'])
    const hidden = revision('hidden', async (queryRunner) => {
      void queryRunner.query('nonsense')
      await new Promise((resolve) => setTimeout(resolve, 10))
    })
    expect(await rejection(run(database, [forgetful, hidden]))).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      details: { statement: 1 },
    })
  })

  test('executes no statement outside the transaction after a parallel one failed', async () => {
    for (const pause of [0, 20]) {
      const parallel = revision('parallel', async (queryRunner) => {
        const chain = async (): Promise<void> => {
          for (let n = 0; n < 10; n += 1) {
            await queryRunner.query(`CREATE TABLE "t${String(n)}" ("n" integer)`)
            if (pause === 0) continue
            await failing[0]?.catch(() => undefined)
            await new Promise((resolve) => setTimeout(resolve, pause))
          }
          throw new Error('came to its end')
        }
        chains.push(chain())
        failing.push(queryRunner.query('nonsense'))
        await Promise.all([...chains, ...failing])
      })
      const chains: Promise<void>[] = []
      const failing: Promise<unknown>[] = []
      expect(await rejection(run(database, [parallel]))).toMatchObject({ code: 'ALUDEL_STATEMENT' })
      await expect(Promise.all(chains)).rejects.toThrow(
        pause === 0 ? /sent after the revision finished|is aborted/ : 'sent after the revision finished',
      )
      expect(await tableNames(database)).toEqual([])
    }
  })

  test('mentions an error that the revision caught before it failed', async () => {
    const swallows = revision('swallows', async (queryRunner) => {
      await queryRunner.query('first nonsense').catch(() => undefined)
      await queryRunner.query('second nonsense')
    })
    const error = await rejection(run(database, [swallows]))
    expect(error).toMatchObject({
      details: { statement: 2 },
      help: expect.stringMatching(/^Statement 1 had failed before, and the revision continued: .*"first"/),
    })
  })

  test('commits a revision that leaves a nested transaction open', async () => {
    const nested = revision('nested', async (queryRunner: QueryRunner) => {
      await queryRunner.startTransaction()
      await queryRunner.query(`CREATE TABLE "c" ("n" integer)`)
    })
    await run(database, [nested])
    expect(database.queryRunner.isTransactionActive).toBe(false)
    const other = await database.connect()
    expect(await other.query('SELECT * FROM "c"')).toEqual([])
  })

  describe('a revision that ends its transaction itself', () => {
    const commits = {
      'by SQL': async (queryRunner: QueryRunner) => {
        await queryRunner.query('COMMIT')
      },
      'by SQL, and begins another': async (queryRunner: QueryRunner) => {
        await queryRunner.query('COMMIT')
        await queryRunner.query('BEGIN')
      },
      'by TypeORM': (queryRunner: QueryRunner) => queryRunner.commitTransaction(),
      'by TypeORM, and begins another': async (queryRunner: QueryRunner) => {
        await queryRunner.commitTransaction()
        await queryRunner.startTransaction()
      },
      'by TypeORM, and begins another by SQL': async (queryRunner: QueryRunner) => {
        await queryRunner.commitTransaction()
        await queryRunner.query('BEGIN')
      },
    }

    test.each(Object.entries(commits))('is recorded with a warning when it commits %s', async (_how, end) => {
      const all = [
        revision('ends', async (queryRunner) => {
          await queryRunner.query(`CREATE TABLE "c" ("n" integer)`)
          await end(queryRunner)
          await queryRunner.query(`CREATE TABLE "d" ("n" integer)`)
        }),
        makeA(),
      ]
      const { events } = await run(database, all)
      expect(events.filter((event) => event.type === 'warning')).toEqual([
        { type: 'warning', message: expect.stringMatching(/ended its transaction itself, in statement 2/) },
      ])
      expect(await tableNames(database)).toEqual(['a', 'c', 'd'])
      expect(await appliedMessages(database, all)).toEqual(['ends', 'make a'])
      const other = await database.connect()
      expect(await other.query('SELECT * FROM "d"')).toEqual([])
    })

    test.each(Object.entries(commits))('reports what remains when it commits %s and then fails', async (how, end) => {
      const all = [
        revision('ends', async (queryRunner) => {
          await queryRunner.query(`CREATE TABLE "c" ("n" integer)`)
          await end(queryRunner)
          await queryRunner.query(`CREATE TABLE "d" ("n" integer)`)
          await queryRunner.query('nonsense')
        }),
      ]
      const error = await rejection(run(database, all))
      const begun = how.includes('begins')
      expect(error).toMatchObject({
        code: 'ALUDEL_STATEMENT_HALFWAY',
        kind: 'halfway',
        details: { kept: begun ? 2 : 3 },
      })
      expect(await tableNames(database)).toEqual(begun ? ['c'] : ['c', 'd'])
      expect(await appliedMessages(database, all)).toEqual([])
      expect(database.queryRunner.isTransactionActive).toBe(false)
    })

    test('is refused in mode all', async () => {
      for (const end of Object.values(commits)) {
        const all = [makeA(), revision('ends', end)]
        expect(await rejection(run(database, all, { mode: 'all' }))).toMatchObject({ code: 'ALUDEL_TRANSACTION_MODE' })
        expect(await tableNames(database)).toEqual([])
      }
    })

    test('is not applied when it rolls back', async () => {
      const all = [
        revision('gives up', async (queryRunner) => {
          await queryRunner.query(`CREATE TABLE "c" ("n" integer)`)
          await queryRunner.rollbackTransaction()
        }),
      ]
      expect(await rejection(run(database, all))).toMatchObject({ code: 'ALUDEL_STATEMENT', details: { kept: 0 } })
      expect(await tableNames(database)).toEqual([])
      expect(await appliedMessages(database, all)).toEqual([])
    })
  })

  describe('an abort signal', () => {
    test('stops a run before its first step without any change', async () => {
      const error = await rejection(run(database, [makeA()], { signal: AbortSignal.abort() }))
      expect(error).toMatchObject({ code: 'ALUDEL_INTERRUPTED', kind: 'interrupted' })
      expect(await tableNames(database)).toEqual([])
    })

    test('rolls back the current revision, keeps earlier ones and lets the next run finish', async () => {
      const controller = new AbortController()
      const all = [
        makeA(),
        revision('long', async (queryRunner) => {
          await queryRunner.query(`CREATE TABLE "c" ("n" integer)`)
          controller.abort()
          await queryRunner.query(`CREATE TABLE "d" ("n" integer)`)
        }),
        makeB(),
      ]
      const error = await rejection(run(database, all, { signal: controller.signal }))
      expect(error).toMatchObject({
        code: 'ALUDEL_INTERRUPTED',
        message: `interrupted in revision ${all[1]?.revision.id ?? ''} (long) after statement 1`,
        help: `Nothing of this revision remains.\nApplied before it in this run, and kept: ${all[0]?.revision.id ?? ''}.`,
      })
      expect(await tableNames(database)).toEqual(['a'])
      expect(await appliedMessages(database, all)).toEqual(['make a'])
      await run(database, all, { lockTimeoutMs: 0 })
      expect(await tableNames(database)).toEqual(['a', 'b', 'c', 'd'])
    })

    test('stops a revision that catches every error', async () => {
      const controller = new AbortController()
      const all = [
        revision('catches', async (queryRunner) => {
          controller.abort()
          await queryRunner.query(`CREATE TABLE "c" ("n" integer)`).catch(() => undefined)
        }),
      ]
      expect(await rejection(run(database, all, { signal: controller.signal }))).toMatchObject({
        code: 'ALUDEL_INTERRUPTED',
      })
      expect(await appliedMessages(database, all)).toEqual([])
    })

    test('stops a revision that waits for something else, although it came just before that began', async () => {
      const controller = new AbortController()
      const all = [revision('waits', () => new Promise(() => undefined))]
      const listener = ({ type }: RunEvent): void => {
        if (type === 'stepStart') controller.abort()
      }
      expect(await rejection(run(database, all, { signal: controller.signal, listener }))).toMatchObject({
        code: 'ALUDEL_INTERRUPTED',
      })
      expect(await appliedMessages(database, all)).toEqual([])
    })

    test('lets a revision finish after its last statement, and stops before the next one', async () => {
      const controller = new AbortController()
      const all = [
        revision('last', async (queryRunner) => {
          await queryRunner.query(`CREATE TABLE "c" ("n" integer)`)
          controller.abort()
        }),
        makeA(),
      ]
      const error = await rejection(run(database, all, { signal: controller.signal }))
      expect(error).toMatchObject({
        code: 'ALUDEL_INTERRUPTED',
        message: `interrupted before revision ${all[1]?.revision.id ?? ''} (make a)`,
      })
      expect(await appliedMessages(database, all)).toEqual(['last'])
    })
  })

  test('ignores an error that the listener throws', async () => {
    await run(database, [makeA()], {
      listener: () => {
        throw new Error('listener')
      },
    })
    expect(await tableNames(database)).toEqual(['a'])
  })
})

function allTables(name: string): string {
  return name === 'sqlite'
    ? `SELECT name FROM sqlite_master`
    : `SELECT tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`
}

function fail(): never {
  throw new Error('missing')
}
