import { AludelError, isAludelError } from '../errors'
import type { State } from '../history/state'
import type { MigratorContext } from '../project/context'
import type { RevisionGraph } from '../revision/graph'
import { needsApplied, resolve } from '../revision/identifier'
import { upToThree } from '../text'

/** What whoever deploys knows about the release to which the files belong. */
export interface ExpectOptions {
  /**
   * The REV of the head of the files, or those of all heads: nothing runs if the files have other heads, or if the database has
   * revisions that the files do not. So an image that is older than what is deployed migrates nothing. `head` and `heads` stand for
   * whatever the files have: only the database is then compared.
   */
  readonly expectHead?: string | readonly string[]
}

type Expected = NonNullable<ExpectOptions['expectHead']>

/**
 * Refuses a run of the wrong release, before a lock is taken, a backup made or anything changed. {@link refuseAhead} is to be called
 * again under the lock: another release may migrate meanwhile.
 *
 * @throws AludelError `ALUDEL_UNEXPECTED_HEAD`, `ALUDEL_UNKNOWN_APPLIED`; `ALUDEL_USAGE` for a REV that depends on the database
 */
export async function refuseUnexpected(context: MigratorContext, expected: Expected): Promise<void> {
  await refuseOtherHead(context, expected)
  const found = await context.connection
    .readHistory((history, database) => context.headOrState(history, database))
    // The run itself reports what is wrong with a connection, and waits for a database that is locked.
    .catch(() => undefined)
  if (found !== undefined && 'state' in found) refuseAhead(found.state)
}

/**
 * Refuses files with other heads than expected. Asks no database.
 *
 * @throws AludelError `ALUDEL_UNEXPECTED_HEAD`; `ALUDEL_USAGE`, `ALUDEL_AMBIGUOUS_REVISION` … for a REV that cannot be one
 */
export async function refuseOtherHead(context: MigratorContext, expected: Expected): Promise<void> {
  const revs = [expected].flat()
  for (const rev of revs) {
    if (needsApplied(rev))
      throw new AludelError('ALUDEL_USAGE', `the expected head cannot be "${rev}", which depends on the database`, {
        help: 'Write the id of the head: `aludel migrate heads` prints it.',
        details: { revision: rev },
      })
  }
  // Known from an earlier command, so that the files need not be read.
  const known = context.revisions.summary()?.heads
  if (known !== undefined && isSame(known, revs)) return
  const { graph } = await context.revisions.read()
  const heads = graph.heads.map(({ id }) => id)
  const wanted = revs.flatMap((rev) => idsOf(graph, rev))
  if (isSame(heads, wanted)) return
  const [head, expectation] = [upToThree(heads) || 'base', upToThree(wanted) || 'base']
  throw new AludelError(
    'ALUDEL_UNEXPECTED_HEAD',
    `the ${heads.length > 1 ? 'heads of these files are' : 'head of these files is'} ${head}, not ${expectation}`,
    {
      help: 'Nothing was changed. The files belong to another release than the one that is to be deployed: an old image, or another branch?',
      details: { expected: revs, heads },
    },
  )
}

/**
 * Refuses a database that has revisions of another release.
 *
 * @throws AludelError `ALUDEL_UNKNOWN_APPLIED`
 */
export function refuseAhead({ unknown, current, heads, pending }: State): void {
  if (unknown.length === 0) return
  throw new AludelError(
    'ALUDEL_UNKNOWN_APPLIED',
    `the database is ahead of these files: ${upToThree(unknown)} is applied and has no revision file`,
    {
      help: 'Nothing was changed. A newer release has migrated the database; deploy that one, or downgrade with its files first.',
      details: { unknown, pending, current, heads },
    },
  )
}

/** A REV that the files do not know stays as it is: it is the head of another release. */
function idsOf(graph: RevisionGraph, rev: string): readonly string[] {
  try {
    return resolve(graph, rev, { purpose: 'show' }).ids
  } catch (error) {
    if (isAludelError(error, 'ALUDEL_UNKNOWN_REVISION')) return [rev]
    throw error
  }
}

function isSame(heads: readonly string[], wanted: readonly string[]): boolean {
  const set = new Set(wanted)
  return set.size === heads.length && heads.every((id) => set.has(id))
}
