import { freeName } from './apply'
import type { RenameFlag } from './flags'
import type { Pairing } from '../pairing'

/** What the flags say, as far as it decides what went: see {@link withLeavers}. */
export interface Said {
  readonly rename: readonly RenameFlag[]
  readonly noRename: readonly string[]
}

export const nothingSaid: Said = { rename: [], noRename: [] }

/** Things that went and came, with those whose name something else has now. */
export interface Leavers<T> {
  readonly gone: readonly T[]
  readonly come: readonly T[]
  /** Whether the thing is gone although its name is there. */
  readonly isLeaver: (item: T) => boolean
  /** For what is dropped although its name stays: a name that nothing has, under which it waits for that. */
  readonly aside: (item: T) => string | undefined
}

/** How a thing is called. */
export interface Names<T> {
  readonly own: (item: T) => string
  /** Left of the equals sign of a flag. */
  readonly spelled: (item: T) => readonly string[]
  /** Right of it, the first in full; its own name where absent. */
  readonly arrival?: (item: T) => readonly string[]
}

/**
 * A name that is there before and after says that nothing happened, unless somebody says that what had it has another
 * one now (`a=b` and `b=a`; `a=b` and `b=c`), or was dropped to make room (`a=b`, and not renamed: `b`). Such things went
 * and came like others.
 */
export function withLeavers<T>({ gone, come, both }: Pairing<T>, said: Said, names: Names<T>): Leavers<T> {
  const { own, spelled, arrival = (item: T) => [own(item)] } = names
  interface Leaver {
    readonly pair: { readonly from: T; readonly to: T }
    /** The new name; undefined when it is dropped. */
    readonly goal: string | undefined
  }
  const flagsOf = (item: T): readonly RenameFlag[] => said.rename.filter(({ left }) => spelled(item).includes(left))
  let leavers = both.flatMap((pair): Leaver[] => {
    const flag = flagsOf(pair.from).find(({ right }) => arrival(pair.to)[0] !== right)
    if (flag !== undefined) return [{ pair, goal: flag.right }]
    return spelled(pair.from).some((name) => said.noRename.includes(name)) ? [{ pair, goal: undefined }] : []
  })
  // A name that neither came nor was left is nobody's to take; what takes none stays.
  for (;;) {
    const goals = new Set([
      ...gone.flatMap(flagsOf).map(({ right }) => right),
      ...leavers.flatMap(({ goal }) => goal ?? []),
    ])
    const free = [...come, ...leavers.map(({ pair }) => pair.to)]
    const left = leavers.filter(({ pair, goal }) =>
      goal === undefined
        ? arrival(pair.to).some((name) => goals.has(name))
        : free.some((item) => item !== pair.to && arrival(item).includes(goal)),
    )
    if (left.length === leavers.length) break
    leavers = left
  }
  const known = new Set([...gone, ...come, ...both.map(({ from }) => from)].map(own))
  const dropped = new Set(leavers.flatMap(({ pair, goal }) => (goal === undefined ? [pair.from] : [])))
  return {
    gone: [...gone, ...leavers.map(({ pair }) => pair.from)],
    come: [...come, ...leavers.map(({ pair }) => pair.to)],
    isLeaver: (item) => leavers.some(({ pair }) => pair.from === item),
    aside: (item) => (dropped.has(item) ? freeName(`${own(item)}_old`, (name) => known.has(name)) : undefined),
  }
}
