import { readFile } from 'node:fs/promises'
import path from 'node:path'

import type { MigratorContext } from '../project/context'
import { AludelError } from '../errors'
import { newRevisionId, type RevisionFileSpec } from '../files/write'
import { RevisionGraph } from '../revision/graph'
import { needsApplied, resolve } from '../revision/identifier'
import type { Revision } from '../revision/revision'

/** Where a new revision goes: its parents, its timestamp, the language of its file. */

export interface PlaceOptions {
  readonly head?: string
  readonly splice?: boolean
  readonly dependsOn?: readonly string[]
}

/**
 * Parents of a new revision: the one head, or what `head` names.
 *
 * @throws AludelError `ALUDEL_MULTIPLE_HEADS`, `ALUDEL_NOT_A_HEAD`, `ALUDEL_UNKNOWN_REVISION` …
 */
export async function parentsFor(context: MigratorContext, options: PlaceOptions): Promise<readonly string[]> {
  const { graph } = await context.revisions.read()
  const parents = await idsOf(context, options.head ?? 'head')
  const inner = options.splice === true ? [] : parents.filter((id) => !graph.isHead(id))
  if (inner.length > 0) {
    throw new AludelError('ALUDEL_NOT_A_HEAD', `revision ${inner.join(', ')} is not a head`, {
      help: 'A new revision there begins a branch: say so with --splice.',
      details: { revision: inner },
    })
  }
  return parents
}

/**
 * Ids of a REV that a new revision is to depend on.
 *
 * @throws AludelError what resolving throws
 */
export async function idsOf(context: MigratorContext, rev: string): Promise<readonly string[]> {
  const state = needsApplied(rev) ? await context.state() : undefined
  const graph = state?.graph ?? (await context.revisions.read()).graph
  return resolve(graph, rev, { purpose: 'parent', ...(state !== undefined && { applied: state.applied }) }).ids
}

/** What a new revision says of itself, before it has a file. */
export interface Newcomer {
  readonly revisionId?: string
  readonly branchLabels?: readonly string[]
  readonly dependsOn?: readonly string[]
}

/**
 * Refuses, before anything is asked, proved or written, a revision that would leave a history nobody can read. Gives
 * what it depends on as its file says it: ids in full, labels as labels.
 *
 * @throws AludelError `ALUDEL_DUPLICATE_REVISION`, `ALUDEL_DUPLICATE_LABEL`, `ALUDEL_REVISION_INVALID`,
 *   `ALUDEL_UNKNOWN_REVISION`, `ALUDEL_AMBIGUOUS_REVISION` …
 */
export async function admit(
  context: MigratorContext,
  parents: readonly string[],
  { revisionId, branchLabels = [], dependsOn = [] }: Newcomer,
): Promise<readonly string[]> {
  const { graph } = await context.revisions.read()
  const id = revisionId ?? newRevisionId()
  if (graph.has(id)) {
    throw new AludelError('ALUDEL_DUPLICATE_REVISION', `revision id ${id} is taken by ${graph.get(id).path}`, {
      help: 'Leave --rev-id out for a new one. Nothing was written.',
      details: { revision: id, path: graph.get(id).path },
    })
  }
  const needed: string[] = []
  for (const rev of dependsOn) needed.push(...(graph.byLabel(rev) ? [rev] : await idsOf(context, rev)))
  const timestamp = nextTimestamp(context.now(), graph.all)
  const newcomer: Revision = {
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
  // What is thrown here is what reading the directory would throw afterwards, in every command.
  return new RevisionGraph([...graph.all, newcomer]).get(id).dependsOn
}

/**
 * The timestamp of a new revision, in milliseconds: now, but after every other, because TypeORM's own runner
 * orders by timestamp alone.
 */
export function nextTimestamp(now: Date, revisions: readonly Revision[]): number {
  return revisions.reduce((latest, revision) => Math.max(latest, revision.timestamp + 1), now.getTime())
}

/** That of the newest revision, else the project's, else TypeScript. */
export async function fileLanguage(context: MigratorContext, directory: string): Promise<RevisionFileSpec['language']> {
  const { graph } = await context.revisions.read()
  const newest = graph.all.filter((revision) => path.dirname(revision.path) === directory).at(-1)
  const extension = context.options.language ?? (newest === undefined ? 'ts' : path.extname(newest.path).slice(1))
  switch (extension) {
    case 'mjs':
      return 'mjs'
    case 'cjs':
      return 'cjs'
    case 'js':
      return (await isModulePackage(directory)) ? 'js-esm' : 'js-cjs'
    default:
      return 'ts'
  }
}

async function isModulePackage(directory: string): Promise<boolean> {
  for (let current = directory; ; current = path.dirname(current)) {
    try {
      const manifest: unknown = JSON.parse(await readFile(path.join(current, 'package.json'), 'utf8'))
      return typeof manifest === 'object' && manifest !== null && 'type' in manifest && manifest.type === 'module'
    } catch {
      if (path.dirname(current) === current) return false
    }
  }
}
