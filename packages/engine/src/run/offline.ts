import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { MigratorContext } from '../project/context'
import { recordedChecksum } from '../files/checksum'
import { createTables, metadataTable, quotePath } from '../history/history'
import { refuseUnknown } from '../history/state'
import { readEntries } from '../kept/list'
import { keeps } from '../kept/options'
import { planRange, planStamp } from '../revision/planner'
import { parseRange } from '../revision/range'
import { historyNames } from '../revision/replaced'
import type { Direction, Revision } from '../revision/revision'
import { journalInsert, type JournalTarget, offlineScript, type ScriptStep } from './script'
import { plural } from '../text'
import { toolVersion } from '../version'
import { warnBeforeRun } from './guard'
import { type Planner, prepare, type ReadStep, readSteps, type RunPlan } from './plan'
import { recordSteps } from './record-steps'
import { stampEntries } from './stamp'
import type { TransactionMode } from './steps'

/** Scripts for `psql` and `sqlite3` that leave the same schema and the same history as a run. */

/** The script of `A:B`, made without a database. */
export async function offlineRange(
  context: MigratorContext,
  direction: Direction,
  range: string,
  mode: TransactionMode,
): Promise<string[]> {
  const { graph } = await context.revisions.read()
  const { from, to } = parseRange(range)
  const plan = planRange(graph, from, to ?? (direction === 'upgrade' ? 'heads' : 'base'), direction)
  const applied = graph.ancestors(plan.from, { dependencies: true })
  const steps = await readSteps(context, await context.connection.dialect(), plan)
  const createTables = direction === 'upgrade' && applied.size === 0
  return scriptOf(context, steps, { applied: graph.sort(applied), createTables, mode })
}

/** The script of a run on the connected database. */
export async function offlineRun(context: MigratorContext, planner: Planner, mode: TransactionMode): Promise<string[]> {
  const { plan, journal } = await context.connection.withReader(async (runner, dialect) => {
    const plan = await prepare(context, dialect, runner, planner, { effects: 'never' })
    await warnOfKept(context, dialect, runner, plan)
    return { plan, journal: await journalTarget(context, dialect, runner) }
  })
  warnBeforeRun(plan, { warn: context.reporter.warn, script: true })
  const { graph, applied } = plan.state
  const createTables = plan.direction === 'upgrade'
  return scriptOf(context, plan.steps, { applied: graph.sort(applied), createTables, mode, journal })
}

/** What is kept in a run needs queries whose answers decide what follows. */
async function warnOfKept(
  context: MigratorContext,
  dialect: Dialect,
  database: Queryable,
  { direction, steps }: RunPlan,
): Promise<void> {
  const { warn } = context.reporter
  if (steps.length === 0) return
  if (direction === 'upgrade') {
    if (keeps(context.options.keepDropped)) warn('a script keeps nothing of what it drops: keepDropped is ignored')
    return
  }
  const names = new Set(steps.map(({ revision }) => revision.name))
  const kept = (await readEntries(context, dialect, database)).filter(({ name }) => names.has(name))
  if (kept.length > 0)
    warn(`upgrades have kept ${plural(kept.length, 'thing')} of these revisions, and a script does not give it back`)
}

/** How a script writes the journal of the connected database. */
async function journalTarget(
  context: MigratorContext,
  { journal }: Dialect,
  database: Queryable,
): Promise<JournalTarget> {
  const history = await context.connection.history()
  const isOld = await history.isOldLayout(database)
  return { history: history.name, addHistory: isOld ? journal.addHistory(history.journalTable) : [] }
}

async function scriptOf(
  context: MigratorContext,
  read: readonly ReadStep[],
  options: {
    readonly applied: readonly Revision[]
    readonly createTables: boolean
    readonly mode: TransactionMode
    readonly journal?: JournalTarget
  },
): Promise<string[]> {
  const dialect = await context.connection.dialect()
  const history = await context.connection.history()
  const steps: ScriptStep[] = []
  for (const step of await recordSteps(context, dialect, read, options.applied))
    steps.push({ ...step, checksum: await recordedChecksum(step.revision) })
  const statements = steps.flatMap((step) => (step.direction === 'upgrade' ? step.statements : []))
  const before =
    statements.length === 0 ? [] : await dialect.sql.script.connect(await context.connection.withEntities(), statements)
  return offlineScript({
    dialect,
    steps,
    historyTable: history.table,
    journalTable: history.journalTable,
    metadataTable: metadataTable((await context.connection.dataSource()).options),
    journal: options.journal,
    createTables: options.createTables,
    before,
    mode: options.mode,
    actor: context.actor,
    toolVersion,
  })
}

/** The script of a stamp on the connected database. */
export async function offlineStamp(
  context: MigratorContext,
  targets: readonly string[],
  options: { readonly purge?: boolean },
): Promise<string[]> {
  const state = await context.state()
  if (options.purge !== true) refuseUnknown(state)
  const plan = planStamp(state.graph, state.applied, targets, { purge: options.purge === true })
  const dialect = await context.connection.dialect()
  const history = await context.connection.history()
  const table = quotePath(dialect, history.table)
  const { options: connection } = await context.connection.dataSource()
  const forgotten = [...plan.remove.flatMap(historyNames), ...(options.purge === true ? state.unknown : [])]
  const runId = context.newRunId()
  const entries = await stampEntries(context, runId, plan)
  const journal = await context.connection.withReader((runner) => journalTarget(context, dialect, runner))
  return [
    ...dialect.sql.script.header,
    ...createTables(dialect, history, metadataTable(connection)).map((sql) => `${sql};`),
    ...journal.addHistory.map((sql) => `${sql};`),
    ...dialect.sql.script.begin(true),
    ...forgotten.map((name) => `DELETE FROM ${table} WHERE "name" = ${dialect.sql.literal(name)};`),
    ...plan.insert.map(
      ({ name, timestamp }) =>
        `INSERT INTO ${table} ("timestamp", "name") VALUES (${dialect.sql.literal(timestamp)}, ${dialect.sql.literal(name)});`,
    ),
    ...entries.map((entry) => `${journalInsert(dialect, history.journalTable, entry, journal.history)};`),
    ...dialect.sql.script.commit(true),
    ...dialect.sql.script.footer,
  ]
}
