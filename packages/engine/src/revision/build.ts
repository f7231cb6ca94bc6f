import { AludelError } from '../errors'

import { checkNames, describeRevision, placeOf } from './names'
import { allReplaced } from './replaced'
import type { LineOf, Revision } from './revision'

/** The validated edges of a graph. Revisions are identified by their position in the input. */
export interface Edges {
  readonly positions: ReadonlyMap<string, number>
  readonly names: ReadonlyMap<string, number>
  /** Ids that a squash replaces and that are not in this graph, to the position of the squash. */
  readonly replaced: ReadonlyMap<string, number>
  /** Branch labels, to the revision that declares each. */
  readonly labels: ReadonlyMap<string, number>
  readonly parents: readonly (readonly number[])[]
  readonly dependencies: readonly (readonly number[])[]
  readonly children: readonly (readonly number[])[]
  readonly dependents: readonly (readonly number[])[]
  /** Every position, parents and dependencies first, otherwise in the order of the input. */
  readonly order: readonly number[]
}

/**
 * Resolves and validates the references between revisions, in O(V+E).
 *
 * @throws ALUDEL_DUPLICATE_REVISION, ALUDEL_DUPLICATE_LABEL, ALUDEL_MISSING_PARENT, ALUDEL_MISSING_DEPENDENCY,
 *   ALUDEL_REVISION_CYCLE, ALUDEL_REVISION_INVALID
 */
export function buildEdges(revisions: readonly Revision[]): Edges {
  const positions = new Map<string, number>()
  const names = new Map<string, number>()
  revisions.forEach((revision, position) => {
    checkNames(revision)
    refuseSecond(revisions[positions.get(revision.id) ?? -1], revision, 'revision')
    refuseSecond(revisions[names.get(revision.name) ?? -1], revision, 'class')
    positions.set(revision.id, position)
    names.set(revision.name, position)
  })
  const labels = collectLabels(revisions, positions)
  const replaced = collectReplaced(revisions, positions)
  const find = (id: string): number | undefined => positions.get(id) ?? replaced.get(id)

  const parents = revisions.map((revision) => unique(revision.down.map((id) => resolveParent(revision, id, find))))
  const dependencies = revisions.map((revision) =>
    unique(revision.dependsOn.map((name) => resolveDependency(revision, name, find, labels))),
  )
  const order = topologicalOrder(parents, dependencies)
  if (order.length < revisions.length) throw cycleError(revisions, parents, dependencies)
  return {
    positions,
    names,
    replaced,
    labels,
    parents,
    dependencies,
    children: reverse(parents),
    dependents: reverse(dependencies),
    order,
  }
}

function refuseSecond(
  first: Revision | undefined,
  revision: Revision,
  what: Extract<LineOf, 'revision' | 'class'>,
): void {
  if (first !== undefined) throw duplicateError(first, revision, what)
}

/** The error for two revisions with one id, or two migrations with one class name. */
export function duplicateError(
  first: Revision,
  second: Revision,
  what: Extract<LineOf, 'revision' | 'class'>,
): AludelError {
  const places = [placeOf(first, what), placeOf(second, what)]
  const named = what === 'revision' ? `revision ${second.id}` : `migration class ${second.name}`
  return new AludelError('ALUDEL_DUPLICATE_REVISION', `${named} is present twice: in ${places.join(' and in ')}`, {
    help:
      what === 'revision'
        ? 'Remove one of them, or give it an id and a class name of its own.'
        : 'The history knows a migration by its class name. Where one file is compiled from the other, keep only one of them in the directory.',
    details: { revision: second.id, name: second.name, paths: [first.path, second.path], places },
  })
}

function collectLabels(revisions: readonly Revision[], positions: ReadonlyMap<string, number>): Map<string, number> {
  const labels = new Map<string, number>()
  revisions.forEach((revision, position) => {
    for (const label of new Set(revision.branchLabels)) {
      const other = revisions[labels.get(label) ?? positions.get(label) ?? -1]
      if (other !== undefined) {
        const problem =
          other.id === label
            ? `branch label "${label}" of revision ${describeRevision(revision, 'branchLabels')} is the id of a revision (${placeOf(other, 'revision')})`
            : `branch label "${label}" is declared by revision ${describeRevision(other, 'branchLabels')} and by ${describeRevision(revision, 'branchLabels')}`
        throw new AludelError('ALUDEL_DUPLICATE_LABEL', problem, {
          help: 'A label names one revision: rename or remove one of them.',
          details: { label, revisions: [other.id, revision.id], paths: [other.path, revision.path] },
        })
      }
      labels.set(label, position)
    }
  })
  return labels
}

/** Revisions that depend on a squashed revision depend on the squash. */
function collectReplaced(revisions: readonly Revision[], positions: ReadonlyMap<string, number>): Map<string, number> {
  const found = new Map<string, number>()
  revisions.forEach(({ replaces = [] }, position) => {
    for (const { id } of allReplaced(replaces)) if (!positions.has(id)) found.set(id, position)
  })
  return found
}

type Find = (id: string) => number | undefined

function resolveParent(revision: Revision, id: string, find: Find): number {
  const position = find(id)
  if (position !== undefined) return position
  throw new AludelError(
    'ALUDEL_MISSING_PARENT',
    `revision ${describeRevision(revision, 'downRevision')} names the parent "${id}", which is in no revision directory`,
    {
      help: 'Restore the missing file, or correct downRevision.',
      details: { revision: revision.id, path: revision.path, line: revision.lines?.downRevision, missing: id },
    },
  )
}

function resolveDependency(revision: Revision, name: string, find: Find, labels: ReadonlyMap<string, number>): number {
  const position = find(name) ?? labels.get(name)
  if (position !== undefined) return position
  throw new AludelError(
    'ALUDEL_MISSING_DEPENDENCY',
    `revision ${describeRevision(revision, 'dependsOn')} depends on "${name}", which is not the id or branch label of any revision`,
    {
      help: 'Restore the missing file, or correct dependsOn.',
      details: { revision: revision.id, path: revision.path, line: revision.lines?.dependsOn, missing: name },
    },
  )
}

function unique(positions: readonly number[]): readonly number[] {
  return positions.length < 2 ? positions : [...new Set(positions)]
}

function reverse(edges: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const reversed: number[][] = edges.map(() => [])
  edges.forEach((targets, position) => {
    for (const target of targets) reversed[target]?.push(position)
  })
  return reversed
}

/**
 * Depth first from each revision in the order of the input, so an input in a valid order is not changed. Without
 * recursion, because a history may be thousands of revisions deep. Leaves out members of a cycle, and the revisions that
 * depend on one.
 */
function topologicalOrder(
  parents: readonly (readonly number[])[],
  dependencies: readonly (readonly number[])[],
): readonly number[] {
  const fresh = 0
  const open = 1
  const done = 2
  const bad = 3
  const state = new Uint8Array(parents.length)
  const order: number[] = []
  for (let start = 0; start < parents.length; start++) {
    if (state[start] !== fresh) continue
    const stack: { position: number; needs: readonly number[]; next: number; bad: boolean }[] = []
    const enter = (position: number): void => {
      state[position] = open
      const needs = [...(parents[position] ?? []), ...(dependencies[position] ?? [])]
      if (needs.length > 1) needs.sort((a, b) => a - b)
      stack.push({ position, needs, next: 0, bad: false })
    }
    enter(start)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const need = top.needs[top.next++]
      if (need === undefined) {
        stack.pop()
        state[top.position] = top.bad ? bad : done
        const below = stack.at(-1)
        if (!top.bad) order.push(top.position)
        else if (below !== undefined) below.bad = true
      } else if (state[need] === fresh) {
        enter(need)
      } else if (state[need] !== done) {
        top.bad = true
      }
    }
  }
  return order
}

/** The error for a cycle; names exactly its members. */
function cycleError(
  revisions: readonly Revision[],
  parents: readonly (readonly number[])[],
  dependencies: readonly (readonly number[])[],
): AludelError {
  const members = findCycle(parents, dependencies).flatMap((position) => revisions[position] ?? [])
  const [first] = members
  const paths = members.map(({ path }) => path)
  const byParents =
    findCycle(
      parents,
      parents.map(() => []),
    ).length > 0
  const field = byParents ? 'downRevision' : 'dependsOn'
  // The place where each depends on the one before it in the cycle.
  const places = members.map((member, index) => {
    const below = members[index === 0 ? members.length - 1 : index - 1]
    return placeOf(member, below !== undefined && member.down.includes(below.id) ? 'downRevision' : 'dependsOn')
  })
  const details = { revisions: members.map(({ id }) => id), paths, places }
  if (members.length === 1 && first !== undefined) {
    return new AludelError(
      'ALUDEL_REVISION_CYCLE',
      `revision ${describeRevision(first, field)} ${byParents ? 'is its own parent' : 'depends on itself'}`,
      { help: `Correct its ${field}.`, details },
    )
  }
  const chain = [...members, ...members.slice(0, 1)].map(({ id }) => id).join(' -> ')
  return new AludelError(
    'ALUDEL_REVISION_CYCLE',
    `revisions depend on each other in a cycle: ${chain} (${places.join(', ')})`,
    { help: `Correct downRevision${byParents ? '' : ' or dependsOn'} of one of them.`, details },
  )
}

function findCycle(
  parents: readonly (readonly number[])[],
  dependencies: readonly (readonly number[])[],
): readonly number[] {
  const sound = new Set(topologicalOrder(parents, dependencies))
  let position = parents.findIndex((_, candidate) => !sound.has(candidate))
  if (position === -1) return []
  const seen = new Map<number, number>()
  const walk: number[] = []
  while (!seen.has(position)) {
    seen.set(position, walk.length)
    walk.push(position)
    const unsound = (needs: readonly number[] | undefined) => needs?.find((need) => !sound.has(need))
    position = unsound(parents[position]) ?? unsound(dependencies[position]) ?? position
  }
  // From parent to child, starting at the first one of the input.
  const cycle = walk.slice(seen.get(position)).reverse()
  const first = cycle.indexOf(Math.min(...cycle))
  return [...cycle.slice(first), ...cycle.slice(0, first)]
}
