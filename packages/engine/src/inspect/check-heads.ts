import type { MigratorContext } from '../project/context'
import type { CheckResult } from '../results'

/** Part of the options of `check`. */
export interface HeadsOption {
  /** Is there one head? Alone, it reads the revision files and nothing else: no entities, no database. */
  readonly heads?: boolean
}

/**
 * Have the revisions one head (or none)? What a pull request is asked before it is merged: two branches that each added
 * a revision leave two heads, and `upgrade` would refuse.
 *
 * @example
 * const { clean, heads } = await migrator.check({ heads: true })
 * if (!clean) console.error(`merge or rebase first: ${heads?.join(', ')}`)
 */
export async function checkHeads(context: MigratorContext): Promise<CheckResult> {
  const { graph } = await context.revisions.read()
  const heads = graph.heads.map(({ id }) => id)
  return { clean: heads.length <= 1, operations: [], unmanaged: [], database: null, heads, branches: [] }
}
