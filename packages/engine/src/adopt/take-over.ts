import { backUp, type BackupOptions } from '../run/back-up'
import { inOneTransaction, type Session } from '../run/session'
import { stampEntries, stampEntry } from '../run/stamp'
import type { Dialect } from '../dialect/dialect'
import { AludelError } from '../errors'
import { plainId } from '../files/plain'
import type { MigratorContext } from '../project/context'
import type { AdoptResult } from '../results'
import { planStamp } from '../revision/planner'
import { rename, type RenamePlan } from './renames'

/** What is recorded, and what is renamed before. */
interface TakeOver extends BackupOptions {
  /** Ids of the heads. */
  readonly heads: readonly string[]
  readonly renames: RenamePlan
  /** Called after the renames, in their transaction: whether the database has the schema of the heads now. */
  readonly isThere: () => Promise<boolean>
}

/**
 * Renames, and records revisions as applied, in one transaction. Rows of TypeORM's history without a file are removed from it, and
 * noted in the journal. Call it under the lock.
 *
 * @throws AludelError `ALUDEL_PROOF` if the renames do not give the schema of the revisions, and those of {@link rename}
 */
export async function takeOver(
  context: MigratorContext,
  dialect: Dialect,
  session: Session,
  { heads, renames, isThere, ...options }: TakeOver,
): Promise<Pick<AdoptResult, 'stamped' | 'backup'>> {
  const { queryRunner: runner, settings } = session
  const { history } = settings
  const steps = renames.sql.length === 0 ? [] : [{ effects: { destroys: [], rewrites: renames.rewrites } }]
  const backup = await backUp(context, dialect, runner, { direction: 'upgrade', steps }, options)
  await history.ensure(runner)
  const state = await context.state(runner)
  const plan = planStamp(state.graph, state.applied, heads)
  const runId = context.newRunId()
  const entries = [
    ...state.unknown.map((name) => stampEntry(context, runId, { id: plainId(name), name }, '')),
    ...(await stampEntries(context, runId, plan)),
  ]
  const prepared = await dialect.running.prepare(runner)
  try {
    await prepared.beforeRevision()
    const objects = renames.sql.length === 0 ? null : await prepared.watchObjects()
    await inOneTransaction(session, async () => {
      if (renames.sql.length > 0) {
        await rename(settings, runner, renames, objects)
        if (!(await isThere())) throw renamesDiffer(dialect)
        await dialect.running.beforeCommit(runner)
      }
      for (const name of state.unknown) await history.remove(runner, { name })
      for (const revision of plan.insert) await history.record(runner, revision)
      for (const entry of entries) await history.journal(runner, entry)
    })
  } finally {
    await prepared.restore()
  }
  return { stamped: plan.to, backup }
}

function renamesDiffer({ name }: Dialect): AludelError {
  return new AludelError(
    'ALUDEL_PROOF',
    `after the renames, the database does not have the schema of its revision (${name})`,
    {
      help: 'Nothing was changed. This is a defect of Aludel: please report it, with the schema of a table that differs.',
      details: { dialect: name },
    },
  )
}
