import { dialectNames } from '../../../tools/testing/databases'
import { testRuns } from '../../../tools/testing/runs.cjs'
import { mainStack, stackName } from '../../../tools/testing/stacks.cjs'
import type { Dialect } from '../src/dialect/dialect'
import type { Statement } from '../src/dialect/roles/ddl'
import { postgres } from '../src/dialect/postgres'
import { sqlite } from '../src/dialect/sqlite'
import { fuzz, type FuzzFailure, type FuzzSummary } from './support/pairs/fuzz'

/** The same pairs on every run unless `ALUDEL_SEED=random`; `npm run fuzz` tries many more. */
const given = process.env['ALUDEL_SEED'] ?? '20261121'
const seed = given === 'random' ? Math.floor(Math.random() * 1e9) : Number(given)

async function run(
  dialect: Dialect,
  options: {
    readonly pairs: number
    readonly maxFailures?: number
    readonly shrinkSteps?: number
    readonly seed?: number
  },
): Promise<{ summary: FuzzSummary; failures: FuzzFailure[] }> {
  const failures: FuzzFailure[] = []
  const summary = await fuzz({
    seed,
    ...options,
    dialect,
    onFailure: (failure) => failures.push(failure),
  })
  return { summary, failures }
}

const runs = [
  { name: 'SQLite', dialect: sqlite, pairs: testRuns(20) },
  { name: 'PostgreSQL', dialect: postgres, pairs: testRuns(3) },
].filter(({ dialect }) => dialectNames.includes(dialect.name))

describe('migration between random pairs of models', () => {
  test.each(runs)('upgrades to the second model and back without losing rows on $name', async ({ dialect, pairs }) => {
    const { summary, failures } = await run(dialect, { pairs })
    expect(failures.map(({ report }) => report).join('\n\n')).toBe('')
    expect(summary.pairs).toBe(pairs)
    expect(summary.changed).toBeGreaterThan(pairs / 2)
    expect(summary.rows).toBeGreaterThan(pairs)
  })
})

/** A dialect that renders like the given one, except for statements that `change` removes or adds. */
function broken(dialect: Dialect, change: (sql: string) => readonly string[]): Dialect {
  const changed = (statements: readonly Statement[]): readonly Statement[] =>
    statements.flatMap((statement) => change(statement.sql).map((sql) => ({ ...statement, sql })))
  return {
    ...dialect,
    ddl: {
      ...dialect.ddl,
      render: (operations, from) => changed(dialect.ddl.render(operations, from)),
      renderBothWays: (...request) => {
        const { up, down } = dialect.ddl.renderBothWays(...request)
        return { up: changed(up), down: changed(down) }
      },
    },
  }
}

// Detection does not depend on the version of TypeORM, so one stack is enough.
const onMainStack = stackName === mainStack ? describe : describe.skip
onMainStack('fuzz with a broken dialect', () => {
  test('finds what only an observer sees', async () => {
    const ignoring = broken(sqlite, (sql) => [
      sql.replace(/^(CREATE TABLE .*?) NOT NULL/s, '$1 NOT NULL ON CONFLICT IGNORE'),
    ])
    const { failures } = await run(ignoring, { pairs: 25, maxFailures: 1, shrinkSteps: 0, seed: 2 })
    expect(failures[0]?.property).toMatch(/gives something else than wanted, as observed$/)
    expect(failures[0]?.report).toContain('extra: column ')
    expect(failures[0]?.report).toContain(' not null on conflict ignore')
  })

  test('finds missing indexes and shrinks the failing pair', async () => {
    const withoutIndexes = broken(sqlite, (sql) => (/^CREATE (?:UNIQUE )?INDEX/.test(sql) ? [] : [sql]))
    const found = async (shrinkSteps: number): Promise<FuzzFailure | undefined> =>
      (await run(withoutIndexes, { pairs: 100, maxFailures: 1, shrinkSteps, seed: 2 })).failures[0]
    const [whole, shrunk, again] = [await found(0), await found(20), await found(20)]
    expect(shrunk?.property).toMatch(/does not give what was wanted/)
    expect(shrunk?.report).toMatch(/create (?:unique )?index .*\n--- statements/s)
    expect(shrunk?.report).toMatch(/@(?:Index|ManyToMany|Tree)\(/)
    expect(whole?.report).toContain('; 0 smaller pairs tried)')
    expect(shrunk?.report).toContain('; 20 smaller pairs tried)')
    expect(shrunk?.report.length).toBeLessThan(whole?.report.length ?? 0)
    expect(again?.report).toBe(shrunk?.report)
  })

  test('finds lost rows even if the schema is right', async () => {
    const { failures } = await run(
      broken(postgres, (sql) => {
        const table = /^ALTER TABLE ("[^;]*?") (?:ADD|DROP|RENAME) COLUMN/.exec(sql)?.[1]
        return table === undefined ? [sql] : [`DELETE FROM ${table}`, sql]
      }),
      { pairs: 100, maxFailures: 1, shrinkSteps: 0, seed: 6 },
    )
    expect(failures.map(({ property }) => property)).toContainEqual(
      expect.stringMatching(/loses rows|the proof refuses it/),
    )
  })
})
