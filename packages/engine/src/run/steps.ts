import { randomUUID } from 'node:crypto'

import type { MigrationInterface } from 'typeorm'

import type { RebuildWatch } from '../dialect/roles/running'
import { AludelError } from '../errors'
import { createMetadataTable } from '../execution/metadata-table'
import { revisionOf } from '../execution/written'
import { nextTurn } from '../execution/turn'
import type { Keeping } from '../kept/keeping'
import type { RunListener } from '../project/events'
import { limitsOf } from '../project/limits'
import { type Revision, saysOutside, type Step } from '../revision/revision'
import { shortSql } from '../sql/text'
import { patiently } from './contention'
import { interruptedBetween, revisionLabel } from './failure'
import { runWithoutTransaction } from './outside-step'
import type { ReadStep } from './plan'
import { Preparation } from './preparation'
import type { LoadedStep, Run } from './run-values'
import type { Session } from './session'
import type { RunSettings } from './settings'
import { runInTransaction } from './transactional'

/** One transaction for each revision, or one for the whole run. */
export type TransactionMode = 'each' | 'all'

/**
 * Loads the files of all steps, before anything is changed: those whose statements are not all that they do. No code of a
 * revision is executed earlier in a run.
 *
 * @throws AludelError `ALUDEL_REVISION_LOAD`, `ALUDEL_REVISION_INVALID`; `ALUDEL_TRANSACTION_MODE` mode `all`, and a
 *   revision that cannot take part
 */
export async function loadSteps(
  settings: RunSettings,
  steps: readonly ReadStep[],
  mode: TransactionMode,
): Promise<readonly LoadedStep[]> {
  const loaded: LoadedStep[] = []
  for (const [index, step] of steps.entries()) {
    const { revision } = step
    const load = async (): Promise<MigrationInterface> =>
      step.verbatim === undefined ? settings.load(revision) : revisionOf(step.verbatim)
    const migration = await load()
    const one: LoadedStep = {
      step,
      migration,
      transactional: step.transactional && !saysOutside(migration, revision),
      index,
      limits: limitsOf(settings.limits, migration, revision),
      checksum: step.checksum ?? (await settings.checksumOf(revision)),
      again: async () => ({ ...one, migration: await load() }),
    }
    if (step.outside !== undefined) warnOfMode(settings.emit, step, step.outside)
    loaded.push(one)
  }
  if (mode === 'all')
    refuseOutside(loaded.map(({ step, transactional }) => ({ revision: step.revision, transactional })))
  return loaded
}

/**
 * Runs the steps, each in a transaction together with its row in the history and in the journal.
 *
 * @param applied names in the history
 * @returns the run, with what it has done
 * @throws AludelError
 * - `ALUDEL_LOCK_LOST` the lock was lost: stopped before the next statement; what was committed stays
 * - `ALUDEL_STATEMENT` a revision failed; nothing of it remains, those before it do (none, with mode `all`)
 * - `ALUDEL_TABLE_LOCKED` a table was locked, or deadlocks recurred, for longer than the limits allow
 * - `ALUDEL_STATEMENT_HALFWAY` a revision that is not transactional failed after some of its statements
 * - `ALUDEL_FOREIGN_KEYS` a revision left rows that refer to nothing; rolled back
 * - `ALUDEL_INTERRUPTED` the signal was given
 * - `ALUDEL_KEEP`, `ALUDEL_GIVE_BACK` something that is to be kept or given back needs a transaction, and a revision has none
 */
export async function runSteps(
  session: Session,
  steps: readonly LoadedStep[],
  options: {
    readonly mode: TransactionMode
    readonly applied: readonly string[]
    readonly watch: RebuildWatch | undefined
    readonly keeping?: Keeping
  },
): Promise<Run> {
  const run: Run = {
    ...session.settings,
    session,
    runId: randomUUID(),
    total: steps.length,
    mode: options.mode,
    watch: options.watch,
    keeping: options.keeping,
    kept: await session.settings.dialect.running.keepSession(session.queryRunner),
    preparation: new Preparation(session),
    applied: new Set(options.applied),
    done: [],
  }
  const [first] = steps
  if (first === undefined) return run
  stopIfAborted(run, first)
  for (const { step, transactional } of steps) if (!transactional) run.keeping?.refuseOutside(step.revision)
  await makeTables(run, first)
  try {
    await runAll(run, steps)
  } finally {
    await run.preparation.end()
  }
  return run
}

async function runAll(run: Run, steps: readonly LoadedStep[]): Promise<void> {
  const { session } = run
  if (run.mode === 'all') {
    await session.lock.check()
    await runInTransaction(run, steps)
    return
  }
  for (const loaded of steps) {
    await nextTurn()
    stopIfAborted(run, loaded)
    // A transaction ends with a proof of the lock. A lease is renewed.
    if (loaded.transactional && !session.isShared) await session.lock.beforeStatement(true)
    else await session.lock.check()
    if (loaded.transactional && (await runInTransaction(run, [loaded])) === 'done') continue
    // Its statements could not be read from its file.
    run.keeping?.refuseOutside(loaded.step.revision)
    if (loaded.transactional) warnOfMode(run.emit, loaded.step, 'one of its statements')
    await runWithoutTransaction(run, loaded.transactional ? await loaded.again() : loaded)
  }
}

/** Makes the tool's own tables, and TypeORM's metadata table, which a revision may use; not in a transaction. */
async function makeTables(run: Run, first: LoadedStep): Promise<void> {
  const { queryRunner } = run.session
  await patiently(run, first.step, first.limits.retryMs, async () => {
    await run.history.ensure(queryRunner)
    await createMetadataTable(queryRunner)
  })
}

function warnOfMode(emit: RunListener, step: Step, sql: string): void {
  emit({
    type: 'warning',
    message:
      `revision ${revisionLabel(step)} runs statement by statement, because a transaction does not allow ` +
      `${shortSql(sql, 80)}. Declare it: \`readonly transaction = false\``,
  })
}

/** @throws AludelError `ALUDEL_TRANSACTION_MODE` for steps that cannot take part in one transaction of the whole run */
export function refuseOutside(
  steps: readonly { readonly revision: Revision; readonly transactional: boolean }[],
): void {
  const outside = steps.filter(({ transactional }) => !transactional).map(({ revision }) => revision)
  if (outside.length === 0) return
  const names = outside.map((revision) => `${revision.id} (${revision.message})`).join(', ')
  throw new AludelError(
    'ALUDEL_TRANSACTION_MODE',
    `${names} must run outside a transaction, so the run cannot be one transaction`,
    {
      help: 'Run with one transaction for each revision: --transaction each.',
      details: { revisions: outside.map((revision) => revision.id) },
    },
  )
}

function stopIfAborted(run: Run, next: LoadedStep): void {
  if (run.signal?.aborted === true) throw interruptedBetween(run.done, next.step)
}
