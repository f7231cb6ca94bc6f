/** The rename of one object. */
export interface Move<T> {
  readonly from: T
  readonly to: T
}

/**
 * Renames in an order in which each new name is free: `b` becomes `c` before `a` becomes `b`. In a cycle, one of them
 * gets a temporary name first. Renames to a name that stays taken are left out, and so are duplicates.
 *
 * @param key equal for two names that cannot exist together
 * @param isTaken true if something has the name now
 * @param aside returns a free name; called once for every cycle
 * @example
 * renameSteps([{ from: 'a', to: 'b' }, { from: 'b', to: 'a' }], String, () => true, () => 'x')
 * // [{ from: 'a', to: 'x' }, { from: 'b', to: 'a' }, { from: 'x', to: 'b' }]
 */
export function renameSteps<T>(
  moves: readonly Move<T>[],
  key: (name: T) => string,
  isTaken: (name: T) => boolean,
  aside: (name: T) => T,
): Move<T>[] {
  const steps: Move<T>[] = []
  let waiting = possible(moves, key, isTaken)
  while (waiting.length > 0) {
    const held = new Set(waiting.map(({ from }) => key(from)))
    const free = waiting.find(({ to }) => !held.has(key(to)))
    const [first, ...others] = waiting
    if (free !== undefined) {
      steps.push(free)
      waiting = waiting.filter((move) => move !== free)
    } else if (first !== undefined) {
      const between = aside(first.from)
      steps.push({ from: first.from, to: between })
      waiting = [...others, { from: between, to: first.to }]
    }
  }
  return steps
}

/** The prefix of temporary names for renames in a cycle. */
export const asidePrefix = 'aludel_aside_'

function possible<T>(moves: readonly Move<T>[], key: (name: T) => string, isTaken: (name: T) => boolean): Move<T>[] {
  const unique = new Map<string, Move<T>>()
  const goals = new Set<string>()
  for (const move of moves) {
    const [from, to] = [key(move.from), key(move.to)]
    if (from === to || unique.has(from) || goals.has(to)) continue
    unique.set(from, move)
    goals.add(to)
  }
  // A rename that is left out keeps its old name taken.
  for (;;) {
    const stuck = [...unique].find(([, { to }]) => isTaken(to) && !unique.has(key(to)))
    if (stuck === undefined) return [...unique.values()]
    unique.delete(stuck[0])
  }
}
