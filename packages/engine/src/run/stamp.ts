import type { QueryRunner } from 'typeorm'

import type { MigratorContext } from '../project/context'
import { livePair, diffOf } from '../create/diff'
import { replayedSchema } from '../shadow/schemas'
import type { Dialect } from '../dialect/dialect'
import { AludelError } from '../errors'
import { recordedChecksum } from '../files/checksum'
import type { JournalEntry } from '../history/types'
import { databaseDifferences } from '../inspect/sides'
import { describeOperation } from '../operations'
import type { StampResult } from '../results'
import { planStamp, type StampPlan } from '../revision/planner'
import type { Revision } from '../revision/revision'
import { toolVersion } from '../version'
import { preflight } from './preflight'
import { inOneTransaction, type Session, underLock } from './session'
import { settingsOf } from './settings'

/** Options of `Migrator.stamp`. */
export interface StampOptions {
  /** Remove every row first, also those without a file. */
  readonly purge?: boolean
  /** Do not check whether the database has the schema of the revisions. */
  readonly force?: boolean
}

/**
 * Records revisions as applied without running them.
 *
 * @throws AludelError `ALUDEL_STAMP_MISMATCH` when the database does not have the schema of these revisions;
 *   `ALUDEL_LOCKED`, `ALUDEL_UNKNOWN_REVISION` …
 */
export async function stampRevisions(
  context: MigratorContext,
  targets: readonly string[],
  options: StampOptions,
): Promise<StampResult> {
  return context.connection.withRunner(async (runner, dialect) => {
    const { graph, applied } = await context.state(runner)
    const wanted = planStamp(graph, applied, targets, { purge: options.purge === true })
    await preflight(context, dialect, runner)
    if (options.force !== true) {
      const revisions = graph.sort(graph.ancestors(wanted.to, { dependencies: true }))
      await expectShape(context, dialect, runner, revisions, wanted.to)
    }
    const settings = await settingsOf(context, dialect, runner)
    return underLock(settings, (session) => writeStamp(context, session, targets, options.purge === true))
  })
}

/** Writes the rows of a stamp in one transaction. Call it under the lock. */
export async function writeStamp(
  context: MigratorContext,
  session: Session,
  targets: readonly string[],
  purge: boolean,
): Promise<StampResult> {
  const { queryRunner: runner, settings } = session
  const { history } = settings
  await history.ensure(runner)
  const state = await context.state(runner)
  const plan = planStamp(state.graph, state.applied, targets, { purge })
  const entries = await stampEntries(context, context.newRunId(), plan)
  await inOneTransaction(session, async () => {
    if (purge) for (const name of state.unknown) await history.remove(runner, { name })
    for (const revision of plan.remove) await history.remove(runner, revision)
    for (const revision of plan.insert) await history.record(runner, revision)
    for (const entry of entries) await history.journal(runner, entry)
  })
  return { from: plan.from, to: plan.to }
}

/**
 * Refuses to record revisions as applied if the database does not have their schema.
 *
 * @param revisions in run order
 * @throws AludelError `ALUDEL_STAMP_MISMATCH`
 */
export async function expectShape(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  revisions: readonly Revision[],
  heads: readonly string[],
): Promise<void> {
  const ignoreTables = await context.connection.ignoreTablesOf(runner)
  const live = await dialect.introspection.read(runner, { ignoreTables })
  const expected = await replayedSchema(context, dialect, revisions)
  const { operations } = diffOf(await livePair(context, dialect, expected, live))
  if (operations.length === 0) return
  const lines = databaseDifferences(operations)
  throw new AludelError(
    'ALUDEL_STAMP_MISMATCH',
    `the database does not have the shape of ${heads.length === 0 ? 'base' : heads.join(', ')}`,
    {
      help: [
        `Compared with the schema of ${heads.length === 0 ? 'base, which is empty' : `${heads.join(', ')}, which a replay of the revisions gives`}:`,
        ...lines.slice(0, 12).map((line) => `  ${line}`),
        ...(lines.length > 12 ? [`  … and ${String(lines.length - 12)} more`] : []),
        'Nothing was changed. To record it anyway: --force',
      ].join('\n'),
      details: { revisions: heads, differences: operations.map(describeOperation) },
    },
  )
}

/** The journal entries of a stamp. */
export async function stampEntries(
  context: MigratorContext,
  runId: string,
  { remove, insert }: StampPlan,
): Promise<readonly JournalEntry[]> {
  const entries = remove.map((revision) => stampEntry(context, runId, revision, ''))
  for (const revision of insert) entries.push(stampEntry(context, runId, revision, await recordedChecksum(revision)))
  return entries
}

/**
 * A journal entry for a revision that was recorded as applied, or as not applied, without running.
 *
 * @param checksum that of the file; empty for a revision that is no longer applied
 */
export function stampEntry(
  context: MigratorContext,
  runId: string,
  revision: Pick<Revision, 'id' | 'name'>,
  checksum: string,
): JournalEntry {
  const now = context.now()
  return {
    runId,
    revision: revision.id,
    name: revision.name,
    direction: 'stamp',
    statement: 0,
    checksum,
    startedAt: now,
    finishedAt: now,
    durationMs: 0,
    actor: context.actor,
    toolVersion,
    outcome: 'stamped',
  }
}
