import { compareBranches } from './compare-branches'
import { branchesLine, conflictLines } from './describe'
import type { MigratorContext } from '../project/context'
import { AludelError } from '../errors'
import { newRevisionId, writeRevisionFile } from '../files/write'
import type { BranchesResult, CreateResult } from '../results'
import { admit, fileLanguage, idsOf, nextTimestamp } from '../create/place'

/** Options of `Migrator.merge`. */
export interface MergeOptions {
  /** Default: `merge a1b2… and c3d4…`. */
  readonly message?: string
  /** Labels of the branch that starts here. */
  readonly branchLabels?: readonly string[]
  /** Default: a random one. */
  readonly revisionId?: string
  /** Allow parents that are not heads. Default is false. */
  readonly splice?: boolean
  /** Skip the check whether the branches commute: nothing is replayed, and no database is needed. Default is false. */
  readonly unchecked?: boolean
  /** Receives the conflicting pairs of branches; false stops. Absent: branches with conflicts are not merged. */
  readonly confirm?: (branches: readonly BranchesResult[]) => Promise<boolean>
}

/** A revision that merges several. */
export interface MergeResult extends CreateResult {
  /** Each pair of parents; empty with `unchecked`. */
  readonly branches: readonly BranchesResult[]
}

/**
 * Writes a revision with several parents, which merges several heads, after checking whether they commute.
 *
 * @param revs two or more REVs, or `heads`
 * @throws AludelError `ALUDEL_USAGE` for fewer than two different revisions, `ALUDEL_OVERLAPPING_REVISIONS` when one
 *   depends on another, `ALUDEL_NOT_A_HEAD`, `ALUDEL_BRANCH_CONFLICT` when they conflict and `confirm` does not agree
 */
export async function mergeRevisions(
  context: MigratorContext,
  revs: readonly string[],
  options: MergeOptions,
): Promise<MergeResult> {
  const { graph } = await context.revisions.read()
  const ids: string[] = []
  for (const rev of revs) ids.push(...(await idsOf(context, rev)))
  const parents = [...new Set(ids)]
  if (parents.length < 2) {
    throw new AludelError(
      'ALUDEL_USAGE',
      parents.length === ids.length ? 'a merge needs two revisions' : 'a merge names one revision twice',
      {
        help: `Heads: ${graph.heads.map(({ id }) => id).join(', ') || 'none'}. Merge all of them with \`aludel migrate merge heads\`.`,
      },
    )
  }
  for (const parent of parents) {
    const below = graph.ancestors([parent])
    const overlapping = parents.find((other) => other !== parent && below.has(other))
    if (overlapping !== undefined) {
      throw new AludelError(
        'ALUDEL_OVERLAPPING_REVISIONS',
        `${parent} already descends from ${overlapping}: there is nothing to merge`,
        {
          details: { revisions: [parent, overlapping] },
        },
      )
    }
    if (options.splice !== true && !graph.isHead(parent)) {
      throw new AludelError('ALUDEL_NOT_A_HEAD', `revision ${parent} is not a head`, {
        help: 'Merge it anyway with --splice.',
      })
    }
  }
  const [directory] = context.revisions.directories
  if (directory === undefined) throw new AludelError('ALUDEL_CONFIG', 'there is no revision directory to write to')
  const id = options.revisionId ?? newRevisionId()
  await admit(context, parents, { ...options, revisionId: id })
  const branches = options.unchecked === true ? [] : await compareBranches(context, parents)
  const meeting = branches.filter(({ conflicts }) => conflicts.length > 0)
  if (meeting.length > 0 && (await options.confirm?.(meeting)) !== true) throw conflictError(meeting)
  const { path } = await writeRevisionFile(directory, {
    id,
    timestamp: nextTimestamp(context.now(), graph.all),
    message: options.message ?? `merge ${parents.join(' and ')}`,
    downRevision: parents,
    branchLabels: options.branchLabels ?? [],
    dependsOn: [],
    language: await fileLanguage(context, directory),
    body: null,
    driverTypes: {},
  })
  context.revisions.forget()
  return {
    created: { revision: id, path },
    operations: [],
    destroys: [],
    sql: {},
    unmanaged: { added: [], path: null },
    branches,
  }
}

function conflictError(branches: readonly BranchesResult[]): AludelError {
  const [first] = branches
  return new AludelError('ALUDEL_BRANCH_CONFLICT', branches.map(branchesLine).join('; '), {
    help: [
      ...branches.flatMap((pair) => conflictLines(pair)),
      `Put one branch on top of the other with \`aludel migrate rebase ${first?.heads[1] ?? ''} --onto ${first?.heads[0] ?? ''}\`, change one of`,
      'the files, or merge them as they are with --yes. Nothing was written.',
    ].join('\n'),
    details: { branches },
  })
}
