import type { JournalEntry } from './types'

/**
 * How far a revision that is not transactional has come, as the column `progress` of the journal keeps it, in words for
 * those who read the table:
 *
 * | text | says |
 * | --- | --- |
 * | `HASH idle` | the statements counted are done, and no other has been begun |
 * | `HASH begun NEXT` | the next one was begun: whether it took effect, only the catalog knows |
 * | `HASH with NEXT` | the next one was begun in the transaction that also says that it is done: as long as it says this, it is not |
 * | `HASH` | written before there was a word for it: in a row at `running` the next one may have been begun |
 *
 * `HASH` is the SHA-256 (hex) over the statements that are done, empty when there are none; `NEXT` the one with the next
 * statement added.
 */
export interface Progress {
  readonly hash: string
  readonly begun?: Begun
}

/** The statement behind those that are done. */
export type Begun =
  | { readonly kind: 'none' }
  | { readonly kind: 'alone' | 'together'; /** Absent where it was not written down. */ readonly hash?: string }

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
    case words.together: {
      const kind = word === words.alone ? 'alone' : 'together'
      return { hash, begun: next === undefined ? { kind } : { kind, hash: next } }
    }
    default:
      return { hash }
  }
}

/** True where a statement was begun of which only the catalog knows whether it took effect. */
export function isInDoubt({ progress, outcome }: Pick<JournalEntry, 'progress' | 'outcome'>): boolean {
  const { begun } = parseProgress(progress ?? '')
  return begun === undefined ? outcome === 'running' : begun.kind === 'alone'
}
