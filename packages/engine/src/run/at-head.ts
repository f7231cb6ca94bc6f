import { isAludelError } from '../errors'
import { examineHistory } from '../inspect/findings'
import type { MigratorContext } from '../project/context'
import type { RunResult } from '../results'
import type { Direction } from '../revision/revision'
import type { MigrateOptions } from './run'
import type { Planner, RunPlan } from './plan'
import { quietly } from './settings'

/** Loaded where something is kept. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const kept = () => require('../kept/list') as typeof import('../kept/list')

/**
 * The result of an upgrade to the heads of a database that is there, from the summary of the files: without what is in them.
 *
 * @returns undefined if it takes more to know what there is to do
 * @throws AludelError of the connection, unless another session has locked the database
 */
export async function endAtHead(
  context: MigratorContext,
  direction: Direction,
  target: string,
  { expectedSteps = [], expect }: Pick<MigrateOptions, 'expectedSteps' | 'expect'>,
): Promise<RunResult | undefined> {
  const isToHead = direction === 'upgrade' && (target === 'head' || target === 'heads')
  const isExpected = expectedSteps.length > 0 || expect !== undefined
  if (!isToHead || isExpected || !(await hasCheapConnection(context))) return undefined
  const summary = await context.connection
    .readHistory(async (history, database) => {
      const found = await context.uneditedHead(history, database)
      if (found?.isKept === true) await kept().warnOfExpired(context, history.dialect, database)
      return found?.head
    })
    .catch(() => undefined)
  if (summary === undefined || (target === 'head' && summary.heads.length !== 1)) return undefined
  quietly(context.reporter.emit)({ type: 'planned', steps: [] })
  return { direction, from: summary.current, to: summary.current, steps: [], backup: null }
}

/**
 * The plan of a run that has nothing to do, made on the cheap connection: most runs of a deployment find nothing to do, and they
 * need not load TypeORM. That connection is closed if there is work.
 *
 * @returns undefined if there is work, if the project has no cheap connection, or if what it reads is wrong: the run itself then
 *   reports that, under the lock, when no other migrator can change the history
 * @throws AludelError of the connection, unless another session has locked the database
 */
export async function planNothing(context: MigratorContext, planner: Planner): Promise<RunPlan | undefined> {
  const { connection } = context
  if (!(await hasCheapConnection(context))) return undefined
  const plan = await connection
    .readHistory(async (history, database): Promise<RunPlan | undefined> => {
      const { state, findings } = await examineHistory(context, history, database)
      const { steps, ...rest } = planner(state)
      if (steps.length > 0) return undefined
      // Only where the configuration gives a time does it ask.
      if (rest.direction === 'upgrade' && typeof context.options.keepDropped === 'object')
        await kept().warnOfExpired(context, history.dialect, database)
      return { ...rest, steps: [], state, findings, taken: undefined }
    })
    .catch(() => undefined)
  if (plan === undefined) await connection.closeReadConnection()
  return plan
}

async function hasCheapConnection({ connection }: MigratorContext): Promise<boolean> {
  try {
    return (await connection.readConnection()) !== null
  } catch (error) {
    if (isAludelError(error) && error.kind === 'locked') return false
    throw error
  }
}
