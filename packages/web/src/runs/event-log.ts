import type { RunUpdate } from '../api/types'
import { replaces } from './updates'

/** An update with its number, from 1. */
export interface NumberedUpdate {
  readonly id: number
  readonly update: RunUpdate
}

/** Updates that are kept. A run of 1,000 revisions with a few statements each has about as many. */
const mostKept = 5000

/** Milliseconds in which news of progress are collected. */
const pauseMs = 50

/**
 * The updates of a run: the last ones, for clients that come back. Of updates that only tell how far something has come, one after
 * the other, the last is kept.
 */
export class EventLog {
  readonly #kept: NumberedUpdate[] = []
  readonly #listeners = new Set<() => void>()
  #last = 0
  #ended = false
  #timer: NodeJS.Timeout | undefined

  /** Number of the last update; 0 if there is none. */
  get last(): number {
    return this.#last
  }

  /** True after the update `end`. */
  get ended(): boolean {
    return this.#ended
  }

  add(update: RunUpdate): void {
    const before = this.#kept.at(-1)
    const isProgress = before !== undefined && replaces(update, before.update)
    if (isProgress) this.#kept.pop()
    this.#last += 1
    this.#kept.push({ id: this.#last, update })
    if (this.#kept.length > mostKept) this.#kept.shift()
    this.#ended = update.type === 'end'
    if (isProgress) this.#timer ??= setTimeout(this.#tell, pauseMs).unref()
    else this.#tell()
  }

  /**
   * The update after the one with this number; undefined if there is none yet.
   *
   * @returns also whether updates in between are no longer kept
   */
  after(id: number): (NumberedUpdate & { readonly skipped: boolean }) | undefined {
    const [first] = this.#kept
    if (first === undefined || id >= this.#last) return undefined
    const found = id < first.id ? first : this.#kept[this.#indexAfter(id)]
    return found === undefined ? undefined : { ...found, skipped: id + 1 < first.id }
  }

  /** Forgets all but the last update. */
  shorten(): void {
    this.#kept.splice(0, this.#kept.length - 1)
  }

  /** Calls `listener` when there are new updates, until the returned function is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly #tell = (): void => {
    clearTimeout(this.#timer)
    this.#timer = undefined
    for (const listener of this.#listeners) listener()
  }

  /** Index of the first update with a greater number. Numbers grow, with gaps where one replaced another. */
  #indexAfter(id: number): number {
    let [low, high] = [0, this.#kept.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#kept[middle]?.id ?? 0) > id) high = middle
      else low = middle + 1
    }
    return low
  }
}
