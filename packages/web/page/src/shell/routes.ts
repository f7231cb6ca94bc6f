import type { Session } from '../../../src/api/types'
import type { IconName } from '../ui/icon'

/** A page in the navigation. */
export interface PageLink {
  readonly href: string
  readonly label: string
  readonly icon: IconName
  /** Pressed after `g`. */
  readonly shortcut: string
}

/** The pages of a session, in the order of the navigation. */
export function pagesOf(session: Session | undefined): readonly PageLink[] {
  return [
    { href: '/', label: 'Overview', icon: 'overview', shortcut: 'o' },
    { href: '/history', label: 'History', icon: 'history', shortcut: 'h' },
    { href: '/plan', label: 'Plan', icon: 'plan', shortcut: 'p' },
    { href: '/schema', label: 'Schema', icon: 'schema', shortcut: 's' },
    { href: '/create', label: 'Create', icon: 'create', shortcut: 'c' },
    { href: '/backups', label: 'Backups', icon: 'backups', shortcut: 'b' },
    ...(session?.reviews === true
      ? [{ href: '/reviews', label: 'Reviews', icon: 'reviews' as const, shortcut: 'r' }]
      : []),
    { href: '/journal', label: 'Journal', icon: 'journal', shortcut: 'j' },
  ]
}

/** Whether a page is the one of a location, or a parent of it. */
export function isCurrent(href: string, location: string): boolean {
  if (href === '/') return location === '/' || location === ''
  // A run is the end of a plan.
  if (href === '/plan' && location.startsWith('/runs')) return true
  return location === href || location.startsWith(`${href}/`)
}
