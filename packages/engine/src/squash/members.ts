import { AludelError } from '../errors'
import type { RevisionGraph } from '../revision/graph'
import type { Replaced, Revision } from '../revision/revision'

/** The revisions that a squash is made of, and its place in the history. */
export interface Members {
  /** In run order. */
  readonly all: readonly Revision[]
  /** The last of them: what depends on it depends on the squash. */
  readonly last: Revision
  /** What is below them, dependencies included, in run order. */
  readonly below: readonly Revision[]
  /** Parents of the squash. */
  readonly down: readonly string[]
  /** What it depends on besides, as the files say it. */
  readonly dependsOn: readonly string[]
  readonly branchLabels: readonly string[]
}

/**
 * Looks whether revisions can be one: they must lead to one revision, and nothing else may depend on, or between, the others.
 *
 * @param revisions in run order
 * @throws AludelError `ALUDEL_NOTHING_TO_DO` for fewer than two, `ALUDEL_SQUASH` naming what is in the way
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
      'Squash each line by itself, or merge them first: `aludel migrate merge`.',
      tops,
    )
  }
  for (const revision of revisions) {
    if (revision === last) continue
    const above = [...graph.children(revision.id), ...graph.dependents(revision.id)].filter(isOutside)
    if (above.length === 0) continue
    throw refusal(
      `${above.map(describe).join(', ')} ${above.length === 1 ? 'depends' : 'depend'} on ${describe(revision)}, in the middle of the range`,
      `End the range there (…:${revision.id}), or begin it above.`,
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
      'Take them in, or end the range below them.',
      others,
    )
  }
  // Parents that another one depends on are no parents of the whole.
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

/** As the file of the squash says them. */
export function replacedOf(revisions: readonly Revision[]): readonly Replaced[] {
  return revisions.map(({ id, name, replaces }) => ({ id, name, ...(replaces && { replaces }) }))
}

/** `3f9c… (add priority to workflows)` */
export function describe({ id, message }: Revision): string {
  return `${id} (${message})`
}

/** What keeps revisions from being one. */
export function refusal(message: string, help: string, revisions: readonly Revision[]): AludelError {
  return new AludelError('ALUDEL_SQUASH', message, {
    help: `${help}\nNothing was written.`,
    details: { revisions: revisions.map(({ id }) => id), paths: [...new Set(revisions.map(({ path }) => path))] },
  })
}

function count(length: number): string {
  return length === 0 ? 'is nothing' : 'is one revision only'
}

function unique(revisions: readonly Revision[]): readonly Revision[] {
  return [...new Map(revisions.map((revision) => [revision.id, revision])).values()]
}
