import path from 'node:path'

import type { MigratorContext } from '../project/context'
import { AludelError } from '../errors'
import { languageOf } from '../files/language'
import { templateExtension } from '../files/template'
import { newRevisionId, type RevisionFileSpec } from '../files/write'
import { RevisionGraph } from '../revision/graph'
import { needsApplied, resolve } from '../revision/identifier'
import type { Revision } from '../revision/revision'

/** The place of a new revision: its parents, its timestamp, and the language of its file. */

interface PlaceOptions {
  readonly head?: string
  readonly splice?: boolean
  readonly dependsOn?: readonly string[]
}

/**
 * The parents of a new revision: the only head, or the revisions that `head` names.
 *
 * @throws AludelError `ALUDEL_MULTIPLE_HEADS`, `ALUDEL_NOT_A_HEAD`, `ALUDEL_UNKNOWN_REVISION` …
 */
export async function parentsFor(context: MigratorContext, options: PlaceOptions): Promise<readonly string[]> {
  const { graph } = await context.revisions.read()
  const parents = await idsOf(context, options.head ?? 'head')
  const inner = options.splice === true ? [] : parents.filter((id) => !graph.isHead(id))
  if (inner.length > 0) {
    throw new AludelError('ALUDEL_NOT_A_HEAD', `revision ${inner.join(', ')} is not a head`, {
      help: 'To begin a branch there, use --splice.',
      details: { revision: inner },
    })
  }
  return parents
}

/**
 * The ids of a REV on which a new revision depends.
 *
 * @throws AludelError the errors of `resolve`
 */
export async function idsOf(context: MigratorContext, rev: string): Promise<readonly string[]> {
  const state = needsApplied(rev) ? await context.state() : undefined
  const graph = state?.graph ?? (await context.revisions.read()).graph
  return resolve(graph, rev, { purpose: 'parent', applied: state?.applied }).ids
}

/** The properties of a new revision that may conflict with others. */
interface NewRevision {
  readonly revisionId?: string
  readonly branchLabels?: readonly string[]
  readonly dependsOn?: readonly string[]
}

/** Characters of a new id. Files with longer ids are read, but an id is typed, and printed in every list. */
const longestId = 100

/**
 * Refuses a new revision that would make the revision directory invalid, before anything is asked, proved or written.
 * Returns its dependencies for the file: full ids, and labels.
 *
 * @throws AludelError `ALUDEL_DUPLICATE_REVISION`, `ALUDEL_DUPLICATE_LABEL`, `ALUDEL_REVISION_INVALID`,
 *   `ALUDEL_UNKNOWN_REVISION`, `ALUDEL_AMBIGUOUS_REVISION` …
 */
export async function admit(
  context: MigratorContext,
  parents: readonly string[],
  { revisionId, branchLabels = [], dependsOn = [] }: NewRevision,
): Promise<readonly string[]> {
  const { graph } = await context.revisions.read()
  const id = revisionId ?? newRevisionId()
  if (id.length > longestId) {
    throw new AludelError('ALUDEL_USAGE', `a revision id has at most ${String(longestId)} characters`, {
      help: 'Omit --rev-id to generate an id. Nothing was written.',
      details: { flag: '--rev-id' },
    })
  }
  if (graph.has(id)) {
    throw new AludelError('ALUDEL_DUPLICATE_REVISION', `revision id ${id} is taken by ${graph.get(id).path}`, {
      help: 'Omit --rev-id to generate a new id. Nothing was written.',
      details: { revision: id, path: graph.get(id).path },
    })
  }
  const needed: string[] = []
  for (const rev of dependsOn) needed.push(...(graph.byLabel(rev) ? [rev] : await idsOf(context, rev)))
  const timestamp = nextTimestamp(context.now(), graph.all)
  const revision: Revision = {
    id,
    name: `New${timestamp}`,
    exportName: 'New',
    timestamp,
    down: parents,
    dependsOn: [...new Set(needed)],
    branchLabels,
    message: '',
    path: 'the new one',
    checksum: '',
    plain: false,
  }
  // Throws the error that every command would throw on reading the directory afterwards.
  return new RevisionGraph([...graph.all, revision]).get(id).dependsOn
}

/**
 * The timestamp of a new revision, in milliseconds: now, but after every other, because TypeORM's own runner
 * orders by timestamp alone.
 */
export function nextTimestamp(now: Date, revisions: readonly Revision[]): number {
  return revisions.reduce((latest, revision) => Math.max(latest, revision.timestamp + 1), now.getTime())
}

/**
 * The language of a new file: as configured, else that of the newest revision in the directory, else that of its template,
 * else TypeScript.
 */
export async function fileLanguage(context: MigratorContext, directory: string): Promise<RevisionFileSpec['language']> {
  const { graph } = await context.revisions.read()
  const newest = graph.all.filter((revision) => path.dirname(revision.path) === directory).at(-1)
  const extension =
    context.options.language ??
    (newest === undefined ? await templateExtension(directory) : path.extname(newest.path).slice(1))
  return languageOf(extension ?? 'ts', directory)
}
