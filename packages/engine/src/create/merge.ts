import type { Context } from '../context'
import { AludelError } from '../errors'
import { newRevisionId, writeRevisionFile } from '../files/write'
import type { CreateResult } from '../results'
import { admit, fileLanguage, idsOf, nextTimestamp } from './place'

export interface MergeOptions {
  /** Default: `merge a1b2… and c3d4…`. */
  readonly message?: string
  readonly branchLabels?: readonly string[]
  readonly revisionId?: string
  /** Allow parents that are no heads. */
  readonly splice?: boolean
}

/**
 * Writes a revision with several parents, which makes several heads one.
 *
 * @param revs two or more REVs, or `heads`
 * @throws AludelError `ALUDEL_USAGE` for fewer than two different revisions, `ALUDEL_OVERLAPPING_REVISIONS` when one
 *   stands on another, `ALUDEL_NOT_A_HEAD`
 */
export async function mergeRevisions(
  context: Context,
  revs: readonly string[],
  options: MergeOptions,
): Promise<CreateResult> {
  const { graph } = await context.files()
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
        `${parent} stands on ${overlapping} already: there is nothing to merge`,
        {
          details: { revisions: [parent, overlapping] },
        },
      )
    }
    if (options.splice !== true && !graph.isHead(parent)) {
      throw new AludelError('ALUDEL_NOT_A_HEAD', `revision ${parent} is not a head`, {
        help: 'Merge it all the same with --splice.',
      })
    }
  }
  const [directory] = context.directories
  if (directory === undefined) throw new AludelError('ALUDEL_CONFIG', 'there is no revision directory to write to')
  const id = options.revisionId ?? newRevisionId()
  await admit(context, parents, { ...options, revisionId: id })
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
  context.forgetFiles()
  return {
    created: { revision: id, path },
    operations: [],
    destroys: [],
    sql: {},
    unmanaged: { added: [], path: null },
  }
}
