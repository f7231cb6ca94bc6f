import { AludelError } from '../errors'

import type { RevisionGraph } from './graph'
import { resolve, type Purpose } from './identifier'
import type { Revision } from './revision'

/** `A:B` taken apart; an absent end is open. */
export interface Range {
  readonly from?: string
  readonly to?: string
}

/** True for what is written as a range: `A:B`, `A:`, `:B`. */
export function isRange(text: string): boolean {
  return text.includes(':')
}

/**
 * Takes `A:B`, `A:` or `:B` apart. The ends are not looked at.
 *
 * @throws ALUDEL_MALFORMED_REVISION
 * @example
 * parseRange('-3:current') // { from: '-3', to: 'current' }
 */
export function parseRange(text: string): Range {
  const ends = text.split(':')
  const [from = '', to = ''] = ends
  if (ends.length !== 2 || (from === '' && to === '')) {
    throw new AludelError('ALUDEL_MALFORMED_REVISION', `"${text}" is not a valid revision range`, {
      help: 'Write A:B, A: or :B, for example base:head, ab12: or -3:current.',
      details: { range: text },
    })
  }
  return { ...(from !== '' && { from }), ...(to !== '' && { to }) }
}

/**
 * The revisions of a range, parents first, both ends included: what B depends on (itself, parents, dependencies),
 * without what lies below A. `A:` goes to the heads, `:B` comes from the base, one REV alone is itself.
 * `-3:current` starts three below what is applied.
 *
 * @param options `applied` as in {@link resolve}
 * @throws what {@link resolve} throws; ALUDEL_NOT_A_TARGET when B does not depend on A
 */
export function revisionsInRange(
  graph: RevisionGraph,
  text: string,
  options: { readonly applied?: Iterable<string>; readonly purpose?: Purpose } = {},
): readonly Revision[] {
  const settings = { purpose: options.purpose ?? 'history', ...(options.applied && { applied: [...options.applied] }) }
  if (!isRange(text)) return graph.sort(resolve(graph, text, settings).ids)
  const range = parseRange(text)
  const from = range.from === undefined ? [] : resolve(graph, range.from, settings).ids
  const to = resolve(graph, range.to ?? 'heads', settings).ids
  const upTo = new Set(graph.ancestors(to, { dependencies: true }))
  const stray = from.filter((id) => !upTo.has(id))
  if (stray.length > 0) {
    throw new AludelError(
      'ALUDEL_NOT_A_TARGET',
      `"${text}" is not a valid range: ${range.to ?? 'heads'} does not descend from ${stray.join(', ')}`,
      { help: 'The older end comes first.', details: { range: text, from, to } },
    )
  }
  for (const id of graph.ancestors(from, { dependencies: true })) upTo.delete(id)
  return graph.sort([...upTo, ...from])
}
