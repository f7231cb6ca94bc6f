import { signal } from '@preact/signals'
import type { ReadonlySignal, Signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { get } from './client'
import { failureOf } from './failure'
import type { Failure } from './failure'

/** Something read from the server, and kept while it is on the page: several components share one. */
export interface Resource<T> {
  readonly path: string
  /** The last value; stays while a newer one is being read, and if that fails. */
  readonly data: ReadonlySignal<T | undefined>
  /** Why the last attempt failed. */
  readonly error: ReadonlySignal<Failure | undefined>
  readonly loading: ReadonlySignal<boolean>
  readonly reload: () => Promise<void>
}

interface Entry extends Resource<unknown> {
  readonly data: Signal<unknown>
  readonly error: Signal<Failure | undefined>
  readonly loading: Signal<boolean>
  users: number
  abort: AbortController | undefined
}

const entries = new Map<string, Entry>()

/** Values that no component shows any more, and that are shown at once when somebody comes back to them. */
const unusedKept = 40

/**
 * Reads a route when a component appears, and again whenever {@link reload} names it.
 *
 * @param path null for nothing
 */
export function useResource<T>(path: string | null): Resource<T> {
  const entry = path === null ? nothing : entryOf(path)
  useEffect(() => {
    if (entry === nothing) return undefined
    // It may have been forgotten since it was drawn, which is a moment ago.
    if (!entries.has(entry.path)) entries.set(entry.path, entry)
    entry.users += 1
    // Who comes later shares what is shown already, or being read.
    if (entry.users === 1) void entry.reload()
    return () => {
      entry.users -= 1
      if (entry.users === 0) entry.abort?.abort()
      forgetUnused()
    }
  }, [entry])
  return entry as unknown as Resource<T>
}

/** Reads the routes that start with one of these again, if a component shows them; else forgets them. */
export function reload(...prefixes: readonly string[]): void {
  for (const [path, entry] of entries) {
    if (!prefixes.some((prefix) => path.startsWith(prefix))) continue
    if (entry.users > 0) void entry.reload()
    else entries.delete(path)
  }
  for (const [again, path] of others) if (prefixes.some((prefix) => path.startsWith(prefix))) again()
}

/** What is shown of other readers, by what reads it again. */
const others = new Map<() => void, string>()

/**
 * Has something read again together with the routes.
 *
 * @returns what ends it
 */
export function reloadWith(path: string, again: () => void): () => void {
  others.set(again, path)
  return () => {
    others.delete(again)
  }
}

/** Reads a route again that is shown, unless it is being read: for what is read every few seconds. */
export function refresh(path: string): void {
  const entry = entries.get(path)
  // Not `value`: an effect that calls this would run again at the end of each reading, without a pause.
  if (entry !== undefined && entry.users > 0 && !entry.loading.peek()) void entry.reload()
}

/** Reads everything that is shown again. */
export function reloadAll(): void {
  reload('')
}

/** Forgets everything, when somebody else signs in. */
export function forgetAll(): void {
  entries.clear()
}

function entryOf(path: string): Entry {
  const found = entries.get(path)
  if (found !== undefined) {
    // The most recently used come last.
    entries.delete(path)
    entries.set(path, found)
    return found
  }
  const entry: Entry = {
    path,
    data: signal<unknown>(undefined),
    error: signal<Failure | undefined>(undefined),
    loading: signal(true),
    users: 0,
    abort: undefined,
    reload: () => read(entry),
  }
  entries.set(path, entry)
  return entry
}

async function read(entry: Entry): Promise<void> {
  entry.abort?.abort()
  const abort = new AbortController()
  entry.abort = abort
  entry.loading.value = true
  try {
    // Where findings and drift come later, the page says itself that they are looked for.
    const data = await get<unknown>(entry.path, abort.signal, { isWatched: !/^\/(?:lint|drift)\b/.test(entry.path) })
    if (entry.abort !== abort) return
    if (!same(entry.data.peek(), data)) entry.data.value = data
    entry.error.value = undefined
  } catch (error) {
    if (abort.signal.aborted) return
    entry.error.value = failureOf(error)
  }
  entry.loading.value = false
}

/** Whether a value is what was read before: then nothing is drawn again. Of a large one the comparison would cost more. */
function same(before: unknown, after: unknown): boolean {
  if (before === undefined) return false
  const text = JSON.stringify(after)
  return text.length < 200_000 && JSON.stringify(before) === text
}

function forgetUnused(): void {
  const unused = [...entries].filter(([, entry]) => entry.users === 0)
  for (const [path] of unused.slice(0, Math.max(0, unused.length - unusedKept))) entries.delete(path)
}

const nothing: Entry = {
  path: '',
  data: signal<unknown>(undefined),
  error: signal<Failure | undefined>(undefined),
  loading: signal(false),
  users: 0,
  abort: undefined,
  reload: () => Promise.resolve(),
}
