import { signal } from '@preact/signals'
import type { ComponentType, FunctionComponent, VNode } from 'preact'
import { useEffect } from 'preact/hooks'
import { PageSkeleton } from './page'
import { Button, Empty } from './parts'

/** A component that is loaded when it is first shown, or before. */
export type Lazy<P> = FunctionComponent<P> & { readonly preload: () => void }

/**
 * A page that is loaded when it is first shown.
 *
 * @param load its module
 * @param name of the component in it
 */
export function lazy<P extends object, N extends string>(
  load: () => Promise<Record<N, ComponentType<P>>>,
  name: N,
): Lazy<P> {
  return loader(load, name, () => <PageSkeleton />)
}

/** The same for a part of a page, which takes no space until it is there. */
export function lazyInside<P extends object, N extends string>(
  load: () => Promise<Record<N, ComponentType<P>>>,
  name: N,
): Lazy<P> {
  return loader(load, name, () => null)
}

function loader<P extends object, N extends string>(
  load: () => Promise<Record<N, ComponentType<P>>>,
  name: N,
  skeleton: () => VNode | null,
): Lazy<P> {
  const loaded = signal<ComponentType<P> | undefined>(undefined)
  const failed = signal(false)
  const start = async (): Promise<void> => {
    failed.value = false
    try {
      const module = await load()
      loaded.value = module[name]
    } catch {
      failed.value = true
    }
  }
  let starting: Promise<void> | undefined
  const preload = (): void => {
    starting ??= start().finally(() => (starting = undefined))
  }
  const Lazy: FunctionComponent<P> = (props) => {
    useEffect(() => {
      if (loaded.value === undefined) preload()
    }, [])
    const Page = loaded.value
    if (Page !== undefined) return <Page {...props} />
    if (!failed.value) return skeleton()
    return (
      <Empty
        icon="offline"
        title="This part of the page could not be loaded"
        actions={
          <Button
            icon="restore"
            onClick={() => {
              location.reload()
            }}
          >
            Load the page again
          </Button>
        }
      >
        The server does not answer, or it was updated since this page was opened.
      </Empty>
    )
  }
  return Object.assign(Lazy, { preload })
}
