import type { MigratorContext } from '../project/context'
import { AludelError } from '../errors'
import type { EditResult } from '../results'
import type { RevisionGraph } from '../revision/graph'
import { needsApplied, resolve } from '../revision/identifier'
import type { Revision } from '../revision/revision'

/** Options of `Migrator.edit`. */
export interface EditOptions {
  /** Opens the files in an editor, and resolves when it is closed. Absent: only the paths are returned. */
  readonly open?: (paths: readonly string[]) => Promise<void>
}

/** Finds the files of revisions, opens them, and validates them afterwards. */
export async function editRevisions(
  context: MigratorContext,
  revs: readonly string[],
  { open }: EditOptions,
): Promise<EditResult> {
  const state = revs.some(needsApplied) ? await context.state() : undefined
  const graph = state?.graph ?? (await context.revisions.read()).graph
  const applied = state?.applied
  const revisions = revs.flatMap((rev) => {
    const { ids } = resolve(graph, rev, { purpose: 'show', applied })
    if (ids.length === 0) throw noFile(rev, graph)
    return ids.map((id) => graph.get(id))
  })
  if (revisions.length === 0) throw new AludelError('ALUDEL_USAGE', 'no revision is named', { help: 'Name one: head.' })
  const paths = [...new Set(revisions.map(({ path }) => path))]
  if (open !== undefined) {
    await open(paths)
    context.revisions.forget()
    refuseLostIds(
      graph.all.filter(({ path }) => paths.includes(path)),
      (await context.revisions.read()).graph,
    )
  }
  return { paths }
}

function noFile(rev: string, graph: RevisionGraph): AludelError {
  const [first] = graph.bases
  return new AludelError('ALUDEL_UNKNOWN_REVISION', `"${rev}" is not a revision with a file`, {
    help:
      first === undefined
        ? 'There are no revisions yet.'
        : rev === 'base'
          ? `base is before everything. The first revision is ${first.id}.`
          : `Nothing is applied. The first revision is ${first.id}.`,
    details: { revision: rev },
  })
}

/** Databases and other revisions refer to a revision by its id, so an edit must not change it. */
function refuseLostIds(before: readonly Revision[], after: RevisionGraph): void {
  const lost = before.filter(({ id }) => !after.has(id))
  const [first] = lost
  if (first === undefined) return
  const now = after.all.filter(({ path }) => path === first.path).map(({ id }) => id)
  throw new AludelError(
    'ALUDEL_REVISION_INVALID',
    `${first.path} no longer holds revision ${lost
      .filter(({ path }) => path === first.path)
      .map(({ id }) => id)
      .join(', ')}: ${now.length === 0 ? 'it contains no revision' : `it is ${now.join(', ')} now`}`,
    {
      help: 'Databases and other revisions know it by its id. Put the id back, or write a new revision with `aludel migrate create`.',
      details: { path: first.path, lost: lost.map(({ id }) => id), now },
    },
  )
}
