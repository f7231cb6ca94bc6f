import { AludelError } from '../errors'

import type { RevisionGraph } from './graph'
import { resolve, type Purpose } from './identifier'
import type { Revision } from './revision'

/** A parsed range `A:B`; an absent end is open. */
interface Range {
  readonly from?: string
  readonly to?: string
}

/** True for the text of a range: `A:B`, `A:`, `:B`. */
export function isRange(text: string): boolean {
  return text.includes(':')
}

/**
 * Parses `A:B`, `A:` or `:B`, but not its ends.
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
  return { from: from === '' ? undefined : from, to: to === '' ? undefined : to }
}

/**
 * The revisions of a range, parents first, both ends inclusive: B and the revisions that it descends from or depends on,
 * without those below A. `A:` ends at the heads, `:B` starts at the base, and a single REV is itself.
 * `-3:current` starts three below the applied head.
 *
 * @param options `applied` as in {@link resolve}
 * @throws what {@link resolve} throws; ALUDEL_NOT_A_TARGET when B does not depend on A
 */
export function revisionsInRange(
  graph: RevisionGraph,
  text: string,
  options: { readonly applied?: Iterable<string>; readonly purpose?: Purpose } = {},
): readonly Revision[] {
  const settings = { purpose: options.purpose ?? 'history', applied: options.applied && [...options.applied] }
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
