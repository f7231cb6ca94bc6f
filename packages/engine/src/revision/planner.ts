import { AludelError } from '../errors'

import type { RevisionGraph } from './graph'
import { resolve, type Resolved } from './identifier'
import type { Direction, Plan, Revision, Step } from './revision'

/** The changes of a stamp to the set of applied revisions. */
export interface StampPlan {
  /** Ids of the applied heads before. */
  readonly from: readonly string[]
  /** Ids of the applied heads after. */
  readonly to: readonly string[]
  /** Revisions to record as applied, parents first. */
  readonly insert: readonly Revision[]
  /** Revisions to remove from the history, children first. */
  readonly remove: readonly Revision[]
}

/**
 * The revisions that must run to apply `target`: itself and all that it descends from or depends on, if not applied yet,
 * in a deterministic order with parents and dependencies first. Empty if the target is applied.
 *
 * @param applied ids of the applied revisions; ids that are not in the graph are ignored
 * @throws what {@link resolve} throws
 * @example
 * planUpgrade(graph, ['a'], '+2').steps.map((step) => step.revision.id) // ['b', 'c']
 */
export function planUpgrade(graph: RevisionGraph, applied: Iterable<string>, target: string): Plan {
  const before = known(graph, applied)
  const { ids } = resolve(graph, target, { applied: before, purpose: 'upgrade' })
  const pending = [...graph.ancestors(ids, { dependencies: true })].filter((id) => !before.has(id))
  const result = plan(graph, 'upgrade', before, graph.sort(pending))
  const past = pending.length === 0 && before.size > 0 && !ids.some((id) => result.from.includes(id))
  return past ? { ...result, older: target } : result
}

/**
 * The revisions that must be undone so that `target` stays applied and nothing above it: the applied children of the
 * target, and all that depend on them, children first. Steps for the latter give the reason in `because`.
 *
 * `label@base` undoes the line of the label, and the revisions below it that no other applied revision depends on: the
 * trunk of other applied branches stays.
 *
 * @param applied ids of the applied revisions; ids that are not in the graph are ignored
 * @throws what {@link resolve} throws
 * @throws ALUDEL_NOT_A_TARGET the target is not applied, or a count along one branch would undo another branch too
 * @example
 * planDowngrade(graph, ['a', 'b', 'c'], '-2').steps.map((step) => step.revision.id) // ['c', 'b']
 */
export function planDowngrade(graph: RevisionGraph, applied: Iterable<string>, target: string): Plan {
  const before = known(graph, applied)
  const resolved = resolve(graph, target, { applied: before, purpose: 'downgrade' })
  if (resolved.branch !== undefined && resolved.ids.length === 0 && resolved.undo === undefined) {
    return planBranchToBase(graph, before, resolved.branch)
  }
  const roots = downgradeRoots(graph, resolved)
  const undone = [...graph.descendants(roots, { dependencies: true })].filter((id) => before.has(id))
  const missing = resolved.ids.filter((id) => !before.has(id))
  if (undone.length === 0 && missing.length > 0) {
    const heads = graph.currentOf(before).map((revision) => revision.id)
    throw new AludelError(
      'ALUDEL_NOT_A_TARGET',
      `cannot downgrade to "${target}": ${missing.join(', ')} is not applied`,
      {
        help: `Applied ${heads.length === 1 ? 'is' : 'are'} ${heads.join(', ') || 'nothing'}; to apply it, use \`aludel migrate upgrade\`.`,
        details: { target, missing, current: heads },
      },
    )
  }
  if (resolved.branch !== undefined) refuseOtherBranches(graph, resolved, undone)
  return plan(graph, 'downgrade', before, [...graph.sort(undone)].reverse(), roots)
}

/** `label@base`: undoes the label's line with all that depends on it, then its trunk until another branch needs it. */
function planBranchToBase(graph: RevisionGraph, before: ReadonlySet<string>, branch: string): Plan {
  const start = lineStart(graph, branch)
  const undone = new Set([...graph.descendants([start], { dependencies: true })].filter((id) => before.has(id)))
  const trunk = graph.ancestors([branch])
  for (const { id } of [...graph.sort(trunk)].reverse()) {
    const above = [...graph.children(id), ...graph.dependents(id)]
    if (before.has(id) && above.every((other) => !before.has(other.id) || undone.has(other.id))) undone.add(id)
  }
  const roots = [start, ...[...undone].filter((id) => trunk.has(id))]
  return plan(graph, 'downgrade', before, [...graph.sort(undone)].reverse(), roots)
}

/**
 * The changes to the set of applied revisions that make `targets` the applied heads, without running anything.
 * Each target replaces the applied heads on its line (parents or dependencies); other lines stay. The revisions that a
 * target descends from or depends on count as applied too. `base` removes all rows, `label@base` those of the label's line.
 *
 * @param targets one or more REVs
 * @param options `purge`: remove all rows first
 * @throws what {@link resolve} throws; ALUDEL_OVERLAPPING_REVISIONS when one target depends on another
 */
export function planStamp(
  graph: RevisionGraph,
  applied: Iterable<string>,
  targets: string | readonly string[],
  options: { readonly purge?: boolean } = {},
): StampPlan {
  const before = known(graph, applied)
  const resolved = (typeof targets === 'string' ? [targets] : targets).map((target) =>
    resolve(graph, target, { applied: before, purpose: 'stamp' }),
  )
  refuseOverlaps(graph, resolved)
  const wanted = resolved.flatMap(({ ids }) => ids)
  const forgetAll =
    options.purge === true || resolved.some(({ ids, branch }) => ids.length === 0 && branch === undefined)
  const related = new Set(
    resolved.flatMap(({ ids, branch }) => {
      const lines = ids.length === 0 && branch !== undefined ? [branch] : ids
      return lines.flatMap((id) => [...graph.lineage(id, { dependencies: true })])
    }),
  )
  const kept = forgetAll ? [] : graph.currentOf(before).filter((head) => !related.has(head.id))
  const stay = graph.ancestors(
    kept.map((revision) => revision.id),
    { dependencies: true },
  )
  const after = new Set(graph.ancestors(wanted, { dependencies: true }))
  for (const id of before) if (stay.has(id)) after.add(id)
  return {
    from: heads(graph, before),
    to: heads(graph, after),
    insert: graph.sort([...after].filter((id) => !before.has(id))),
    remove: [...graph.sort([...before].filter((id) => !after.has(id)))].reverse(),
  }
}

/**
 * The plan of an offline `A:B`: the steps for a database where A, and all that it depends on, is applied.
 * An absent `from` is the base. A relative `to` counts from A.
 *
 * @throws what {@link resolve} throws; ALUDEL_NOT_A_TARGET when B does not descend from A
 * @example
 * planRange(graph, 'a1b2', 'head', 'upgrade').steps.length
 */
export function planRange(graph: RevisionGraph, from: string | undefined, to: string, direction: Direction): Plan {
  const start = resolve(graph, from ?? 'base', { purpose: direction }).ids
  const applied = graph.ancestors(start, { dependencies: true })
  if (direction === 'downgrade') return planDowngrade(graph, applied, to)
  const result = planUpgrade(graph, applied, to)
  const end = resolve(graph, to, { applied, purpose: 'upgrade' }).ids
  if (result.steps.length === 0 && end.join() !== start.join()) {
    throw new AludelError(
      'ALUDEL_NOT_A_TARGET',
      `"${to}" does not descend from "${from ?? 'base'}": there is nothing to upgrade`,
      { help: 'To go down, use `aludel migrate downgrade --sql FROM:TO`.', details: { from: from ?? 'base', to } },
    )
  }
  return result
}

/** The lowest revisions to undo; on a branch only those on it. */
function downgradeRoots(graph: RevisionGraph, resolved: Resolved): readonly string[] {
  if (resolved.undo !== undefined) return [resolved.undo]
  const above = resolved.ids.length === 0 ? graph.bases : resolved.ids.flatMap((id) => graph.children(id))
  const roots = above.map((revision) => revision.id)
  if (resolved.branch === undefined) return roots
  const lineage = graph.lineage(resolved.branch)
  return roots.filter((id) => lineage.has(id))
}

/**
 * Refuses a count along one branch that reaches below its branch point, because it would undo other applied branches
 * that the target does not name. Revisions that depend on the branch itself are undone, because they cannot stay.
 */
function refuseOtherBranches(graph: RevisionGraph, resolved: Resolved, undone: readonly string[]): void {
  const branch = resolved.branch ?? ''
  const trunk = graph.ancestors([branch])
  const own = graph.descendants([lineStart(graph, branch)], { dependencies: true })
  const others = undone.filter((id) => !trunk.has(id) && !own.has(id))
  if (others.length === 0) return
  const label = resolved.text.slice(0, resolved.text.indexOf('@'))
  throw new AludelError(
    'ALUDEL_NOT_A_TARGET',
    `"${resolved.text}" would also undo what is not on its branch: ${others.join(', ')}`,
    {
      help: `To undo that branch alone, use ${label}@base. To undo the others too, name the revision to go down to, or \`base\`.`,
      details: { target: resolved.text, others },
    },
  )
}

/**
 * The first revision of the line of `id`: the one directly above the next branch or merge point below. A revision that
 * another one depends on counts as a branch point, as for labels.
 */
function lineStart(graph: RevisionGraph, id: string): string {
  let start = id
  for (;;) {
    const [parent, second] = graph.parents(start)
    if (parent === undefined || second !== undefined) return start
    if (graph.isBranchPoint(parent.id) || graph.dependents(parent.id).length > 0) return start
    start = parent.id
  }
}

function refuseOverlaps(graph: RevisionGraph, resolved: readonly Resolved[]): void {
  for (const one of resolved) {
    const below = graph.ancestors(one.ids, { dependencies: true })
    for (const other of resolved) {
      const same = one.ids.join() === other.ids.join()
      const overlap = same ? undefined : other.ids.find((id) => below.has(id))
      if (overlap === undefined) continue
      throw new AludelError(
        'ALUDEL_OVERLAPPING_REVISIONS',
        `"${one.text}" descends from "${other.text}": ${overlap} counts as applied with it anyway`,
        { help: 'Name only one of them.', details: { targets: [one.text, other.text] } },
      )
    }
  }
}

function plan(
  graph: RevisionGraph,
  direction: Direction,
  before: ReadonlySet<string>,
  revisions: readonly Revision[],
  roots?: readonly string[],
): Plan {
  const after = new Set(before)
  for (const { id } of revisions) {
    if (direction === 'upgrade') after.add(id)
    else after.delete(id)
  }
  const reasons = roots === undefined ? undefined : reasonsFor(graph, new Set(revisions.map(({ id }) => id)), roots)
  const steps: readonly Step[] = revisions.map((revision) => {
    return { revision, direction, because: reasons?.get(revision.id) }
  })
  return { direction, from: heads(graph, before), to: heads(graph, after), steps }
}

/** For revisions that are undone although they do not descend from one of the roots: the step because of which. */
function reasonsFor(
  graph: RevisionGraph,
  undone: ReadonlySet<string>,
  roots: readonly string[],
): ReadonlyMap<string, string> {
  const asked = graph.descendants(roots)
  const reasons = new Map<string, string>()
  const among = (revisions: readonly Revision[]): string =>
    revisions.flatMap(({ id }) => (undone.has(id) ? [id] : [])).join(' and ')
  for (const id of undone) {
    if (asked.has(id)) continue
    const needed = among(graph.dependencies(id))
    reasons.set(id, needed === '' ? `descends from ${among(graph.parents(id))}` : `depends on ${needed}`)
  }
  return reasons
}

function known(graph: RevisionGraph, applied: Iterable<string>): ReadonlySet<string> {
  return new Set([...applied].filter((id) => graph.has(id)))
}

function heads(graph: RevisionGraph, applied: Iterable<string>): readonly string[] {
  return graph.currentOf(applied).map((revision) => revision.id)
}
