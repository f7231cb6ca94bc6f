import { setTimeout as delay } from 'node:timers/promises'

import { testRuns } from '../../../../tools/testing/runs.cjs'
import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'
import { appliedMessages } from '../run/revisions'
import { backfill, batchSize, meanwhile, setUp } from './backfill'
import { runBackfill } from './batches-process'
import { randomOf, serverIsDone, TestProcess } from './process'

/** Number of kills; `npm run faults` sets more. */
const kills = testRuns(1)
/** More rows than the killed processes can finish; `npm run faults -- --rows` sets even more. */
const rows = Math.max((kills + 1) * batchSize * 8, Number(process.env['ALUDEL_FAULT_ROWS'] ?? 0))
const seed = Number(process.env['ALUDEL_SEED'] ?? 20261127) || 20261127

// The usual timeout, and more for more rows.
jest.setTimeout(testRuns(60_000) + rows * 10)

/** Row 23 of the fault plan: a long backfill, killed again and again, while an application writes to the same table. */
describe.each(dialectNames)('backfill that is killed, on %s', (dialect) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase(dialect)
    for (const sql of setUp(dialect, rows)) await database.rows(sql)
  })
  let stopWriter: (() => Promise<number>) | undefined
  afterEach(async () => {
    await stopWriter?.()
    await database.drop()
  })

  const numberOf = async (sql: string): Promise<number> => Number((await database.rows(sql))[0]?.['n'])

  /** Starts an application that writes until it is stopped. */
  async function startWriter(): Promise<() => Promise<number>> {
    const application = await database.connect()
    if (dialect === 'sqlite') await application.query('PRAGMA busy_timeout = 10000')
    let stopped = false
    let inserted = 0
    const work = (async () => {
      while (!stopped) {
        for (const sql of meanwhile(dialect)) await application.query(sql)
        inserted += 1
        await delay(5)
      }
    })()
    return async () => {
      stopped = true
      await work
      return inserted
    }
  }

  test.each([
    ['with a condition', true],
    ['without a condition', false],
  ])('updates each row once despite the kills (%s)', async (_title, withCondition) => {
    const random = randomOf(seed)
    const start = (statement: number): TestProcess =>
      new TestProcess('batches-process.ts', [dialect, database.address, String(withCondition), String(statement)])
    const before = (await database.rows('SELECT "id" FROM "items"')).map((row) => String(row['id']))
    stopWriter = await startWriter()
    let cursor: readonly [pass: number, at: string] = [0, '']
    const startAndKill = async (more: number): Promise<void> => {
      // Between two statements, or at any moment: while it connects, while a batch runs, while it is committed.
      const child = start(more + 1 + random(60))
      if (more === 0 && random(3) === 0) {
        if (random(2) === 0) await delay(random(1500))
        else await child.firstOutput()
        await delay(random(20))
        child.kill()
      }
      const { signal, errors } = await child.ended
      expect({ signal, errors }).toEqual({ signal: 'SIGKILL', errors: '' })
      await serverIsDone(database)
      cursor = await expectForward(cursor)
    }
    for (let killed = 0; killed < kills; killed += 1) await startAndKill(0)
    const inserted = await stopWriter()
    expect(await numberOf('SELECT count(*) AS n FROM "log"')).toBeLessThan(rows)
    // Now kills within the call with a function, and between the two calls.
    for (let killed = 0; killed < kills / 4; killed += 1) await startAndKill(await statementsLeft())
    const errors: string[] = []
    await runBackfill(dialect, database.address, withCondition, { wrong: (what) => errors.push(what) })
    expect(errors).toEqual([])

    expect(await appliedMessages(database, [backfill(withCondition)])).toEqual(['backfill'])
    const existing = new Set(before)
    const log = await database.rows('SELECT "id", count(*) AS "n" FROM "log" GROUP BY "id"')
    const twice = log.filter((row) => Number(row['n']) !== 1)
    expect(twice).toEqual([])
    const done = new Set(log.map((row) => String(row['id'])))
    expect(before.filter((id) => !done.has(id))).toEqual([])
    // Rows inserted meanwhile: all of them with a condition; without one, only those ahead of the cursor.
    expect(await numberOf('SELECT count(*) AS n FROM "items"')).toBe(rows + inserted)
    if (withCondition) expect(done.size).toBe(rows + inserted)
    expect(await numberOf('SELECT count(*) AS n FROM "items" WHERE "n" > 1 OR "second" <> 1')).toBe(0)
    expect(await numberOf('SELECT sum("touched") AS n FROM "items"')).toBe(inserted * 2)
    expect(await database.rows('SELECT * FROM "aludel_batches"')).toEqual([])
    if (testRuns(1) > 1) {
      const late = [...done].filter((id) => !existing.has(id)).length
      const numbers = { dialect, withCondition, kills, rows, inserted, late, done: done.size }
      process.stderr.write(`${JSON.stringify(numbers)}\n`)
    }
  })

  /** Approximate number of statements left in the first call. */
  async function statementsLeft(): Promise<number> {
    const [row] = await database.rows('SELECT * FROM "aludel_batches" WHERE "name" = \'items\'')
    const all = (await numberOf('SELECT count(*) AS n FROM "items"')) / batchSize
    return row?.['finished_at'] == null ? (Math.ceil(all) - Number(row?.['batches'] ?? 0)) * 7 : 0
  }

  /** Expects that the cursor moves back only for the next pass, and that it counts only batches that were committed. */
  async function expectForward(before: readonly [number, string]): Promise<readonly [number, string]> {
    const found = (await database.rows('SELECT * FROM "aludel_batches" WHERE "name" = \'items\'').catch(() => []))[0]
    if (found === undefined) return before
    const rowsDone = Number(found['rows'])
    expect(await numberOf('SELECT count(*) AS n FROM "log"')).toBe(rowsDone)
    const at = [Number(found['pass']), typeof found['cursor'] === 'string' ? found['cursor'] : ''] as const
    expect(at[0] > before[0] || (at[0] === before[0] && at[1] >= before[1])).toBe(true)
    return at
  }
})
