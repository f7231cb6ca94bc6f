import './journal.css'
import { useSignal } from '@preact/signals'
import { Link } from 'wouter-preact'
import type { Journal as JournalPage, JournalRun } from '../../../../src/api/types'
import { count, duration, shortId } from '../../model/format'
import { useDelayed } from '../../ui/delayed'
import { FailureNotice, FailurePanel } from '../../ui/failure'
import { SearchField, Segments } from '../../ui/fields'
import { Icon } from '../../ui/icon'
import { Outcome } from '../../ui/outcome'
import { PageHead } from '../../ui/page'
import { usePagedList } from '../../ui/pages'
import { Button, Empty, Skeleton } from '../../ui/parts'
import { Time } from '../../ui/time'

type Shown = 'all' | JournalRun['outcome']

/** Every revision that was ever run here: by whom, when, with which outcome. */
export function Journal(_props: object) {
  const search = useSignal('')
  const outcome = useSignal<Shown>('all')
  const query = new URLSearchParams({ limit: '50' })
  const words = useDelayed(search.value.trim())
  if (words !== '') query.set('search', words)
  if (outcome.value !== 'all') query.set('outcome', outcome.value)
  const list = usePagedList<JournalPage>(`/journal?${query.toString()}`)
  const runs = list.pages.value.flatMap((page) => page.runs)
  const isFiltered = words !== '' || outcome.value !== 'all'
  const first = list.pages.value.length === 0
  return (
    <>
      <PageHead title="Journal">Every revision that was applied, undone or stamped, whoever did it.</PageHead>
      <section class="card" aria-label="Runs" aria-busy={list.loading.value}>
        <div class="card__head filters">
          <SearchField
            label="Search the journal"
            placeholder="Revision, person or error"
            value={search.value}
            shortcut
            onInput={(value) => {
              search.value = value
            }}
          />
          <Segments<Shown>
            label="Outcome"
            value={outcome.value}
            options={[
              { value: 'all', label: 'All' },
              { value: 'done', label: 'Done' },
              { value: 'failed', label: 'Failed' },
              { value: 'running', label: 'Running' },
            ]}
            onChange={(value) => {
              outcome.value = value
            }}
          />
          <p class="visually-hidden" role="status">
            {!list.loading.value && `${count(runs.length, 'run')} shown`}
          </p>
        </div>
        {first && list.error.value !== undefined ? (
          <FailurePanel failure={list.error.value} retry={() => void list.reload()} />
        ) : first ? (
          <div class="card__body">
            <Skeleton widths={[100, 100, 100, 100, 100, 100]} height="1.75rem" />
          </div>
        ) : runs.length === 0 ? (
          isFiltered ? (
            <Empty
              icon="search"
              title="No run is like that"
              actions={
                <Button
                  onClick={() => {
                    search.value = ''
                    outcome.value = 'all'
                  }}
                >
                  Show all
                </Button>
              }
            />
          ) : (
            <Empty
              icon="journal"
              title="Nothing has run yet"
              actions={<Link href="/plan">Plan the first upgrade</Link>}
            >
              Every upgrade and downgrade is recorded here, from the command line as from this page.
            </Empty>
          )
        ) : (
          <ul class="journal">
            {runs.map((run) => (
              <li key={`${run.revision} ${run.startedAt} ${run.direction}`}>
                <Entry run={run} />
              </li>
            ))}
          </ul>
        )}
        {!first && list.error.value !== undefined && (
          <div class="card__body">
            <FailureNotice failure={list.error.value} />
          </div>
        )}
        {list.more.value && (
          <div class="card__foot">
            <Button size="small" busy={list.loading.value} onClick={() => void list.next()}>
              Older runs
            </Button>
          </div>
        )}
      </section>
    </>
  )
}

/** One run in a line; one that failed opens to its error. */
function Entry({ run }: { run: JournalRun }) {
  const open = useSignal(false)
  const line = (
    <>
      <Outcome run={run} />
      <span class="journal__text">
        <Link href={`/history/${run.revision}`} class="journal__message">
          {run.message ?? run.name}
        </Link>
        <span class="revision-id">{shortId(run.revision)}</span>
      </span>
      <span class="journal__who truncate" title={run.actor}>
        {run.actor}
      </span>
      <span class="journal__version" title={`Aludel ${run.toolVersion}`}>
        v{run.toolVersion}
      </span>
      <span class="journal__duration">{duration(run.durationMs)}</span>
      <span class="journal__time">
        <Time iso={run.startedAt} />
      </span>
    </>
  )
  return (
    <>
      <div class="journal__line">{line}</div>
      {run.error !== null && (
        <div class="journal__error">
          <button
            type="button"
            class="journal__toggle"
            aria-expanded={open.value}
            onClick={() => {
              open.value = !open.value
            }}
          >
            <Icon name="chevronRight" size={12} />
            <span class={open.value ? 'mono' : 'mono truncate'}>{run.error}</span>
          </button>
          {open.value && (
            <p class="journal__details">
              {sentenceOf(run)} <Time iso={run.startedAt} absolute />
            </p>
          )}
        </div>
      )}
    </>
  )
}

function sentenceOf({ direction, statement, outcome }: JournalRun): string {
  const done = statement === 0 ? 'before its first statement was done' : `after ${count(statement, 'statement')}`
  return `The ${direction} ${outcome === 'failed' ? 'failed' : 'stopped'} ${done}.`
}
