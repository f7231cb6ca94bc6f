import { hasWords, wordsOf } from './search'

/** Something that one can go to. */
export interface Destination {
  readonly kind: 'page' | 'revision' | 'table'
  readonly label: string
  /** An id, or what it is found by besides its label. */
  readonly detail: string
  readonly href: string
}

/** Of each kind, how many are listed. */
const mostOfAKind = 8

/**
 * Destinations that have every word somewhere: those whose label begins with the first word come before the others. Without words,
 * only pages.
 */
export function findDestinations(all: readonly Destination[], search: string): readonly Destination[] {
  const words = wordsOf(search)
  const [first] = words
  if (first === undefined) return all.filter((it) => it.kind === 'page')
  const found = all.filter((it) => hasWords(`${it.label} ${it.detail}`.toLowerCase(), words))
  const begins = (it: Destination): boolean =>
    it.label.toLowerCase().startsWith(first) || it.detail.toLowerCase().startsWith(first)
  return (['page', 'revision', 'table'] as const).flatMap((kind) => {
    const some = found.filter((it) => it.kind === kind)
    return [...some.filter(begins), ...some.filter((it) => !begins(it))].slice(0, mostOfAKind)
  })
}
