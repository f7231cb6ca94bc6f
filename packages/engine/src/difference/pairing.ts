import type { ObjectName } from '../schema/schema'
import { keyOf } from '../schema/schema'

/** Two lists side by side. */
export interface Pairing<T> {
  readonly gone: readonly T[]
  readonly come: readonly T[]
  readonly both: readonly { readonly from: T; readonly to: T }[]
}

/** Pairs what has the same name. */
export function pairByKey<T>(from: readonly T[], to: readonly T[], key: (item: T) => string): Pairing<T> {
  const [old, wanted] = [from, to].map((items) => new Map(items.map((item) => [key(item), item])))
  return {
    gone: from.filter((item) => wanted?.has(key(item)) !== true),
    come: to.filter((item) => old?.has(key(item)) !== true),
    both: to.flatMap((item) => {
      const match = old?.get(key(item))
      return match === undefined ? [] : [{ from: match, to: item }]
    }),
  }
}

export function pairByName<T extends ObjectName>(from: readonly T[], to: readonly T[]): Pairing<T> {
  return pairByKey(from, to, keyOf)
}

/** What happens to the constraints or indexes of one table. */
export interface Changes<T> {
  readonly dropped: readonly T[]
  readonly added: readonly T[]
  readonly renamed: readonly { readonly from: T; readonly to: T }[]
  /** As they are now, untouched. */
  readonly kept: readonly { readonly from: T; readonly to: T }[]
}

/**
 * Pairs by name what does the same, then, among those left over, by what they do: the same thing under two names is a
 * rename, also where two have swapped their names. What is left of one name has changed.
 * What has no name (on SQLite) is paired by what it does, with others that have none.
 *
 * @param body what it does, without its name, as text
 * @param disturbed true for what has to be dropped and made again although its body is the same
 */
export function changesOf<T extends { readonly name?: string }>(
  from: readonly T[],
  to: readonly T[],
  body: (item: T, side: 'from' | 'to') => string,
  disturbed: (from: T) => boolean = () => false,
): Changes<T> {
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
    if (!disturbed(pair.from) && body(pair.from, 'from') === body(pair.to, 'to')) list.push(pair)
    else {
      dropped.push(pair.from)
      added.push(pair.to)
    }
  }
  const isSame = (pair: { from: T; to: T }): boolean => body(pair.from, 'from') === body(pair.to, 'to')
  const changed = named.both.filter((pair) => !isSame(pair))
  for (const pair of named.both) if (isSame(pair)) keepOrReplace(pair, kept)
  const pairUp = (old: readonly T[], wanted: readonly T[], list: { from: T; to: T }[]): void => {
    const rest = [...old]
    for (const item of wanted) {
      const match = rest.findIndex((other) => body(other, 'from') === body(item, 'to'))
      const [other] = match < 0 ? [] : rest.splice(match, 1)
      if (other === undefined) added.push(item)
      else keepOrReplace({ from: other, to: item }, list)
    }
    dropped.push(...rest)
  }
  pairUp(
    [...changed.map(({ from: old }) => old), ...named.gone],
    [...changed.map(({ to: wanted }) => wanted), ...named.come],
    renamed,
  )
  const unnamed = (items: readonly T[]): T[] => items.filter((item) => item.name === undefined)
  pairUp(unnamed(from), unnamed(to), kept)
  return { dropped, added, renamed, kept }
}
