import { AludelError } from '../errors'
import { RevisionGraph } from '../revision/graph'
import { allReplaced, type Unfinished, viewOf } from '../revision/replaced'
import type { Replaced, Revision } from '../revision/revision'

/** What the history says, seen through the revision files. */
export interface State {
  /** The revisions as this database sees them: where it has a part of what a squash stands for, that part finishes first. */
  readonly graph: RevisionGraph
  readonly applied: ReadonlySet<string>
  readonly current: readonly string[]
  readonly heads: readonly string[]
  /** Ids that `upgrade heads` would run, in order. */
  readonly pending: readonly string[]
  /** Names in the history that no file has. */
  readonly unknown: readonly string[]
  /** Squashes that this database has begun and cannot finish, because files are gone. */
  readonly unfinished: readonly Unfinished[]
}

/** What the revision directories hold. */
export interface RevisionFiles {
  /** As a new database sees them: a squash, and not what it stands for. */
  readonly graph: RevisionGraph
  /** All of them. */
  readonly revisions: readonly Revision[]
}

/** Which revisions are applied, by the names in the history. */
export function stateOf({ graph: forNew, revisions }: RevisionFiles, names: readonly string[]): State {
  const view = viewOf(revisions, new Set(names))
  // Nearly always a database sees what a new one does.
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
    applied,
    current: graph.currentOf(applied).map((revision) => revision.id),
    heads: graph.heads.map((revision) => revision.id),
    pending: graph.order.filter((revision) => !applied.has(revision.id)).map((revision) => revision.id),
    unknown,
    unfinished: view.unfinished,
  }
}

/** Refuses to work on a database that has revisions these files do not know, or that they cannot finish. */
export function refuseUnknown(state: State): void {
  refuseUnfinished(state)
  if (state.unknown.length === 0) return
  throw new AludelError(
    'ALUDEL_UNKNOWN_APPLIED',
    `the database has revisions with no matching file: ${state.unknown.join(', ')}`,
    {
      help: [
        'The database is ahead of these files (an older release, a missing branch?). Bring the files back, or deploy the newer release.',
        'Where they are gone for good, forget them: aludel migrate repair --remove NAME',
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
      help: `It finishes with the files of what was replaced, and these are gone: ${list(first.missing)}.\nBring them back from version control, upgrade, and delete them when no database needs them any more.`,
      details: {
        revision: first.squash.id,
        applied: first.applied.map(({ id }) => id),
        missing: first.missing.map(({ id }) => id),
      },
    },
  )
}
