import { freeName } from './apply'
import type { RenameFlag } from './flags'
import type { Pairing } from '../pairing'

/** The flags that decide what was removed: see {@link withReusedNames}. */
export interface RenameFlags {
  readonly rename: readonly RenameFlag[]
  readonly noRename: readonly string[]
}

/** Removed and added objects, including removed ones whose name another object has now. */
interface ReusedNames<T> {
  readonly removed: readonly T[]
  readonly added: readonly T[]
  /** True if another object has the name of this one now. */
  readonly isReplaced: (item: T) => boolean
  /** A free name for an object that is dropped although another object takes its name. */
  readonly aside: (item: T) => string | undefined
}

/** The names of an object. */
interface Names<T> {
  readonly own: (item: T) => string
  /** The names on the left side of a flag. */
  readonly spelled: (item: T) => readonly string[]
  /** The names on the right side of a flag, the full name first. Default is its own name. */
  readonly arrival?: (item: T) => readonly string[]
}

/**
 * The pairing in which an object is also removed if its name is in both schemas, but flags say that it was renamed
 * (`a=b` and `b=a`; `a=b` and `b=c`), or dropped for another one (`a=b`, and not renamed: `b`).
 */
export function withReusedNames<T>(
  { removed, added, both }: Pairing<T>,
  flags: RenameFlags,
  names: Names<T>,
): ReusedNames<T> {
  const { own, spelled, arrival = (item: T) => [own(item)] } = names
  interface Replaced {
    readonly pair: { readonly from: T; readonly to: T }
    /** The new name; undefined if it is dropped. */
    readonly goal: string | undefined
  }
  const flagsOf = (item: T): readonly RenameFlag[] => flags.rename.filter(({ left }) => spelled(item).includes(left))
  let replaced = both.flatMap((pair): Replaced[] => {
    const flag = flagsOf(pair.from).find(({ right }) => arrival(pair.to)[0] !== right)
    if (flag !== undefined) return [{ pair, goal: flag.right }]
    return spelled(pair.from).some((name) => flags.noRename.includes(name)) ? [{ pair, goal: undefined }] : []
  })
  // A new name must be added or freed by another rename, and a dropped object must make room for one: else it stays.
  for (;;) {
    const goals = new Set([
      ...removed.flatMap(flagsOf).map(({ right }) => right),
      ...replaced.flatMap(({ goal }) => goal ?? []),
    ])
    const free = [...added, ...replaced.map(({ pair }) => pair.to)]
    const left = replaced.filter(({ pair, goal }) =>
      goal === undefined
        ? arrival(pair.to).some((name) => goals.has(name))
        : free.some((item) => item !== pair.to && arrival(item).includes(goal)),
    )
    if (left.length === replaced.length) break
    replaced = left
  }
  const known = new Set([...removed, ...added, ...both.map(({ from }) => from)].map(own))
  const dropped = new Set(replaced.flatMap(({ pair, goal }) => (goal === undefined ? [pair.from] : [])))
  return {
    removed: [...removed, ...replaced.map(({ pair }) => pair.from)],
    added: [...added, ...replaced.map(({ pair }) => pair.to)],
    isReplaced: (item) => replaced.some(({ pair }) => pair.from === item),
    aside: (item) => (dropped.has(item) ? freeName(`${own(item)}_old`, (name) => known.has(name)) : undefined),
  }
}
