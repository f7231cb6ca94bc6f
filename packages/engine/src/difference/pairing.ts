import type { ObjectName } from '../schema/schema'
import { keyOf } from '../schema/schema'

/** The items of two lists, paired by key. */
export interface Pairing<T> {
  readonly removed: readonly T[]
  readonly added: readonly T[]
  readonly both: readonly { readonly from: T; readonly to: T }[]
}

/** Pairs items with the same key. */
export function pairByKey<T>(from: readonly T[], to: readonly T[], key: (item: T) => string): Pairing<T> {
  const [old, wanted] = [from, to].map((items) => new Map(items.map((item) => [key(item), item])))
  return {
    removed: from.filter((item) => wanted?.has(key(item)) !== true),
    added: to.filter((item) => old?.has(key(item)) !== true),
    both: to.flatMap((item) => {
      const match = old?.get(key(item))
      return match === undefined ? [] : [{ from: match, to: item }]
    }),
  }
}

export function pairByName<T extends ObjectName>(from: readonly T[], to: readonly T[]): Pairing<T> {
  return pairByKey(from, to, keyOf)
}

/** The changes of the constraints or indexes of one table. */
export interface Changes<T> {
  readonly dropped: readonly T[]
  readonly added: readonly T[]
  readonly renamed: readonly { readonly from: T; readonly to: T }[]
  /** Unchanged; the names are equal too. */
  readonly kept: readonly { readonly from: T; readonly to: T }[]
}

/**
 * Pairs items with the same name and body, then the others by body: the same body under two names is a rename, also if
 * two items have swapped their names. The others are dropped and added. Unnamed items (on SQLite) are paired by body
 * with other unnamed ones.
 *
 * @param body the definition without the name, as text
 * @param disturbed true for an item that must be dropped and added again although its body is unchanged
 */
export function changesOf<T extends { readonly name?: string }>(
  from: readonly T[],
  to: readonly T[],
  body: (item: T, side: 'from' | 'to') => string,
  disturbed: (from: T) => boolean = () => false,
): Changes<T> {
  const bodies = { from: new Map<T, string>(), to: new Map<T, string>() }
  const bodyIn = (item: T, side: 'from' | 'to'): string => {
    const text = bodies[side].get(item) ?? body(item, side)
    bodies[side].set(item, text)
    return text
  }
  const named = pairByKey(
    from.filter((item) => item.name !== undefined),
    to.filter((item) => item.name !== undefined),
    (item) => item.name ?? '',
  )
  const dropped: T[] = []
  const added: T[] = []
  const renamed: { from: T; to: T }[] = []
  const kept: { from: T; to: T }[] = []
  const keepOrReplace = (pair: { from: T; to: T }, list: { from: T; to: T }[]): void => {
    if (!disturbed(pair.from) && bodyIn(pair.from, 'from') === bodyIn(pair.to, 'to')) list.push(pair)
    else {
      dropped.push(pair.from)
      added.push(pair.to)
    }
  }
  const changed: { from: T; to: T }[] = []
  for (const pair of named.both) {
    if (bodyIn(pair.from, 'from') === bodyIn(pair.to, 'to')) keepOrReplace(pair, kept)
    else changed.push(pair)
  }
  const pairUp = (old: readonly T[], wanted: readonly T[], list: { from: T; to: T }[]): void => {
    const rest = [...old]
    for (const item of wanted) {
      const match = rest.findIndex((other) => bodyIn(other, 'from') === bodyIn(item, 'to'))
      const [other] = match < 0 ? [] : rest.splice(match, 1)
      if (other === undefined) added.push(item)
      else keepOrReplace({ from: other, to: item }, list)
    }
    dropped.push(...rest)
  }
  pairUp(
    [...changed.map(({ from: old }) => old), ...named.removed],
    [...changed.map(({ to: wanted }) => wanted), ...named.added],
    renamed,
  )
  const unnamed = (items: readonly T[]): T[] => items.filter((item) => item.name === undefined)
  pairUp(unnamed(from), unnamed(to), kept)
  return { dropped, added, renamed, kept }
}
