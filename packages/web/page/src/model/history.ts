import type { RevisionRow } from '../../../src/api/types'
import { hasWords, wordsOf } from './search'

export type HistoryFilter = 'all' | 'applied' | 'pending'

/** A row that is found: its place among all rows, from the newest. */
export type FoundRows = readonly number[]

/** All words that a row is found by, in lower case, one text a row: made once for all searches. */
export function searchTexts(rows: readonly RevisionRow[]): readonly string[] {
  return rows.map((row) =>
    [row.message, row.revision, ...(row.branchLabels ?? []), row.createdAt.slice(0, 10)].join('\n').toLowerCase(),
  )
}

/** The rows that have every word of a search somewhere, and the state that is asked for. */
export function findRows(
  rows: readonly RevisionRow[],
  texts: readonly string[],
  filter: HistoryFilter,
  search: string,
): FoundRows {
  const words = wordsOf(search)
  const found: number[] = []
  rows.forEach((row, index) => {
    if (filter !== 'all' && row.applied !== (filter === 'applied')) return
    const text = texts[index] ?? ''
    if (hasWords(text, words)) found.push(index)
  })
  return found
}

/** How many rows of each state there are. */
export function countRows(rows: readonly RevisionRow[]): Readonly<Record<HistoryFilter, number>> {
  const applied = rows.filter((row) => row.applied).length
  return { all: rows.length, applied, pending: rows.length - applied }
}
