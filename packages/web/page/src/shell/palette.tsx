import { useSignal } from '@preact/signals'
import { useEffect, useId, useMemo, useRef } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import type { Revisions } from '../../../src/api/types'
import { useResource } from '../api/resource'
import { session } from '../api/session'
import { shortId } from '../model/format'
import { findDestinations } from '../model/palette'
import type { Destination } from '../model/palette'
import { Dialog } from '../ui/dialog'
import { Icon } from '../ui/icon'
import type { IconName } from '../ui/icon'
import { pagesOf } from './routes'
import { useStatus } from './status'

const icons: Record<Destination['kind'], IconName> = { page: 'arrowRight', revision: 'history', table: 'table' }
const kinds: Record<Destination['kind'], string> = { page: 'Pages', revision: 'Revisions', table: 'Tables' }

/** Goes to a page, a revision or a table by a few letters of it. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [, navigate] = useLocation()
  const id = useId()
  const search = useSignal('')
  const active = useSignal(0)
  const list = useRef<HTMLUListElement>(null)
  const rows = useResource<Revisions>('/revisions').data.value?.revisions
  const tables = useStatus().data.value?.tables
  const all = useMemo(() => destinations(rows ?? [], tables ?? []), [rows, tables])
  const found = findDestinations(all, search.value)
  const chosen = Math.min(active.value, found.length - 1)
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const go = (destination: Destination | undefined): void => {
    if (destination === undefined) return
    onClose()
    navigate(destination.href)
  }
  return (
    <Dialog title="Go to" onClose={onClose}>
      <div class="input-group">
        <Icon name="search" />
        <input
          class="input"
          role="combobox"
          aria-label="Page, revision or table"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={chosen >= 0 ? `${id}-${String(chosen)}` : undefined}
          placeholder="Page, revision or table"
          autocomplete="off"
          spellcheck={false}
          data-autofocus
          value={search.value}
          onInput={(event) => {
            search.value = event.currentTarget.value
            active.value = 0
          }}
          onKeyDown={(event) => {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
            if (step !== undefined) {
              event.preventDefault()
              active.value = (chosen + step + found.length) % Math.max(1, found.length)
            } else if (event.key === 'Enter') {
              event.preventDefault()
              go(found[chosen])
            }
          }}
        />
      </div>
      <ul ref={list} id={`${id}-list`} class="palette" role="listbox" aria-label="Destinations">
        {found.map((destination, index) => (
          <li
            key={destination.href}
            id={`${id}-${String(index)}`}
            class="palette__item"
            role="option"
            aria-selected={index === chosen}
            onPointerMove={() => {
              active.value = index
            }}
            onClick={() => {
              go(destination)
            }}
          >
            <Icon name={icons[destination.kind]} />
            <span class="truncate">{destination.label}</span>
            <span class="palette__detail">{destination.kind === 'page' ? '' : destination.detail}</span>
            <span class="visually-hidden">{`, ${kinds[destination.kind]}`}</span>
          </li>
        ))}
        {found.length === 0 && (
          <li class="palette__none" role="option" aria-selected={false} aria-disabled="true">
            Nothing is called that
          </li>
        )}
      </ul>
    </Dialog>
  )
}

function destinations(
  rows: Revisions['revisions'],
  tables: readonly { readonly name: string }[],
): readonly Destination[] {
  return [
    ...pagesOf(session.value).map(({ href, label }) => ({ kind: 'page' as const, label, detail: '', href })),
    ...rows.map(({ revision, message }) => ({
      kind: 'revision' as const,
      label: message,
      detail: shortId(revision),
      href: `/history/${revision}`,
    })),
    ...tables.map(({ name }) => ({
      kind: 'table' as const,
      label: name,
      detail: 'table',
      href: `/schema?table=${encodeURIComponent(name)}`,
    })),
  ]
}
