import './history.css'
import { signal, useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { Link, useLocation, useSearch } from 'wouter-preact'
import type { Revisions } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import { count } from '../../model/format'
import { countRows, findRows, searchTexts } from '../../model/history'
import type { HistoryFilter } from '../../model/history'
import { FailurePanel } from '../../ui/failure'
import { SearchField, Segments } from '../../ui/fields'
import { useMedia } from '../../ui/media'
import { useTitle } from '../../ui/page'
import { Button, Empty, Skeleton } from '../../ui/parts'
import { RevisionPanel } from './details'
import { RevisionList } from './list'

/** The revision that was looked at last: the list is there again when somebody comes back. */
const lastSelected = signal<string | undefined>(undefined)

/** The history as a picture, and one revision of it in detail. */
export function History({ params }: { params: { revision?: string | undefined } }) {
  const { data, error, reload } = useResource<Revisions>('/revisions')
  const beside = useMedia('(min-width: 68rem)')
  const [, navigate] = useLocation()
  const query = new URLSearchParams(useSearch())
  const search = useSignal(query.get('search') ?? '')
  const filter = useSignal<HistoryFilter>(filterOf(query.get('show')))
  useTitle('History')

  const rows = data.value?.revisions
  const texts = useMemo(() => searchTexts(rows ?? []), [rows])
  const counts = useMemo(() => countRows(rows ?? []), [rows])
  const found = useMemo(
    () => findRows(rows ?? [], texts, filter.value, search.value),
    [rows, texts, filter.value, search.value],
  )
  const asked = params.revision === undefined ? undefined : decodeURIComponent(params.revision)
  // An id may be shortened in an address.
  const open =
    asked === undefined ? undefined : (rows?.find((row) => row.revision.startsWith(asked))?.revision ?? asked)
  useEffect(() => {
    if (open !== undefined) lastSelected.value = open
  }, [open])

  const address = (revision: string | undefined): string => {
    const parts = new URLSearchParams()
    if (search.value !== '') parts.set('search', search.value)
    if (filter.value !== 'all') parts.set('show', filter.value)
    const text = parts.toString()
    return `/history${revision === undefined ? '' : `/${revision}`}${text === '' ? '' : `?${text}`}`
  }
  const remember = (): void => {
    navigate(address(open), { replace: true })
  }

  if (open !== undefined && !beside) {
    return (
      <>
        <Link href={address(undefined)} class="back-link">
          ← History
        </Link>
        <h1 class="visually-hidden">History</h1>
        <RevisionPanel key={open} revision={open} onClose={() => navigate(address(undefined))} />
      </>
    )
  }
  if (rows === undefined) {
    if (error.value !== undefined) return <FailurePanel failure={error.value} retry={() => void reload()} />
    return <HistorySkeleton />
  }
  if (rows.length === 0) {
    return (
      <Empty
        icon="history"
        title="There are no revisions yet"
        actions={<Link href="/create">Create the first one</Link>}
      >
        A revision takes a database from one shape to the next. The first one is written from your entities.
      </Empty>
    )
  }
  const selected =
    open ?? lastSelected.value ?? rows.find((row) => row.isCurrent)?.revision ?? rows[0]?.revision ?? undefined
  return (
    <div class="history">
      <div class="history__head">
        <h1>History</h1>
        <SearchField
          label="Search revisions"
          placeholder="Message, id or label"
          value={search.value}
          shortcut
          onInput={(value) => {
            search.value = value
            remember()
          }}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('#revisions')?.focus()
          }}
        />
        <Segments
          label="Which revisions"
          value={filter.value}
          options={[
            { value: 'all', label: 'All', count: counts.all },
            { value: 'applied', label: 'Applied', count: counts.applied },
            { value: 'pending', label: 'Pending', count: counts.pending },
          ]}
          onChange={(value) => {
            filter.value = value
            remember()
          }}
        />
        <p class="visually-hidden" role="status">
          {count(found.length, 'revision')} found
        </p>
      </div>
      <div class="history__list">
        {found.length === 0 ? (
          <Empty
            icon="search"
            title={
              filter.value === 'pending' && search.value === '' ? 'Nothing is pending' : 'No revision is like that'
            }
            actions={
              <Button
                onClick={() => {
                  search.value = ''
                  filter.value = 'all'
                  remember()
                }}
              >
                Show all
              </Button>
            }
          />
        ) : (
          <RevisionList
            rows={rows}
            lanes={data.value?.lanes ?? 1}
            found={found}
            selected={selected}
            onSelect={(revision) => {
              lastSelected.value = revision
              if (beside) navigate(address(revision), { replace: true })
            }}
            onOpen={(revision) => {
              lastSelected.value = revision
              if (beside) document.querySelector<HTMLElement>('#revision-details')?.focus()
              else navigate(address(revision))
            }}
          />
        )}
      </div>
      {beside && selected !== undefined && (
        <div class="history__details">
          <RevisionPanel
            key={selected}
            revision={selected}
            onClose={() => document.querySelector<HTMLElement>('#revisions')?.focus()}
          />
        </div>
      )}
    </div>
  )
}

function filterOf(text: string | null): HistoryFilter {
  return text === 'applied' || text === 'pending' ? text : 'all'
}

function HistorySkeleton() {
  return (
    <div class="history" aria-busy="true">
      <div class="history__head">
        <h1>History</h1>
        <p class="visually-hidden" role="status">
          Loading
        </p>
      </div>
      <div class="history__list history__list--skeleton">
        <Skeleton widths={[92, 78, 85, 64, 90, 72, 80, 58, 88, 70]} height="1.25rem" />
      </div>
    </div>
  )
}
