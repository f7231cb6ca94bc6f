import type { Page } from '../../page'

/** The items of several parts of a list. */
export interface Collected<T> {
  readonly items: readonly T[]
  /** The place to continue; undefined at the end, so that a document has no such key then. */
  readonly next?: string
}

/** Rows of one part. */
const most = 1000

/**
 * Reads parts of a list up to a number of items.
 *
 * @param limit default: all
 * @param after the place to begin
 */
export async function collect<T>(
  read: (page: { readonly limit: number; readonly after: string | undefined }) => Promise<Page<T>>,
  limit: number | undefined,
  after: string | undefined,
): Promise<Collected<T>> {
  const items: T[] = []
  let next = after
  do {
    const rest = limit === undefined ? most : Math.min(most, limit - items.length)
    if (rest < 1) return next === undefined ? { items } : { items, next }
    const page = await read({ limit: rest, after: next })
    for (const item of page.items) items.push(item)
    next = page.next ?? undefined
  } while (next !== undefined)
  return { items }
}
