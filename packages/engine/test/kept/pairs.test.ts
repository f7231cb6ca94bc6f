import { dialectNames } from '../../../../tools/testing/databases'
import { testRuns } from '../../../../tools/testing/runs.cjs'
import { postgres } from '../../src/dialect/postgres'
import { sqlite } from '../../src/dialect/sqlite'
import { checkKept } from '../support/pairs/check-kept'
import { fuzz, type FuzzFailure } from '../support/pairs/fuzz'

/** The same pairs on every run unless `ALUDEL_SEED=random`; `npm run fuzz -- --kept` tries many more. */
const given = process.env['ALUDEL_SEED'] ?? '20261130'
const seed = given === 'random' ? Math.floor(Math.random() * 1e9) : Number(given)
const runs = [
  { name: 'SQLite', dialect: sqlite, pairs: testRuns(20) },
  { name: 'PostgreSQL', dialect: postgres, pairs: testRuns(4) },
].filter(({ dialect }) => dialectNames.includes(dialect.name))

describe('an upgrade with keepDropped and its downgrade between random pairs of models', () => {
  test.each(runs)('lose no old value and no new row on $name', async ({ dialect, pairs }) => {
    const failures: FuzzFailure[] = []
    const summary = await fuzz({
      seed,
      pairs,
      dialect,
      check: (request) => checkKept(request),
      onFailure: (failure) => failures.push(failure),
    })
    expect(failures.map(({ report }) => report).join('\n\n')).toBe('')
    expect(summary.pairs).toBe(pairs)
    expect(summary.changed).toBeGreaterThan(pairs / 2)
    expect(summary.rows).toBeGreaterThan(pairs)
  })
})
