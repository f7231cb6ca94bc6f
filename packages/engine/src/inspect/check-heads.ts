import type { MigratorContext } from '../project/context'
import type { CheckResult } from '../results'

/** A further option of `Migrator.check`. */
export interface HeadsOption {
  /** Check that there is at most one head. Without `database`, only the revision files are read. Default is false. */
  readonly heads?: boolean
}

/**
 * Checks that the revisions have at most one head, for CI of pull requests: two branches that each added a revision leave
 * two heads, which `upgrade` would refuse.
 *
 * @example
 * const { clean, heads } = await migrator.check({ heads: true })
 * if (!clean) console.error(`merge or rebase first: ${heads?.join(', ')}`)
 */
export async function checkHeads(context: MigratorContext): Promise<CheckResult> {
  const { graph } = await context.revisions.read()
  const heads = graph.heads.map(({ id }) => id)
  return { clean: heads.length <= 1, operations: [], unmanaged: [], names: [], database: null, heads, branches: [] }
}
