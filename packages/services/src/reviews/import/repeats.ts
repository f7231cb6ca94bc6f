import { createHash } from 'node:crypto'
import { contentOf, identityOf } from '../review'
import type { CompleteReview } from '../review'
import type { Position } from './position'

/** Numbers per entry: three for its identity, two for its content, line and column. */
const width = 7

/** How an entry compares to earlier ones. */
type Repeat =
  { readonly kind: 'new' } | { readonly kind: 'same' } | { readonly kind: 'different'; readonly first: Position }

/**
 * Detects repeated entries of a file. It stores 28 bytes per entry, so large files need little memory: 96 bits of the SHA-256
 * of the identity, 64 of that of the content, and the position.
 */
export class RepeatIndex {
  #slots = 1024
  #used = 0
  #table = new Uint32Array(this.#slots * width)

  /** Looks up an entry, and adds it if its identity is new. */
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

  /** The offset of the slot with this identity, or of the free slot for it. */
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
