import { AludelError } from '../errors'

import type { RevisionGraph } from './graph'
import { resolve, type Resolved } from './identifier'
import type { Direction, Plan, Revision, Step } from './revision'

/** What a stamp changes in the set of applied revisions. */
export interface StampPlan {
  /** Ids of the applied heads before. */
  readonly from: readonly string[]
  /** Ids of the applied heads after. */
  readonly to: readonly string[]
  /** Revisions to record as applied, parents first. */
  readonly insert: readonly Revision[]
  /** Revisions to forget, children first. */
  readonly remove: readonly Revision[]
}

/**
 * What has to run so that `target` is applied: everything it depends on that is not applied yet, parents and
 * dependencies first. Empty when the target is applied. The order is the same each time.
 *
 * @param applied ids of the applied revisions; those the graph does not know are left out
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
 * What has to be undone so that `target` stays applied and nothing above it: the applied children of the target, and
 * everything that depends on them, children first. The latter say why in `because`.
 *
 * `label@base` undoes the line of the label, and below it what nothing applied depends on any more: a trunk that other
 * applied branches grow from stays.
 *
 * @param applied ids of the applied revisions; those the graph does not know are left out
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

/** `label@base`: the label's line with all that depends on it, then its trunk, from the top, while nothing else needs it. */
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
 * What changes in the set of applied revisions when it is declared to be at `targets`, without running anything.
 * Each target replaces the applied heads it shares a line with (parents or dependencies); other lines stay.
 * All that a target depends on counts as applied too. `base` forgets everything, `label@base` the line of the label.
 *
 * @param targets one or more REVs
 * @param options `purge`: forget everything first
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
 * The plan of an offline `A:B`: what would run on a database where A, and all it depends on, is applied.
 * An absent `from` is the base. A relative `to` counts from A.
 *
 * @throws what {@link resolve} throws; ALUDEL_NOT_A_TARGET when B lies the other way
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
 * A count along one branch that goes below where it leaves a trunk: other applied lines that stand there would go without
 * being named. What depends on the line itself may go: it cannot stay.
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
 * The first revision of the line that `id` is on: just above the branch or merge point below it. What another revision depends
 * on is a branch point here too, as it is for labels.
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
    const because = reasons?.get(revision.id)
    return { revision, direction, ...(because !== undefined && { because }) }
  })
  return { direction, from: heads(graph, before), to: heads(graph, after), steps }
}

/** For what is undone and neither is one of the roots nor depends on one by parents: which other step it needs. */
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
