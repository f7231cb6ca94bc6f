import { createHash } from 'node:crypto'

import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm'

import { History } from '../../src/history/history'
import type { AppliedRow } from '../../src/history/types'
import type { Plan, Revision } from '../../src/revision/revision'
import type { RunEvent } from '../../src/project/events'
import { runPlan, type RunOptions, type RunOutcome } from '../../src/run/executor'
import type { TestDatabase } from './databases'

type Work = (queryRunner: QueryRunner) => Promise<unknown>

/** A revision that exists in memory only. */
export interface TestRevision {
  readonly revision: Revision
  readonly migration: MigrationInterface
}

let next = 1

/** A revision from statements, or from code, for both directions; with a `number`, the same one each time. */
export function revision(
  message: string,
  up: readonly string[] | Work,
  down: readonly string[] | Work = [],
  given: { readonly transaction?: boolean; readonly number?: number } = {},
): TestRevision {
  const { number, ...options } = given
  const timestamp = 1763750000000 + (number ?? next++)
  const name = `${message.replace(/(?:^|\W+)(\w)/g, (_match, letter: string) => letter.toUpperCase())}${String(timestamp)}`
  return {
    revision: {
      id: createHash('sha256').update(name).digest('hex').slice(0, 12),
      name,
      exportName: name,
      timestamp,
      down: [],
      dependsOn: [],
      branchLabels: [],
      message,
      path: `/revisions/${name}.ts`,
      checksum: createHash('sha256').update(`file of ${name}`).digest('hex'),
      plain: false,
      ...options,
    },
    migration: { name, up: work(up), down: work(down), ...options },
  }
}

function work(given: readonly string[] | Work): (queryRunner: QueryRunner) => Promise<void> {
  return async (queryRunner) => {
    if (typeof given === 'function') await given(queryRunner)
    else for (const sql of given) await queryRunner.query(sql)
  }
}

/** The same revision with other code, as after an edit of its file. */
export function edited(original: TestRevision, up: readonly string[] | Work): TestRevision {
  return { revision: original.revision, migration: { ...original.migration, up: work(up) } }
}

/** A line of revisions: pending ones upwards, or applied ones downwards. */
export function planOf(
  direction: Plan['direction'],
  all: readonly TestRevision[],
  applied: readonly AppliedRow[],
): Plan {
  const names = new Set(applied.map((row) => row.name))
  const revisions = all.map((one) => one.revision)
  const before = revisions.filter((one) => names.has(one.name))
  const steps = direction === 'upgrade' ? revisions.filter((one) => !names.has(one.name)) : [...before].reverse()
  const last = (list: readonly Revision[]): string[] => list.slice(-1).map((one) => one.id)
  return {
    direction,
    from: last(before),
    to: direction === 'upgrade' ? last(revisions) : [],
    steps: steps.map((one) => ({ revision: one, direction })),
  }
}

export interface TestRun {
  readonly outcome: RunOutcome
  readonly events: readonly RunEvent[]
}

/** Runs all that is pending (or undoes all that is applied) the way `Migrator` does. */
export async function run(
  database: Pick<TestDatabase, 'dialect' | 'dataSource' | 'queryRunner'>,
  all: readonly TestRevision[],
  options: Partial<RunOptions> & { readonly direction?: Plan['direction'] } = {},
): Promise<TestRun> {
  const { direction = 'upgrade', ...rest } = options
  const events: RunEvent[] = []
  const history = History.of(database.dialect, database.dataSource)
  const outcome = await runPlan({
    dialect: database.dialect,
    dataSource: database.dataSource,
    queryRunner: database.queryRunner,
    history,
    replan: (applied) => planOf(direction, all, applied),
    loadMigration: (wanted) => {
      const found = all.find((one) => one.revision.name === wanted.name)
      return found === undefined ? Promise.reject(new Error(`no ${wanted.name}`)) : Promise.resolve(found.migration)
    },
    lockKey: history.table,
    lockTimeoutMs: 300_000,
    actor: 'tester@here',
    toolVersion: '0.0.0-test',
    listener: (event) => events.push(event),
    ...rest,
  })
  return { outcome, events }
}

/** {@link run} with a query runner of another DataSource for the same database: behind a proxy or a pooler, say. */
export async function runThrough(
  dataSource: DataSource,
  ...[database, ...rest]: Parameters<typeof run>
): Promise<TestRun> {
  const queryRunner = dataSource.createQueryRunner()
  try {
    return await run({ ...database, dataSource, queryRunner }, ...rest)
  } finally {
    await queryRunner.release()
  }
}

/** Messages of the revisions that count as applied, oldest first. */
export async function appliedMessages(database: TestDatabase, all: readonly TestRevision[]): Promise<string[]> {
  const rows = await History.of(database.dialect, database.dataSource).read(database.dataSource)
  return rows.map((row) => all.find((one) => one.revision.name === row.name)?.revision.message ?? row.name)
}

/** What a promise rejects with; fails when it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('expected a rejection')
}
