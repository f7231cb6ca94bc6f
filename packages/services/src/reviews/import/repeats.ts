import { createHash } from 'node:crypto'
import { contentOf, identityOf } from '../review'
import type { CompleteReview } from '../review'
import type { Position } from './position'

/** Numbers kept for an entry: three of its identity, two of its content, line and column. */
const width = 7

/** What an entry is among those before it. */
export type Repeat =
  { readonly kind: 'new' } | { readonly kind: 'same' } | { readonly kind: 'different'; readonly first: Position }

/**
 * Remembers which entries a file has already had, in 28 bytes for each, so that a repeated key is seen however far apart the
 * two are, and a large file does not fill the memory. It keeps parts of SHA-256 digests: 96 bits of the identity and 64 of
 * the content.
 */
export class RepeatIndex {
  #slots = 1024
  #used = 0
  #table = new Uint32Array(this.#slots * width)

  /** Looks an entry up, and remembers it when its identity is new. */
  add(review: CompleteReview, position: Position): Repeat {
    const identity = digest(identityOf(review))
    const content = digest(contentOf(review))
    const row = [
      identity.readUInt32LE(0),
      identity.readUInt32LE(4),
      identity.readUInt32LE(8),
      content.readUInt32LE(0),
      content.readUInt32LE(4),
      position.line,
      position.column,
    ]
    const at = this.#find(this.#table, this.#slots, row)
    const found = this.#table.subarray(at, at + width)
    // a line is never 0, so a slot with line 0 is free
    if (found[5] === 0) {
      found.set(row)
      this.#used += 1
      if (this.#used * 4 > this.#slots * 3) this.#grow()
      return { kind: 'new' }
    }
    if (found[3] === row[3] && found[4] === row[4]) return { kind: 'same' }
    return { kind: 'different', first: { line: found[5] ?? 0, column: found[6] ?? 0 } }
  }

  /** The place of the slot that holds this identity, or of the free one where it belongs. */
  #find(table: Uint32Array, slots: number, row: ArrayLike<number>): number {
    // the number of slots is a power of two
    let slot = (row[0] ?? 0) & (slots - 1)
    for (;;) {
      const at = slot * width
      const isFree = table[at + 5] === 0
      if (isFree || (table[at] === row[0] && table[at + 1] === row[1] && table[at + 2] === row[2])) return at
      slot = (slot + 1) & (slots - 1)
    }
  }

  #grow(): void {
    const slots = this.#slots * 2
    const table = new Uint32Array(slots * width)
    for (let at = 0; at < this.#table.length; at += width) {
      const row = this.#table.subarray(at, at + width)
      if (row[5] !== 0) table.set(row, this.#find(table, slots, row))
    }
    this.#table = table
    this.#slots = slots
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
