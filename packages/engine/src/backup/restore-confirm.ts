import { AludelError } from '../errors'
import type { MigratorContext } from '../project/context'
import type { RestorePlan } from '../results'
import { lossesOf } from './restore-plan'

/** @throws AludelError `ALUDEL_CONFIRMATION` unless the plan is confirmed */
export async function requireConfirmation(
  plan: RestorePlan,
  confirm: (plan: RestorePlan) => Promise<boolean>,
): Promise<void> {
  if (await confirm(plan)) return
  const destroys = lossesOf(plan.tables, plan.backup.createdAt !== null)
  const backup = plan.backup.id ?? plan.backup.path
  throw new AludelError('ALUDEL_CONFIRMATION', `restoring ${backup} over "${plan.database.name}" was not confirmed`, {
    help: [
      ...destroys.slice(0, maxLosses).map((text) => `would lose ${text}`),
      ...(destroys.length > maxLosses ? [`and more: ${String(destroys.length - maxLosses)}`] : []),
      'Nothing was changed. Confirm with --yes.',
    ].join('\n'),
    details: { backups: plan.backup.id === null ? [] : [plan.backup.id], destroys },
  })
}

/** Lines of losses in an error. */
const maxLosses = 20

/** Calls `work`; after an interruption, its error says that nothing was changed. */
export async function afterInterruption<Result>(
  { signal }: Pick<MigratorContext, 'signal'>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (signal?.aborted !== true) throw error
    throw new AludelError('ALUDEL_INTERRUPTED', 'interrupted while a backup was restored', {
      help: 'Nothing was changed.',
      cause: error,
    })
  }
}
