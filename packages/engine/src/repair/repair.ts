import type { QueryRunner } from 'typeorm'

import type { MigratorContext } from '../project/context'
import type { Dialect } from '../dialect/dialect'
import { AludelError } from '../errors'
import { recordedChecksum } from '../files/checksum'
import { revisionText } from '../history/findings'
import { databaseDifference, fileDifference } from './difference'
import { type RepairStep, type RepairTargets, repairSteps, rowsInOrder } from './steps'
import type { RepairChange, RepairResult } from '../results'
import type { RevisionGraph } from '../revision/graph'
import { plainId } from '../files/plain'
import { type Examined, examine } from '../inspect/findings'
import { preflight } from '../run/preflight'
import { inOneTransaction, type Session, underLock } from '../run/session'
import { settingsOf } from '../run/settings'
import { expectShape, stampEntry } from '../run/stamp'

/** Options of {@link Migrator.repair}. Without a target it only lists the findings. */
export interface RepairOptions extends RepairTargets {
  /** Return the changes without writing them. Default is false. */
  readonly dryRun?: boolean
  /** Restore rows even if their parents are not applied, or the schema of the database differs. Default is false. */
  readonly force?: boolean
  /** Receives the changes before they are written; false stops. Absent: they are written without confirmation. */
  readonly confirm?: (changes: readonly RepairChange[]) => Promise<boolean>
}

/**
 * Repairs inconsistencies between the history and the files. Writes only rows of the history and entries of the journal,
 * under the lock and in one transaction.
 *
 * @throws AludelError
 * - `ALUDEL_CONFIRMATION` `confirm` returned false, or the database changed meanwhile
 * - `ALUDEL_OUT_OF_ORDER` a row to restore depends on a revision that is not applied
 * - `ALUDEL_STAMP_MISMATCH` the database does not have the schema of a row to restore
 * - `ALUDEL_UNKNOWN_REVISION`, `ALUDEL_AMBIGUOUS_REVISION`, `ALUDEL_NOT_A_TARGET`, `ALUDEL_LOCKED`
 */
export async function repair(context: MigratorContext, options: RepairOptions): Promise<RepairResult> {
  return context.connection.withRunner(async (runner, dialect) => {
    const examined = await examine(context, runner)
    const steps = repairSteps(examined, options)
    if (steps.length === 0) return { repaired: [], changes: [], findings: examined.findings }
    if (options.force !== true) await refuseUnfit(context, dialect, runner, examined, steps)
    const changes = await explain(context, dialect, runner, examined, steps)
    if (options.dryRun === true) return { repaired: [], changes, findings: examined.findings }
    if (options.confirm !== undefined && !(await options.confirm(changes))) throw notConfirmed(changes)
    await preflight(context, dialect, runner)
    await underLock(await settingsOf(context, dialect, runner), async (session) => {
      const now = repairSteps(await examine(context, runner), options)
      if (keys(now) !== keys(steps)) throw changedMeanwhile()
      await write(context, session, examined.state.graph, steps)
    })
    const { findings } = await examine(context, runner)
    return { repaired: steps.map(({ what, revision, name }) => ({ what, revision, name })), changes, findings }
  })
}

/** A row to restore must depend only on applied revisions, and the database must have their schema. */
async function refuseUnfit(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  { state }: Examined,
  steps: readonly RepairStep[],
): Promise<void> {
  const restored = steps.flatMap(({ what, file }) => (what === 'restore' && file !== undefined ? [file] : []))
  if (restored.length === 0) return
  const { graph } = state
  const removed = new Set(steps.filter(({ what }) => what === 'remove').map(({ revision }) => revision))
  const applied = new Set([...state.applied].filter((id) => !removed.has(id)))
  for (const { id } of restored) applied.add(id)
  for (const revision of restored) {
    const lacks = [...graph.ancestors([revision.id], { dependencies: true })].filter((id) => !applied.has(id))
    if (lacks.length === 0) continue
    throw new AludelError(
      'ALUDEL_OUT_OF_ORDER',
      `${revisionText(revision)} cannot be restored: it depends on ${lacks.join(', ')}, which ${lacks.length === 1 ? 'is' : 'are'} not applied`,
      {
        help: 'Restore that too, or restore it anyway with --force. Nothing was changed.',
        details: { revision: revision.id, lacks },
      },
    )
  }
  const heads = graph.currentOf(applied).map(({ id }) => id)
  await expectShape(context, dialect, runner, graph.sort(applied), heads)
}

async function explain(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  { state, entries }: Examined,
  steps: readonly RepairStep[],
): Promise<readonly RepairChange[]> {
  const changes: RepairChange[] = []
  const hasEdits = steps.some(({ what }) => what === 'checksum')
  const database = hasEdits ? await databaseDifference(context, dialect, runner, state) : {}
  for (const { what, revision, name, file } of steps) {
    const entry = entries.get(name)
    const text = file === undefined ? name : revisionText(file)
    changes.push({
      ...{ what, revision, name, text: sentences[what](text) },
      ...(what === 'checksum' && file !== undefined && entry !== undefined
        ? { ...(await fileDifference(context.root, file, entry)), ...database }
        : {}),
    })
  }
  return changes
}

const sentences: Readonly<Record<RepairStep['what'], (text: string) => string>> = {
  checksum: (text) => `the current file of ${text} counts as applied`,
  remove: (text) => `${text} no longer counts as applied; its changes are not undone`,
  restore: (text) => `${text} counts as applied without being run`,
  order: (text) => `the row of ${text} moves before those that depend on it`,
}

async function write(
  context: MigratorContext,
  session: Session,
  graph: RevisionGraph,
  steps: readonly RepairStep[],
): Promise<void> {
  const { queryRunner: runner, settings } = session
  const { history } = settings
  await history.ensure(runner)
  const runId = context.newRunId()
  await inOneTransaction(session, async () => {
    for (const { what, revision, name, file } of steps) {
      if (what === 'order') continue
      if (what === 'remove') await history.remove(runner, file ?? { name })
      if (what === 'restore' && file !== undefined) await history.record(runner, file)
      const checksum = what === 'remove' || file === undefined ? '' : await recordedChecksum(file)
      await history.journal(runner, stampEntry(context, runId, { id: revision ?? plainId(name), name }, checksum))
    }
    if (!steps.some(({ what }) => what === 'order')) return
    const rows = await history.read(runner)
    const wanted = rowsInOrder(graph, rows)
    const same = wanted.findIndex((row, index) => row.name !== rows[index]?.name)
    const moved = same === -1 ? [] : wanted.slice(same)
    for (const row of moved) await history.remove(runner, row)
    for (const row of moved) await history.record(runner, row)
  })
}

function keys(steps: readonly RepairStep[]): string {
  return JSON.stringify(steps.map(({ what, name }) => [what, name]))
}

function notConfirmed(changes: readonly RepairChange[]): AludelError {
  return new AludelError('ALUDEL_CONFIRMATION', 'the repair was not confirmed', {
    help: [...changes.map(({ text }) => `would write: ${text}`), 'Nothing was changed. Confirm with --yes.'].join('\n'),
    details: { changes },
  })
}

function changedMeanwhile(): AludelError {
  return new AludelError('ALUDEL_CONFIRMATION', 'the database changed while waiting for confirmation', {
    help: 'Nothing was changed; ask again.',
  })
}
