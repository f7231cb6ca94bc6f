import { isAludelError } from '../errors'
import { examineHistory } from '../inspect/findings'
import type { MigratorContext } from '../project/context'
import type { Planner, RunPlan } from './plan'

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
  try {
    if ((await connection.readConnection()) === null) return undefined
  } catch (error) {
    if (isAludelError(error) && error.kind === 'locked') return undefined
    throw error
  }
  const plan = await connection
    .readHistory(async (history, database): Promise<RunPlan | undefined> => {
      const { state, findings } = await examineHistory(context, history, database)
      const { steps, ...rest } = planner(state)
      return steps.length > 0 ? undefined : { ...rest, steps: [], state, findings, taken: undefined }
    })
    .catch(() => undefined)
  if (plan === undefined) await connection.closeReadConnection()
  return plan
}
