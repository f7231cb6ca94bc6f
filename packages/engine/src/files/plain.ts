import { createHash } from 'node:crypto'

import type { Revision } from '../revision/revision'

/** The id of a plain TypeORM migration, derived from its name: 12 hex digits. */
export function plainId(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12)
}

/**
 * A class name as words: the message of a revision without a doc comment.
 *
 * @example
 * wordsOf('AddAPIKeysToUsers1763750000000') // 'add api keys to users'
 */
export function wordsOf(name: string): string {
  const words = name
    .replace(/\d{13}$/, '')
    .replace(/[_\-$.\s]+/g, ' ')
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .trim()
    .toLowerCase()
  return words === '' ? name : words
}

/**
 * Gives each plain migration its parent: the revision before it by timestamp, plain or not. So a project of plain TypeORM
 * migrations has one branch, and a migration that TypeORM's CLI adds later continues it.
 *
 * An earlier revision that depends on the plain migration cannot be its parent and is skipped.
 *
 * @param sorted by {@link compareRevisions}
 */
export function chainPlain(sorted: readonly Revision[]): readonly Revision[] {
  if (!sorted.some((revision) => revision.plain)) return sorted
  const positions = new Map(sorted.map((revision, position) => [revision.id, position] as const))
  const labels = new Map(
    sorted.flatMap((revision, position) => revision.branchLabels.map((label) => [label, position] as const)),
  )
  /** For each revision, its dependencies with later timestamps. Only a hand-written history has any. */
  const later = sorted.map((revision, position) =>
    [...revision.down, ...revision.dependsOn].flatMap((name) => {
      const needed = positions.get(name) ?? labels.get(name) ?? -1
      return needed > position ? [needed] : []
    }),
  )
  const firstOdd = later.findIndex((needs) => needs.length > 0)
  const chained: Revision[] = []
  sorted.forEach((revision, position) => {
    if (!revision.plain) return void chained.push(revision)
    const inLine = firstOdd === -1 || firstOdd >= position
    const parent = inLine ? chained[position - 1] : parentFor(position, chained, positions, labels, later)
    chained.push(parent === undefined ? revision : { ...revision, down: [parent.id] })
  })
  return chained
}

/** The nearest revision before a plain one that does not depend on it. */
function parentFor(
  position: number,
  chained: readonly Revision[],
  positions: ReadonlyMap<string, number>,
  labels: ReadonlyMap<string, number>,
  later: readonly (readonly number[])[],
): Revision | undefined {
  const dependsOnIt = (start: number): boolean => {
    const seen = new Set([start])
    for (const at of seen) {
      if (at === position) return true
      const revision = chained[at]
      for (const name of revision === undefined ? [] : [...revision.down, ...revision.dependsOn]) {
        const needed = positions.get(name) ?? labels.get(name)
        if (needed !== undefined) seen.add(needed)
      }
      for (const needed of later[at] ?? []) seen.add(needed)
    }
    return false
  }
  for (let candidate = position - 1; candidate >= 0; candidate--) {
    if (!dependsOnIt(candidate)) return chained[candidate]
  }
  return undefined
}
