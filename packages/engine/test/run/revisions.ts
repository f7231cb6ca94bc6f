import { createHash } from 'node:crypto'

import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm'

import type { Dialect } from '../../src/dialect/dialect'
import { History } from '../../src/history/history'
import type { AppliedRow } from '../../src/history/types'
import type { Plan, Revision } from '../../src/revision/revision'
import type { RunEvent } from '../../src/project/events'
import type { ReadStep } from '../../src/run/plan'
import type { DoneStep } from '../../src/run/run-values'
import { underLock } from '../../src/run/session'
import { quietly, type RunSettings } from '../../src/run/settings'
import { loadSteps, runSteps, type TransactionMode } from '../../src/run/steps'
import { saysOutside } from '../../src/revision/revision'
import type { TestDatabase } from './databases'

type Work = (queryRunner: QueryRunner) => Promise<unknown>

/** A revision that exists only in memory. */
export interface TestRevision {
  readonly revision: Revision
  readonly migration: MigrationInterface
  /** The statements or code that it was created from. */
  readonly up?: readonly string[] | Work
  readonly down?: readonly string[] | Work
}

let next = 1

/** Migrations that do nothing but send their statements, as files that are not loaded. */
const verbatim = new WeakSet<MigrationInterface>()

/** A test may have added limits since. */
const isVerbatim = (migration: MigrationInterface): boolean =>
  verbatim.has(migration) && !('lockTimeout' in migration) && !('statementTimeout' in migration)

/** Creates a revision from statements or code for both directions. With the same `number`, it gets the same id each time. */
export function revision(
  message: string,
  up: readonly string[] | Work,
  down: readonly string[] | Work = [],
  given: { readonly transaction?: boolean; readonly number?: number } = {},
): TestRevision {
  const { number, ...options } = given
  const timestamp = 1763750000000 + (number ?? next++)
  const name = `${message.replace(/(?:^|\W+)(\w)/g, (_match, letter: string) => letter.toUpperCase())}${String(timestamp)}`
  const migration: MigrationInterface = { name, up: work(up), down: work(down), ...options }
  if (Array.isArray(up) && Array.isArray(down)) verbatim.add(migration)
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
    migration,
    up,
    down,
  }
}

function work(given: readonly string[] | Work): (queryRunner: QueryRunner) => Promise<void> {
  return async (queryRunner) => {
    if (typeof given === 'function') await given(queryRunner)
    else for (const sql of given) await queryRunner.query(sql)
  }
}

/** Returns the revision with other code, as after an edit of its file. */
export function edited(original: TestRevision, up: readonly string[] | Work): TestRevision {
  return { ...original, migration: { ...original.migration, up: work(up) }, up }
}

/** Plans a linear history: an upgrade of all pending revisions, or a downgrade of all applied ones. */
function planOf(direction: Plan['direction'], all: readonly TestRevision[], applied: readonly AppliedRow[]): Plan {
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

/** The settings of a run that a test may change. */
export interface TestRunOptions extends Partial<Omit<RunSettings, 'lock' | 'emit' | 'now'>> {
  readonly direction?: Plan['direction']
  readonly mode?: TransactionMode
  readonly listener?: (event: RunEvent) => void
  readonly clock?: { readonly now: () => Date }
  readonly lockTimeoutMs?: number
  readonly lockKind?: RunSettings['lock']['kind']
  readonly leaseMs?: number
  /** Called under the lock, before the first step. */
  readonly beforeSteps?: (plan: Plan) => Promise<void>
}

interface TestRun {
  readonly outcome: {
    readonly runId: string
    readonly direction: Plan['direction']
    readonly from: readonly string[]
    readonly to: readonly string[]
    readonly steps: readonly (Omit<DoneStep, 'step'> & {
      readonly revision: string
      readonly message: string
      readonly direction: Plan['direction']
    })[]
  }
  readonly events: readonly RunEvent[]
}

/** Applies all pending revisions (or undoes all applied ones) as `Migrator` does. */
export async function run(
  database: Pick<TestDatabase, 'dialect' | 'dataSource' | 'queryRunner'>,
  all: readonly TestRevision[],
  options: TestRunOptions = {},
): Promise<TestRun> {
  const {
    direction = 'upgrade',
    mode = 'each',
    listener,
    clock,
    lockTimeoutMs,
    lockKind,
    leaseMs,
    beforeSteps,
  } = options
  const events: RunEvent[] = []
  const history = History.of(database.dialect, database.dataSource)
  const settings: RunSettings = {
    dialect: database.dialect,
    dataSource: database.dataSource,
    queryRunner: database.queryRunner,
    history,
    load: (wanted) => {
      const found = all.find((one) => one.revision.name === wanted.name)
      return found === undefined ? Promise.reject(new Error(`no ${wanted.name}`)) : Promise.resolve(found.migration)
    },
    checksumOf: ({ checksum }) => Promise.resolve(checksum),
    limits: {},
    actor: 'tester@here',
    toolVersion: '0.0.0-test',
    signal: undefined,
    ...options,
    lock: {
      key: history.table,
      timeoutMs: lockTimeoutMs ?? 300_000,
      kind: lockKind ?? 'session',
      leaseMs,
    },
    emit: quietly(listener ?? ((event) => events.push(event))),
    now: () => clock?.now() ?? new Date(),
  }
  return underLock(settings, async (session) => {
    const rows = await history.read(session.queryRunner)
    const plan = planOf(direction, all, rows)
    settings.emit({ type: 'planned', steps: plan.steps })
    const loaded = await loadSteps(
      settings,
      plan.steps.map((step) => {
        const { verbatim: sent, ...read } = readStep(database.dialect, all, step)
        // With a `load` of its own, a test wants files to be loaded.
        return options.load === undefined && sent !== undefined ? { ...read, verbatim: sent } : read
      }),
      mode,
    )
    if (loaded.length > 0) await beforeSteps?.(plan)
    const { runId, done } = await runSteps(session, loaded, {
      mode,
      applied: rows.map((row) => row.name),
      watch: undefined,
    })
    const { from, to } = plan
    const steps = done.map(({ step, ...rest }) => ({
      revision: step.revision.id,
      message: step.revision.message,
      direction: step.direction,
      ...rest,
    }))
    return { outcome: { runId, direction, from, to, steps }, events }
  })
}

/** A step as the plan reads it from a file. Its statements are known only if the revision was created from statements. */
function readStep(dialect: Dialect, all: readonly TestRevision[], step: Plan['steps'][number]): ReadStep {
  const found = all.find(({ revision }) => revision === step.revision)
  const given = step.direction === 'upgrade' ? found?.up : found?.down
  const transactional = !saysOutside({}, step.revision)
  if (!Array.isArray(given)) return { ...step, statements: null, unread: 'in memory', transactional }
  const statements = given as readonly string[]
  const outside = transactional ? dialect.statements.outsideTransaction(statements) : undefined
  return {
    ...step,
    statements,
    ...(found !== undefined && isVerbatim(found.migration) && { verbatim: statements }),
    transactional: transactional && outside === undefined,
    ...(outside !== undefined && { outside }),
  }
}

/** Does what {@link run} does, through another DataSource for the same database, for example through a proxy or a pooler. */
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

/** Returns the messages of the applied revisions, oldest first. */
export async function appliedMessages(database: TestDatabase, all: readonly TestRevision[]): Promise<string[]> {
  const rows = await History.of(database.dialect, database.dataSource).read(database.dataSource)
  return rows.map((row) => all.find((one) => one.revision.name === row.name)?.revision.message ?? row.name)
}

/** Returns the error that a promise rejects with. Throws if the promise resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise
  } catch (error) {
    return error
  }
  throw new Error('expected a rejection')
}
