import { AludelError } from '../errors'
import type { RevisionGraph } from '../revision/graph'
import type { Replaced, Revision } from '../revision/revision'

/** The revisions that a squash replaces, and the place of the squash in the graph. */
export interface Members {
  /** In run order. */
  readonly all: readonly Revision[]
  /** The last of them: revisions that depend on it will depend on the squash. */
  readonly last: Revision
  /** The revisions below them, dependencies included, in run order. */
  readonly below: readonly Revision[]
  /** Parents of the squash. */
  readonly down: readonly string[]
  /** Dependencies of the squash, as written in the files. */
  readonly dependsOn: readonly string[]
  readonly branchLabels: readonly string[]
}

/**
 * Checks that revisions can be squashed: they must end in one revision, no other revision may depend on the rest of them,
 * and none may lie between them.
 *
 * @param revisions in run order
 * @throws AludelError `ALUDEL_NOTHING_TO_DO` for fewer than two, `ALUDEL_SQUASH` naming the obstructing revisions
 */
export function membersOf(graph: RevisionGraph, revisions: readonly Revision[]): Members {
  const ids = new Set(revisions.map(({ id }) => id))
  const isOutside = ({ id }: Revision): boolean => !ids.has(id)
  const tops = revisions.filter(({ id }) => graph.children(id).every(isOutside))
  const last = tops.at(-1)
  if (last === undefined || revisions.length < 2) {
    throw new AludelError('ALUDEL_NOTHING_TO_DO', `there ${count(revisions.length)} to squash`, {
      help: 'Name a range of two or more revisions, for example base:head.',
    })
  }
  if (tops.length > 1) {
    throw refusal(
      `the range ends in ${String(tops.length)} revisions: ${tops.map(describe).join(', ')}`,
      'Squash each line separately, or merge them first: `aludel migrate merge`.',
      tops,
    )
  }
  for (const revision of revisions) {
    if (revision === last) continue
    const above = [...graph.children(revision.id), ...graph.dependents(revision.id)].filter(isOutside)
    if (above.length === 0) continue
    throw refusal(
      `${above.map(describe).join(', ')} ${above.length === 1 ? 'depends' : 'depend'} on ${describe(revision)}, in the middle of the range`,
      `End the range there (…:${revision.id}), or start it above.`,
      above,
    )
  }
  const parents = revisions.flatMap(({ id }) => graph.parents(id)).filter(isOutside)
  const needed = revisions.flatMap(({ id }) => graph.dependencies(id)).filter(isOutside)
  const below = graph.ancestors(
    [...parents, ...needed].map(({ id }) => id),
    { dependencies: true },
  )
  const between = revisions.filter(({ id }) => below.has(id))
  if (between.length > 0) {
    const others = [...parents, ...needed].filter(({ id }) =>
      [...graph.ancestors([id], { dependencies: true })].some((one) => ids.has(one)),
    )
    throw refusal(
      `${others.map(describe).join(', ')} ${others.length === 1 ? 'is' : 'are'} between the revisions of the range, and not in it`,
      'Include them, or end the range below them.',
      others,
    )
  }
  // A parent below another parent is redundant.
  const down = unique(parents).filter(
    ({ id }) => !unique(parents).some((other) => other.id !== id && graph.ancestors([other.id]).has(id)),
  )
  const outer = new Set(needed.map(({ id }) => id))
  const dependsOn = revisions.flatMap((revision) =>
    revision.dependsOn.filter((name) => {
      const target = graph.find(name) ?? graph.byReplaced(name) ?? graph.byLabel(name)
      return target !== undefined && outer.has(target.id)
    }),
  )
  return {
    all: revisions,
    last,
    below: graph.sort(below),
    down: down.map(({ id }) => id),
    dependsOn: [...new Set(dependsOn)],
    branchLabels: revisions.flatMap(({ branchLabels }) => branchLabels),
  }
}

/** The value of `replaces` in the file of the squash. */
export function replacedOf(revisions: readonly Revision[]): readonly Replaced[] {
  return revisions.map(({ id, name, replaces }) => ({ id, name, replaces }))
}

/** `3f9c… (add priority to workflows)` */
export function describe({ id, message }: Revision): string {
  return `${id} (${message})`
}

/** The error for revisions that cannot be squashed. */
export function refusal(message: string, help: string, revisions: readonly Revision[]): AludelError {
  return new AludelError('ALUDEL_SQUASH', message, {
    help: `${help}\nNothing was written.`,
    details: { revisions: revisions.map(({ id }) => id), paths: [...new Set(revisions.map(({ path }) => path))] },
  })
}

function count(length: number): string {
  return length === 0 ? 'is nothing' : 'is only one revision'
}

function unique(revisions: readonly Revision[]): readonly Revision[] {
  return [...new Map(revisions.map((revision) => [revision.id, revision])).values()]
}
