/** Numbers per entry: a hash of 64 bits. */
const width = 2

/**
 * Recognizes repeated keys of a file, with eight bytes for each. Two different keys may count as the same one, though this is very
 * unlikely.
 */
export class SeenKeys {
  #slots = 1024
  #used = 0
  #table = new Uint32Array(this.#slots * width)
  #low = 0
  #high = 0

  /** Begins or continues a component. */
  begin(component: string): void {
    // its length separates it from the threat
    this.#low = hash(component, component.length, lowFactor)
    this.#high = hash(component, component.length, highFactor)
  }

  /**
   * Adds a threat of the current component.
   *
   * @returns false if it was added before
   */
  add(threat: string): boolean {
    const low = mix(hash(threat, this.#low, lowFactor))
    // a free slot has zeros
    const high = hash(threat, this.#high, highFactor) || 1
    const at = find(this.#table, this.#slots, low, high)
    if (this.#table[at + 1] !== 0) return false
    this.#table[at] = low
    this.#table[at + 1] = high
    this.#used += 1
    if (this.#used * 2 > this.#slots) this.#grow()
    return true
  }

  #grow(): void {
    const slots = this.#slots * 2
    const table = new Uint32Array(slots * width)
    for (let at = 0; at < this.#table.length; at += width) {
      const [low = 0, high = 0] = this.#table.subarray(at, at + width)
      if (high !== 0) table.set([low, high], find(table, slots, low, high))
    }
    this.#table = table
    this.#slots = slots
  }
}

/** The offset of the slot with these numbers, or of the free slot for them. */
function find(table: Uint32Array, slots: number, low: number, high: number): number {
  // the number of slots is a power of two
  let slot = low & (slots - 1)
  for (;;) {
    const at = slot * width
    if (table[at + 1] === 0 || (table[at] === low && table[at + 1] === high)) return at
    slot = (slot + 1) & (slots - 1)
  }
}

const lowFactor = 0x01000193
const highFactor = 0x5bd1e995

/** As FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/), over UTF-16 units, with a factor of choice. */
function hash(text: string, start: number, factor: number): number {
  let sum = start ^ 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) sum = Math.imul(sum ^ text.charCodeAt(index), factor)
  return sum >>> 0
}

/** Spreads the bits, because the slot is chosen by the lowest ones. */
function mix(sum: number): number {
  const once = Math.imul(sum ^ (sum >>> 16), 0x85ebca6b)
  return (once ^ (once >>> 13)) >>> 0
}
