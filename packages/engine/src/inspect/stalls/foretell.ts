import type { Dialect } from '../../dialect/dialect'
import type { Growth, LiveProfile } from '../../dialect/roles/scale'
import { messageOf, refuseAborted } from '../../errors'
import type { MigratorContext } from '../../project/context'
import type { Stall } from '../../results'
import type { Revision } from '../../revision/revision'
import { displayName, type Schema } from '../../schema/schema'
import type { StepTrace } from '../lint/trace'
import { type Blocked, stallsOf, stallsTogether } from './blocked'
import { extrapolate } from './extrapolate'
import { type ModelPlan, type ModelRun, type Rehearsal, rehearse, runModel } from './model'
import { rehearsed, type RehearsedStatement, type RehearsedStep, type SentStep } from './rehearsal'
import { withRequired } from './required'
import type { ModelStep } from './timed-steps'
import { whyUnknown } from './unknown'
import { wholeTables } from './whole-tables'

/** How long a step would keep others waiting. */
export interface ForetoldStep {
  readonly revision: string
  readonly direction: ModelStep['direction']
  /** Its statements, with the milliseconds of each. Empty where that cannot be told. */
  readonly statements: readonly { readonly sql: string; readonly ms: number }[]
  readonly stalls: readonly Stall[]
  /** Why that cannot be told. */
  readonly unknown?: string
  /** What its statements do where they keep what they drop; absent if they keep nothing. */
  readonly traced?: StepTrace
}

/** How the steps will run. */
export interface ForetellOptions {
  /** Whether upgrades keep what they drop. */
  readonly keeps: boolean
  /** See `MigrateOptions.transaction`. */
  readonly transaction: 'each' | 'all'
}

interface TimedForetoldStep extends ForetoldStep {
  /** Milliseconds of all statements, and of the end of the step. */
  readonly totalMs: number
}

/** How often each model is made, where that fits into the time: the median shrugs off what happens beside one of them. */
const rounds = 3

/** Most rows of all tables of a model, and most bytes of the values in one of them: the disk has other uses. */
const mostRows = 1_600_000
const mostBytes = 100_000_000

/** Rows with which nothing takes long: the rehearsal has the times. */
const countsForNothing = 1000

/** Milliseconds after which no further model is begun. */
const budgetMs = 30_000

/**
 * Foretells for how long steps would keep others waiting on the live database. Two scale models of it, with few rows and with more,
 * show what each statement costs in itself and for each row; the catalog knows how many rows there are. The live database is asked for
 * nothing else. Never throws but for an interruption: what goes wrong is why it cannot be told.
 *
 * @param applied the revisions that the live database has, in run order
 * @param steps what would run, in run order
 * @param traced what the steps locked, scanned and rewrote, where the dialect can measure that; not used where they keep what they drop
 */
export async function foretell(
  context: MigratorContext,
  dialect: Dialect,
  applied: readonly Revision[],
  steps: readonly ModelStep[],
  traced: readonly StepTrace[],
  { keeps, transaction }: ForetellOptions,
): Promise<readonly ForetoldStep[]> {
  const each = (unknown?: string): readonly ForetoldStep[] =>
    steps.map(({ revision, direction }) => {
      const step = { revision: revision.id, direction, statements: [], stalls: [] }
      return unknown === undefined ? step : { ...step, unknown }
    })
  if (steps.length === 0 || dialect.scale.sizes[1] === 0) return []
  try {
    context.reporter.progress('reading the sizes of tables')
    const live = await context.connection.withReader(async (runner) =>
      dialect.scale.profile(runner, await dialect.introspection.tableNames(runner)),
    )
    const plan = { applied, steps, live, keeps, tables: new Set<string>() }
    const rehearsal = await rehearse(context, dialect, plan)
    const keptTraces = keeps && dialect.trace.measures ? tracesIn(rehearsal, steps) : undefined
    const own = rehearsed(steps, keptTraces ?? traced, sentIn(rehearsal, steps.length), live)
    const touched = new Set(own.flatMap(({ statements }) => statements.flatMap(({ tables }) => tables)))
    const isQuiet = touched.size === 0 && own.every(({ error }) => error === undefined)
    if (isQuiet && dialect.scale.blocksAll(live) === null) return each()
    const schema = withRequired(rehearsal.before, rehearsal.after)
    // SQLite checks all foreign keys at the end of a revision.
    const checked = dialect.trace.measures ? [] : withKeys(schema)
    const tables = new Set([...touched, ...checked])
    const isSmall = [...tables].every((table) => (live.tables.get(table)?.rows ?? Infinity) <= countsForNothing)
    const runs = isSmall
      ? [asRun(rehearsal, live)]
      : await modelRuns(context, dialect, { ...plan, tables }, { schema, ...rehearsal })
    const unfit = runs.find((run) => run.unfit !== null)?.unfit
    if (typeof unfit === 'string') return each(unfit)
    const foretold = own.map((step, at) => ({
      ...foretellStep(dialect, live, step, at, runs, checked),
      ...nameOf(steps[at]),
      ...(keptTraces?.[at] !== undefined && { traced: keptTraces[at] }),
    }))
    return transaction === 'all' ? together(foretold) : foretold
  } catch (error) {
    refuseAborted(context.signal)
    return each(messageOf(error).split('\n', 1).join(''))
  }
}

function nameOf(step: ModelStep | undefined): Pick<ForetoldStep, 'revision' | 'direction'> {
  return { revision: step?.revision.id ?? '', direction: step?.direction ?? 'upgrade' }
}

/** In one transaction, how long each step blocks others depends on all steps after it. */
function together(steps: readonly TimedForetoldStep[]): readonly ForetoldStep[] {
  const stalls = stallsTogether(steps)
  return steps.map((step, at) => {
    const unknown = steps.slice(at + 1).find((later) => later.unknown !== undefined)
    const own = stalls[at] ?? []
    if (unknown === undefined || own.length === 0) return { ...step, stalls: own }
    const reason = `the transaction lasts until ${unknown.revision} has run, and of that one: ${unknown.unknown ?? ''}`
    return { ...step, stalls: [], unknown: step.unknown ?? reason }
  })
}

/** What was measured of steps in a rehearsal; of a step that failed, only its error. */
function tracesIn(rehearsal: Rehearsal, steps: readonly ModelStep[]): readonly StepTrace[] {
  return steps.map((step, at): StepTrace => {
    const ran = rehearsal.steps[at]
    if (ran === undefined)
      return { ...nameOf(step), statements: [], error: rehearsal.error ?? 'a step before it failed' }
    return { ...nameOf(step), statements: ran.statements }
  })
}

function withKeys({ tables }: Schema): readonly string[] {
  return tables.filter(({ foreignKeys }) => foreignKeys.length > 0).map(displayName)
}

/** A rehearsal as the model of tables with as few rows. */
function asRun({ steps, error }: Rehearsal, live: LiveProfile): ModelRun {
  const rows = new Map([...live.tables].map(([name, table]) => [name, table.rows ?? 0]))
  const nothing = { rows, refused: new Map<string, string>(), unfit: null }
  return { ...nothing, steps, indexes: new Map<string, readonly string[]>(), ...(error !== undefined && { error }) }
}

/** What the steps sent, with the error of the one that failed. */
function sentIn({ steps, error }: Rehearsal, count: number): readonly SentStep[] {
  return Array.from({ length: count }, (_, at): SentStep => {
    const statements = steps[at]?.statements.map(({ sql }) => sql) ?? []
    return at < steps.length ? { statements } : { statements, error: error ?? 'a step before it failed' }
  })
}

/** Models of both sizes, in turns, until there are enough or the time is over. */
async function modelRuns(
  context: MigratorContext,
  dialect: Dialect,
  plan: ModelPlan,
  { schema, plansAsLive }: { readonly schema: Schema; readonly plansAsLive: boolean },
): Promise<readonly ModelRun[]> {
  const [few, most] = dialect.scale.sizes
  const sizes = [...plan.tables].map((table) => plan.live.tables.get(table)?.rows ?? 0)
  const large = sizes.filter((rows) => rows > few).length
  const many = Math.max(few, Math.min(most, Math.floor(mostRows / Math.max(1, large))))
  const whole = wholeTables(schema, plan.live, plan.tables, { most: many, bytes: mostBytes, plansAsLive })
  const models = large === 0 ? [few] : [few, many]
  const runs: ModelRun[] = []
  const began = performance.now()
  for (let round = 0; round < rounds; round++) {
    for (const size of models) {
      refuseAborted(context.signal)
      const [number, all] = [runs.length + 1, rounds * models.length]
      context.reporter.progress(`measuring how long it takes, ${String(number)} of ${String(all)}`)
      const limits = { most: size, bytes: (mostBytes * size) / many, whole }
      const run = await runModel(context, dialect, plan, { schema, limits, longestMs: budgetMs })
      runs.push(run)
      if (run.unfit !== null || performance.now() - began > budgetMs) return runs
    }
    const elapsed = performance.now() - began
    if (elapsed + elapsed / (round + 1) > budgetMs) break
  }
  return runs
}

function foretellStep(
  dialect: Dialect,
  live: LiveProfile,
  step: RehearsedStep,
  at: number,
  runs: readonly ModelRun[],
  checked: readonly string[],
): Omit<TimedForetoldStep, 'revision' | 'direction'> {
  const unknown = whyUnknown(step, at, live, runs)
  if (unknown !== undefined) return { statements: [], stalls: [], totalMs: 0, unknown }
  const all = [...new Set(step.statements.flatMap(({ tables }) => tables))]
  const time = (touched: readonly string[], growth: Growth, msIn: (run: ModelRun) => number): number | null => {
    // What a table costs that is whole in the models does not grow.
    const grown = touched.filter((table) =>
      runs.some((run) => (run.rows.get(table) ?? 0) < (live.tables.get(table)?.rows ?? 0)),
    )
    const tables = grown.length === 0 ? touched : grown
    const timings = runs.map((run) => ({ rows: largestOf(tables, (table) => run.rows.get(table)), ms: msIn(run) }))
    const rows = largestOf(tables, (table) => live.tables.get(table)?.rows)
    return extrapolate(timings, rows, growth)
  }
  const endMs = time([...all, ...checked], 'linear', (run) => run.steps[at]?.endMs ?? 0)
  const statements = step.statements.flatMap((statement, place) => {
    const { sql, tables } = statement
    // Which tables a function uses its statement does not show.
    const touched = tables.length === 0 ? all : tables
    const ms = time(touched, dialect.scale.growth(sql), (run) => run.steps[at]?.statements[place]?.ms ?? 0)
    return ms === null ? [] : [{ sql, ms, blocked: blockedBy(dialect, live, statement) }]
  })
  if (endMs === null || statements.length < step.statements.length)
    return { statements: [], stalls: [], totalMs: 0, unknown: 'a model of the database with more rows takes too long' }
  const transactional = runs.every((run) => run.steps[at]?.transactional !== false)
  return {
    statements: statements.map(({ sql, ms }) => ({ sql, ms: Math.round(ms) })),
    stalls: stallsOf(statements, endMs, transactional),
    totalMs: statements.reduce((sum, { ms }) => sum + ms, endMs),
  }
}

function largestOf(tables: readonly string[], rows: (table: string) => number | null | undefined): number {
  return Math.max(0, ...tables.map((table) => rows(table) ?? 0))
}

/** Whom a statement keeps waiting. Rows that are inserted are not there for anybody to wait for. */
function blockedBy(dialect: Dialect, live: LiveProfile, { sql, locks }: RehearsedStatement): readonly Blocked[] {
  const whole = dialect.scale.blocksAll(live)
  if (whole !== null) return [{ table: null, blocks: whole }]
  return locks.flatMap((lock) => {
    const blocks = dialect.scale.blocks(lock)
    const isNobody = blocks === null || (blocks === 'changed rows' && /^\s*INSERT\b/i.test(sql))
    return isNobody ? [] : [{ table: lock.table, blocks }]
  })
}
