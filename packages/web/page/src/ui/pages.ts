import { signal } from '@preact/signals'
import type { ReadonlySignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { get } from '../api/client'
import { failureOf } from '../api/failure'
import type { Failure } from '../api/failure'
import { reloadWith } from '../api/resource'

/** A list that the server sends in pages. */
export interface PagedList<P> {
  /** All pages that were read, the first first. */
  readonly pages: ReadonlySignal<readonly P[]>
  readonly error: ReadonlySignal<Failure | undefined>
  readonly loading: ReadonlySignal<boolean>
  /** Whether there are more. */
  readonly more: ReadonlySignal<boolean>
  readonly next: () => Promise<void>
  /** Reads the first page again. */
  readonly reload: () => Promise<void>
}

/**
 * Reads a list page by page.
 *
 * @param path with the query, but for the cursor
 */
export function usePagedList<P extends { readonly next: string | null }>(path: string): PagedList<P> {
  const list = useMemo(() => pagedList<P>(path), [path])
  useEffect(() => {
    const again = (): void => void list.reload()
    again()
    const end = reloadWith(path, again)
    return () => {
      end()
      list.stop()
    }
  }, [list])
  return list
}

function pagedList<P extends { readonly next: string | null }>(
  path: string,
): PagedList<P> & { readonly stop: () => void } {
  const pages = signal<readonly P[]>([])
  const error = signal<Failure | undefined>(undefined)
  const loading = signal(true)
  const more = signal(false)
  let abort: AbortController | undefined
  const read = async (before: string | undefined): Promise<void> => {
    abort?.abort()
    const own = new AbortController()
    abort = own
    loading.value = true
    try {
      const cursor = before === undefined ? '' : `&before=${encodeURIComponent(before)}`
      const page = await get<P>(`${path}${path.includes('?') ? '' : '?'}${cursor}`, own.signal)
      pages.value = before === undefined ? [page] : [...pages.value, page]
      more.value = page.next !== null
      error.value = undefined
    } catch (thrown) {
      if (own.signal.aborted) return
      error.value = failureOf(thrown)
    }
    loading.value = false
  }
  return {
    pages,
    error,
    loading,
    more,
    next: () => read(pages.value.at(-1)?.next ?? undefined),
    reload: () => read(undefined),
    stop: () => abort?.abort(),
  }
}
