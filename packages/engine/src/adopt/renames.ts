import { type DialectDiff, statementsOf } from '../create/diff'
import { withEffects } from '../create/effects'
import { lintParts } from '../create/lint-parts'
import { operationToJson } from '../difference/merge-dialects'
import type { MigratorContext } from '../project/context'
import type { AdoptResult } from '../results'

/** Statements that give constraints and indexes of a database the names of its revisions. */
export interface RenamePlan extends Pick<AdoptResult, 'renames' | 'sql' | 'findings'> {
  /** Tables that are rebuilt or locked for long. */
  readonly rewrites: readonly string[]
}

/** No renames. */
export const noRenames: RenamePlan = { renames: [], sql: [], rewrites: [] }

/** The statements of renames, and what `lint` finds in them. */
export async function planRenames(context: MigratorContext, diff: DialectDiff | null): Promise<RenamePlan> {
  if (diff === null) return noRenames
  const { dialect, operations } = diff
  const body = await withEffects(diff, statementsOf(diff))
  const parts = [{ diffs: [diff], bodies: { [dialect.name]: body }, transactional: true }]
  // Nobody writes a revision, so its way back does not matter.
  const findings = (await lintParts(context, parts)).findings?.filter(({ direction }) => direction === 'upgrade') ?? []
  return {
    renames: operations.map((operation) => operationToJson(operation, [dialect.name])),
    sql: body.up.map(({ sql }) => sql),
    rewrites: body.effects?.up.rewrites ?? [],
    ...(findings.length > 0 && { findings }),
  }
}
