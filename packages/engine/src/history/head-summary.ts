import { createHash } from 'node:crypto'

import { textOf } from '../files/checksum'
import type { RevisionGraph } from '../revision/graph'
import type { AppliedEntry } from './types'

/**
 * What the revision files of a project amount to for a database that has all of them. Most commands of a deployment find just
 * that, and need nothing else of thousands of files: neither what they contain nor their graph.
 */
export interface HeadSummary {
  /** The applied heads of such a database; see {@link RevisionGraph.realHeads}. Ids. */
  readonly current: readonly string[]
  readonly heads: readonly string[]
  /** The names of all revisions, parents and dependencies first: their number, and a sum. */
  readonly names: readonly [count: number, sum: string]
  /** A sum of what the journal has about the text of each, in the same order. */
  readonly texts: string
}

/** The summary of a graph in which no revision replaces others. */
export function summarize({ order, realHeads, heads }: RevisionGraph): HeadSummary {
  return {
    current: realHeads.map(({ id }) => id),
    heads: heads.map(({ id }) => id),
    names: [order.length, sumOfList(order.map(({ name }) => name))],
    texts: sumOfList(order.map(({ checksum }) => textOf(checksum))),
  }
}

/** Whether a history has all revisions, in the order of their graph, and no others. */
export function isAllApplied({ names: [count, sum] }: HeadSummary, names: readonly string[]): boolean {
  return names.length === count && sumOfList(names) === sum
}

/** Whether every revision of such a history has an entry in the journal, made from the text that its file has now. */
export function isAllUnedited(
  { texts }: HeadSummary,
  names: readonly string[],
  entries: ReadonlyMap<string, AppliedEntry>,
): boolean {
  if (entries.size < names.length) return false
  return sumOfList(names.map((name) => textOf(entries.get(name)?.checksum ?? ''))) === texts
}

/** Names may contain anything: their lengths tell where each ends. */
function sumOfList(texts: readonly string[]): string {
  const hash = createHash('sha256')
  hash.update(texts.map(({ length }) => length).join())
  return hash.update(texts.join('')).digest('hex')
}
