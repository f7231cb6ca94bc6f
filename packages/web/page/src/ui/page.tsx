import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { session } from '../api/session'
import { Skeleton } from './parts'

/** The head of a page, and the title of the window. */
export function PageHead({
  title,
  tab,
  children,
  actions,
}: {
  title: string
  /** Of the window, if it says more than the title of the page. */
  tab?: string | undefined
  /** What the page is about, in a line. */
  children?: ComponentChildren
  actions?: ComponentChildren
}) {
  useTitle(tab ?? title)
  return (
    <header class="page-head">
      <div class="page-head__text">
        <h1>{title}</h1>
        {children !== undefined && <div class="page-head__about">{children}</div>}
      </div>
      {actions !== undefined && <div class="page-head__actions">{actions}</div>}
    </header>
  )
}

/** Sets the title of the window: what is most particular comes first, since tabs are narrow. */
export function useTitle(title: string): void {
  const database = session.value?.typedName ?? ''
  useEffect(() => {
    document.title = [title, database, 'Aludel'].filter((part) => part !== '').join(' · ')
  }, [title, database])
}

/** While the code of a page is loading. */
export function PageSkeleton() {
  return (
    <div class="page-skeleton" aria-busy="true">
      <Skeleton widths={[18]} height="1.75rem" />
      <Skeleton widths={[100, 100, 100, 72]} height="2.25rem" />
      <p class="visually-hidden" role="status">
        Loading
      </p>
    </div>
  )
}
