// cspell:ignore Pract
import { createHash } from 'node:crypto'

/** 128 bits, from which everything else is derived. */
export type SeedKey = readonly [number, number, number, number]

/**
 * Raised whenever the rows of a seed become others. The generator is our own for the same reason: a library may change what it
 * returns in any release, and two databases that were filled by two versions would differ.
 */
const version = 1

/** @example keyOf('demo') */
export function keyOf(seed: string): SeedKey {
  const hash = createHash('sha256')
    .update(`aludel seed ${String(version)} ${seed}`)
    .digest()
  return [hash.readUInt32LE(0), hash.readUInt32LE(4), hash.readUInt32LE(8), hash.readUInt32LE(12)]
}

/** Kinds of rows: those of one have other numbers than those of another with the same index. */
export const kinds = {
  workflow: 1,
  checkpoint: 2,
  validation: 3,
  file: 4,
  recommendation: 5,
  audit: 6,
  cache: 7,
  review: 8,
  metric: 9,
  project: 10,
} as const

/**
 * Pseudo-random numbers for one row: the same for the same key, kind and index, whichever rows were made before. So a row can be
 * computed where another one refers to it, and none needs to be kept.
 *
 * The generator is sfc32 of PractRand, https://pracrand.sourceforge.net; not for secrets.
 */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter: number

  /** @param kind one of {@link kinds} */
  constructor([a, b, c, d]: SeedKey, kind: number, index: number) {
    this.#a = a ^ index
    this.#b = b ^ Math.imul(kind, 0x9e3779b1)
    this.#c = c ^ Math.floor(index / 2 ** 32)
    this.#counter = d
    // Until a difference in one bit has reached all others.
    for (let round = 0; round < 15; round += 1) this.word()
  }

  /** 32 bits, from 0. */
  word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }

  /** From 0 up to, and without, 1. */
  share(): number {
    return this.word() / 2 ** 32
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.share() * (most - least + 1))
  }

  /** True in this share of all cases. */
  chance(share: number): boolean {
    return this.share() < share
  }

  pick<const List extends readonly [unknown, ...unknown[]]>(from: List): List[number] {
    return from[this.between(0, from.length - 1)] ?? from[0]
  }

  /** One of several, each as often as its weight says. */
  weighted<T>(from: readonly (readonly [T, number])[]): T {
    let place = this.share() * from.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [one, weight] of from) {
      place -= weight
      if (place < 0) return one
    }
    const [last] = from.at(-1) ?? []
    if (last === undefined) throw new Error('there is nothing to choose from')
    return last
  }

  /** Hex digits, a multiple of eight. */
  hex(length: number): string {
    let digits = ''
    while (digits.length < length) digits += this.word().toString(16).padStart(8, '0')
    return digits
  }

  /** A UUID v4. */
  uuid(): string {
    const digits = this.hex(32)
    const variant = (0x8 | (parseInt(digits.charAt(16), 16) & 0x3)).toString(16)
    return [
      digits.slice(0, 8),
      digits.slice(8, 12),
      `4${digits.slice(13, 16)}`,
      `${variant}${digits.slice(17, 20)}`,
      digits.slice(20),
    ].join('-')
  }
}

/** In hex digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
