import './overview.css'
import { Link } from 'wouter-preact'
import type { RevisionDetails, Status } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import { count, shortId } from '../../model/format'
import { stateOf } from '../../model/state'
import { useStatus } from '../../shell/status'
import { Command } from '../../ui/copy'
import { FailurePanel } from '../../ui/failure'
import { Icon } from '../../ui/icon'
import type { IconName } from '../../ui/icon'
import { useTitle } from '../../ui/page'
import { Skeleton } from '../../ui/parts'
import type { Tone } from '../../ui/parts'
import { Time } from '../../ui/time'
import { Attention } from './attention'
import { DatabaseFacts, LargestTables } from './database'
import { LastRuns } from './last-runs'
import { NextUpgrade } from './next-upgrade'

/** What the database is at, what is pending, what an upgrade would do. */
export function Overview() {
  const { data, error, reload } = useStatus()
  useTitle('Overview')
  const status = data.value
  if (status === undefined) {
    if (error.value !== undefined) {
      return (
        <>
          <h1 class="visually-hidden">Overview</h1>
          <FailurePanel failure={error.value} retry={() => void reload()} />
        </>
      )
    }
    return <OverviewSkeleton />
  }
  return (
    <>
      <Hero status={status} />
      <Attention status={status} />
      <div class="overview">
        <div class="overview__main">
          <NextUpgrade status={status} />
          <LastRuns runs={status.lastRuns} />
        </div>
        <div class="overview__side">
          <DatabaseFacts status={status} />
          <LargestTables tables={status.tables} />
        </div>
      </div>
    </>
  )
}

const looks: Record<ReturnType<typeof stateOf>, { readonly icon: IconName; readonly tone: Tone }> = {
  halfway: { icon: 'warning', tone: 'amber' },
  ahead: { icon: 'warning', tone: 'amber' },
  'no-revisions': { icon: 'create', tone: 'blue' },
  'no-history': { icon: 'info', tone: 'blue' },
  pending: { icon: 'arrowUp', tone: 'blue' },
  'up-to-date': { icon: 'check', tone: 'green' },
}

/** The answer to the first question, in a line. */
function Hero({ status }: { status: Status }) {
  const state = stateOf(status)
  const { icon, tone } = looks[state]
  return (
    <header class="hero">
      <span class={`hero__icon hero__icon--${tone}`}>
        <Icon name={icon} size={24} />
      </span>
      <div class="hero__text">
        <h1>
          {state === 'up-to-date' && 'Up to date'}
          {state === 'pending' && `${count(status.pending, 'revision')} pending`}
          {state === 'halfway' && 'A run stopped half-way'}
          {state === 'ahead' && 'The database is ahead of these files'}
          {state === 'no-history' && 'No revision was ever applied here'}
          {state === 'no-revisions' && 'There are no revisions yet'}
        </h1>
        <HeroLine status={status} state={state} />
      </div>
      <div class="hero__actions">
        {(state === 'pending' || state === 'halfway') && (
          <Link href="/plan" class="button button--primary button--large">
            {state === 'halfway' ? 'Review and resume' : 'Review upgrade'}
            <Icon name="arrowRight" />
          </Link>
        )}
        {state === 'no-revisions' && (
          <Link href="/create" class="button button--primary button--large">
            Create the first one
          </Link>
        )}
      </div>
    </header>
  )
}

function HeroLine({ status, state }: { status: Status; state: ReturnType<typeof stateOf> }) {
  if (state === 'no-history') {
    return (
      <div class="hero__line">
        The database has {count(status.unrecordedTables?.length ?? 0, 'table')} that something else made. To take it
        over: <Command>aludel migrate adopt</Command>
      </div>
    )
  }
  if (state === 'no-revisions') return <p class="hero__line">No file was found in the directories of revisions.</p>
  if (status.current.length === 0) return <p class="hero__line">The database is empty: an upgrade makes all of it.</p>
  return (
    <ul class="hero__line">
      {status.current.map((revision) => (
        <li key={revision}>
          <CurrentRevision revision={revision} />
        </li>
      ))}
    </ul>
  )
}

/** `at 8f3a12cd payments, applied 3 days ago by deploy@ci`. */
function CurrentRevision({ revision }: { revision: string }) {
  const details = useResource<RevisionDetails>(`/revisions/${revision}`).data.value
  return (
    <span class="current-revision">
      <span class="current-revision__dot" aria-hidden="true" />
      <span>
        {'Current: '}
        <Link href={`/history/${revision}`} class="current-revision__link">
          <span class="mono">{shortId(revision)}</span> {details?.message ?? ''}
        </Link>
        {details?.appliedAt !== undefined && (
          <span>
            , applied <Time iso={details.appliedAt} />
            {details.appliedBy !== undefined && ` by ${details.appliedBy}`}
          </span>
        )}
      </span>
    </span>
  )
}

function OverviewSkeleton() {
  return (
    <div aria-busy="true" class="stack" style={{ '--stack-gap': 'var(--space-6)' }}>
      <p class="visually-hidden" role="status">
        Loading
      </p>
      <div class="hero">
        <span class="skeleton hero__icon" />
        <div class="hero__text hero__text--skeleton">
          <Skeleton widths={[45, 70]} height="1.5rem" />
        </div>
      </div>
      <div class="overview">
        <div class="overview__main">
          <div class="card card__body">
            <Skeleton widths={[30, 100, 100, 100, 100, 60]} height="1.75rem" />
          </div>
        </div>
        <div class="overview__side">
          <div class="card card__body">
            <Skeleton widths={[50, 100, 100, 80]} height="1.25rem" />
          </div>
        </div>
      </div>
    </div>
  )
}
