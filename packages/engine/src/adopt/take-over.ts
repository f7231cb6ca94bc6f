import { backUp, type BackupOptions } from '../run/back-up'
import { inOneTransaction, type Session } from '../run/session'
import { stampEntries, stampEntry } from '../run/stamp'
import type { Dialect } from '../dialect/dialect'
import { AludelError } from '../errors'
import { plainId } from '../files/plain'
import type { MigratorContext } from '../project/context'
import { limitsOfRun } from '../project/limits'
import type { AdoptResult } from '../results'
import { planStamp } from '../revision/planner'
import type { Loss } from '../sql/effects'
import type { KeptRows } from './convert/kept-rows'
import { type Changes, inWords, sendChanges } from './send'

/** What is changed before the revisions are recorded. */
export interface TakenOver extends Changes {
  /** Tables that are rebuilt or locked for long. */
  readonly rewrites: readonly string[]
  /** Values that are replaced. */
  readonly losses?: readonly Loss[]
  /** Keeps others from writing, and reads the rows: they are compared after the changes. */
  readonly watchRows?: () => Promise<KeptRows>
}

/** What is recorded, and what is changed before. */
interface TakeOver extends BackupOptions {
  /** Ids of the heads. */
  readonly heads: readonly string[]
  /** Absent: nothing. */
  readonly changes?: TakenOver
  /** Called after the changes, in their transaction: whether the database has the schema of the heads now. */
  readonly isThere: () => Promise<boolean>
}

/**
 * Renames or converts, and records revisions as applied, in one transaction. Rows of TypeORM's history without a file are removed
 * from it, and noted in the journal. Call it under the lock.
 *
 * @throws AludelError `ALUDEL_PROOF` if the changes do not give the schema of the revisions, or a row would not be what it should be;
 *   and those of {@link sendChanges}
 */
export async function takeOver(
  context: MigratorContext,
  dialect: Dialect,
  session: Session,
  { heads, changes, isThere, ...options }: TakeOver,
): Promise<Pick<AdoptResult, 'stamped' | 'backup'>> {
  const { queryRunner: runner, settings } = session
  const { history } = settings
  const steps =
    changes === undefined ? [] : [{ effects: { destroys: changes.losses ?? [], rewrites: changes.rewrites } }]
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
    const objects = changes === undefined ? null : await prepared.watchObjects()
    await inOneTransaction(session, async () => {
      if (changes !== undefined) {
        await dialect.running.limit(runner, limitsOfRun(settings.limits), 'transaction')
        const { kind, watchRows } = changes
        const rows = watchRows && (await inWords(dialect, kind, 'reading the rows', watchRows))
        await sendChanges(settings, runner, changes, objects)
        if (!(await isThere())) throw schemaDiffers(dialect, kind)
        await rows?.compare()
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

function schemaDiffers({ name }: Dialect, kind: Changes['kind']): AludelError {
  const after = kind === 'rename' ? 'the renames' : 'the conversion'
  return new AludelError(
    'ALUDEL_PROOF',
    `after ${after}, the database does not have the schema of its revision (${name})`,
    {
      help: 'Nothing was changed. This is a defect of Aludel: please report it, with the schema of a table that differs.',
      details: { dialect: name },
    },
  )
}
