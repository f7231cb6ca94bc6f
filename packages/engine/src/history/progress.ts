import type { JournalEntry } from './types'

/**
 * How far a revision that is not transactional has come. The column `progress` of the journal keeps it in words, for people
 * who read the table:
 *
 * | text | meaning |
 * | --- | --- |
 * | `HASH idle` | the counted statements are done, and no other has been begun |
 * | `HASH begun NEXT` | the next one was begun; only the catalog shows whether it took effect |
 * | `HASH with NEXT` | the next one was begun in the transaction that also changes this text: it has not taken effect |
 * | `HASH` | written by an early version; if the row is at `running`, the next one may have been begun |
 *
 * `HASH` is the SHA-256 (hex) over the statements that are done, empty when there are none; `NEXT` the one with the next
 * statement added.
 */
export interface Progress {
  readonly hash: string
  readonly begun?: Begun
}

/** The statement after those that are done. */
type Begun =
  | { readonly kind: 'none' }
  | { readonly kind: 'alone' | 'together'; /** Absent if it was not recorded. */ readonly hash?: string }

const words = { alone: 'begun', together: 'with' } as const

/** @example formatProgress({ hash: 'ab12', begun: { kind: 'alone', hash: 'cd34' } }) // 'ab12 begun cd34' */
export function formatProgress({ hash, begun }: Progress): string {
  if (begun === undefined) return hash
  if (begun.kind === 'none') return `${hash} idle`
  return [hash, words[begun.kind], ...(begun.hash === undefined ? [] : [begun.hash])].join(' ')
}

export function parseProgress(text: string): Progress {
  const [hash = '', word, next] = text.split(' ')
  switch (word) {
    case 'idle':
      return { hash, begun: { kind: 'none' } }
    case words.alone:
    case words.together:
      return { hash, begun: { kind: word === words.alone ? 'alone' : 'together', hash: next } }
    default:
      return { hash }
  }
}

/** True if a statement was begun and only the catalog shows whether it took effect. */
export function isInDoubt({ progress, outcome }: Pick<JournalEntry, 'progress' | 'outcome'>): boolean {
  const { begun } = parseProgress(progress ?? '')
  return begun === undefined ? outcome === 'running' : begun.kind === 'alone'
}
