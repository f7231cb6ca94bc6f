import type { RevisionGraph } from '../../src/revision/graph'
import type { Plan } from '../../src/revision/revision'

/** Carries a plan out on a set of ids, and checks parents and dependencies at every step. */
export function carryOut(graph: RevisionGraph, applied: ReadonlySet<string>, plan: Plan): Set<string> {
  const now = new Set(applied)
  expect(plan.from).toEqual(graph.currentOf(now).map(({ id }) => id))
  for (const { revision, direction } of plan.steps) {
    if (direction === 'upgrade') {
      for (const below of [...graph.parents(revision.id), ...graph.dependencies(revision.id)])
        expect(now).toContain(below.id)
      expect(now.has(revision.id)).toBe(false)
      now.add(revision.id)
    } else {
      for (const above of [...graph.children(revision.id), ...graph.dependents(revision.id)])
        expect(now).not.toContain(above.id)
      expect(now.delete(revision.id)).toBe(true)
    }
  }
  expect(plan.to).toEqual(graph.currentOf(now).map(({ id }) => id))
  return now
}
