import { AludelError } from '../errors'
import { RevisionGraph } from '../revision/graph'
import { allReplaced, type Unfinished, viewOf } from '../revision/replaced'
import type { Replaced, Revision } from '../revision/revision'

/** The history of a database, matched with the revision files. */
export interface State {
  /** The revisions as this database sees them: while it has only some of those that a squash replaces, these instead of it. */
  readonly graph: RevisionGraph
  /** Names in the history, in the order of their rows. */
  readonly names: readonly string[]
  readonly applied: ReadonlySet<string>
  readonly current: readonly string[]
  readonly heads: readonly string[]
  /** Ids that `upgrade heads` would run, in order. */
  readonly pending: readonly string[]
  /** Names in the history without a file. */
  readonly unknown: readonly string[]
  /** Squashes that this database cannot finish, because files of replaced revisions are missing. */
  readonly unfinished: readonly Unfinished[]
}

/** The revisions in the revision directories. */
export interface RevisionFiles {
  /** As a new database sees them: a squash, and not the revisions it replaces. */
  readonly graph: RevisionGraph
  /** All of them. */
  readonly revisions: readonly Revision[]
}

/** Which revisions are applied, by the names in the history. */
export function stateOf({ graph: forNew, revisions }: RevisionFiles, names: readonly string[]): State {
  const view = viewOf(revisions, new Set(names))
  // Most databases see the same graph as a new one.
  const isUsual =
    view.revisions === revisions ||
    (view.revisions.length === forNew.size && view.revisions.every(({ id }) => forNew.has(id)))
  const graph = isUsual ? forNew : new RevisionGraph(view.revisions)
  const replaced = new Set(revisions.flatMap(({ replaces = [] }) => allReplaced(replaces).map(({ name }) => name)))
  const applied = new Set(view.applied)
  const unknown: string[] = []
  for (const name of names) {
    const revision = graph.byName(name)
    if (revision !== undefined) applied.add(revision.id)
    else if (!replaced.has(name)) unknown.push(name)
  }
  return {
    graph,
    names,
    applied,
    current: graph.currentOf(applied).map((revision) => revision.id),
    heads: graph.heads.map((revision) => revision.id),
    pending: graph.order.filter((revision) => !applied.has(revision.id)).map((revision) => revision.id),
    unknown,
    unfinished: view.unfinished,
  }
}

/**
 * Refuses to work on a database that has revisions without a file, or a squash that these files cannot finish.
 *
 * @throws AludelError `ALUDEL_UNKNOWN_APPLIED`, `ALUDEL_SQUASH_UNFINISHED`
 */
export function refuseUnknown(state: State): void {
  refuseUnfinished(state)
  if (state.unknown.length === 0) return
  throw new AludelError(
    'ALUDEL_UNKNOWN_APPLIED',
    `the database has revisions with no matching file: ${state.unknown.join(', ')}`,
    {
      help: [
        'The database is ahead of these files (an older release, a missing branch?). Bring the files back, or deploy the newer release.',
        'If they are lost for good, forget them: aludel migrate repair --remove NAME',
      ].join('\n'),
      details: { unknown: state.unknown },
    },
  )
}

function refuseUnfinished({ unfinished: [first] }: State): void {
  if (first === undefined) return
  const list = (replaced: readonly Replaced[]): string => replaced.map(({ id, name }) => `${id} (${name})`).join(', ')
  throw new AludelError(
    'ALUDEL_SQUASH_UNFINISHED',
    `only some of the revisions that ${first.squash.id} replaces are applied: ${list(first.applied)}`,
    {
      help: `To finish it, the files of the other replaced revisions are needed: ${list(first.missing)}.\nRestore them from version control, upgrade, and delete them when no database needs them any more.`,
      details: {
        revision: first.squash.id,
        applied: first.applied.map(({ id }) => id),
        missing: first.missing.map(({ id }) => id),
      },
    },
  )
}
