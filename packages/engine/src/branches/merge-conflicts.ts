import type { Conflict } from '../results'

/** Merges equal conflicts of several dialects. */
export function mergeConflicts(conflicts: readonly Conflict[]): readonly Conflict[] {
  const merged = new Map<string, Conflict>()
  for (const conflict of conflicts) {
    const revisions = conflict.sides.map((side) => side.map(({ revision }) => revision))
    const key = JSON.stringify([conflict.kind, conflict.object, revisions])
    const known = merged.get(key)
    merged.set(key, known === undefined ? conflict : { ...known, dialects: [...known.dialects, ...conflict.dialects] })
  }
  return [...merged.values()]
}
