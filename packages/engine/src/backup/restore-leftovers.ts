import type { RestoreLeftover } from '../dialect/roles/restore'
import { AludelError } from '../errors'
import type { MigratorContext } from '../project/context'
import type { DropReplacedResult } from '../results'

/** Options of `Migrator.dropReplaced`. */
export interface DropReplacedOptions {
  /** Only report what would be dropped. */
  readonly dryRun?: boolean
  /** Receives what would be dropped; false stops. Absent: it is dropped without confirmation. */
  readonly confirm?: (replaced: readonly RestoreLeftover[]) => Promise<boolean>
}

/**
 * Drops the databases or files that restores of this database have replaced, and what killed restores have left.
 *
 * @throws AludelError `ALUDEL_CONFIRMATION` when `confirm` returns false, `ALUDEL_CONNECTED` when one is in use, `ALUDEL_RESTORE`
 */
export async function dropReplaced(
  context: MigratorContext,
  { dryRun = false, confirm }: DropReplacedOptions = {},
): Promise<DropReplacedResult> {
  return context.connection.withReader(async (runner, dialect) => {
    const dropped = await dialect.restore.leftovers(runner)
    if (dropped.length === 0 || dryRun) return { dropped, dryRun }
    if (confirm !== undefined && !(await confirm(dropped))) {
      throw new AludelError('ALUDEL_CONFIRMATION', 'dropping replaced databases was not confirmed', {
        help: [...dropped.map(({ name }) => `would drop ${name}`), 'Nothing was changed. Confirm with --yes.'].join(
          '\n',
        ),
        details: { destroys: dropped.map(({ name }) => name) },
      })
    }
    for (const one of dropped) await dialect.restore.removeLeftover(runner, one)
    return { dropped, dryRun }
  })
}
