import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { DatabaseDrift, DriftReport, KnownDrift, Status } from '../../../../src/api/types'
import { useAsked } from '../../api/asked'
import { post } from '../../api/client'
import { reload, useResource } from '../../api/resource'
import { uncheckedText } from '../../model/drift'
import { count, sentence } from '../../model/format'
import { Icon } from '../../ui/icon'
import type { IconName } from '../../ui/icon'
import { Button, StopButton } from '../../ui/parts'
import { Time } from '../../ui/time'
import { useNextPlan } from './next-upgrade'

/** How many differences are shown. */
const mostShown = 5

/**
 * Whether the database is as its revisions have made it. The server tells it without being asked where that makes nothing on the server
 * of the database.
 */
export function Drift({ status }: { status: Status }) {
  const { current, unknown, lockedBy, running } = status
  if (unknown.length > 0) return <Line tone="amber">Files of applied revisions are missing</Line>
  if (current.length === 0) return <>No revision is applied</>
  // What a run changes is compared when it has ended.
  if (lockedBy !== null || running !== null) return <>{uncheckedText({ reason: 'run', replays: 0 })}</>
  return <DriftCheck status={status} />
}

function DriftCheck({ status }: { status: Status }) {
  const plan = useNextPlan(status)
  // It keeps the server busy where there are many revisions, and the plan is more urgent. Once it was asked, it stays.
  const isAsked = useRef(false)
  isAsked.current ||= plan.path === '' || !plan.loading.value
  const { data, error, loading } = useResource<KnownDrift>(isAsked.current ? '/drift' : null)
  const { busy, failure, start, stop } = useAsked('drift', async (signal) => {
    await post<DriftReport>('/drift', {}, signal)
    reload('/drift', '/status')
  })
  const known = data.value
  const failed = failure.value ?? error.value
  const isFirst = known === undefined && failed === undefined
  return (
    <div class="stack" style={{ '--stack-gap': 'var(--space-2)' }}>
      <div role="status" class="stack" style={{ '--stack-gap': 'var(--space-2)' }}>
        {failed !== undefined ? (
          <Line tone="red">{sentence(failed.message)}</Line>
        ) : known === undefined ? (
          <p class="drift">
            <span class="spinner" /> Comparing with the revisions …
          </p>
        ) : known.database === null ? (
          <p class="drift__note">{uncheckedText(known)}</p>
        ) : (
          <Result drift={known.database} entities={known.entities} />
        )}
      </div>
      {!isFirst && (
        <div class="row row--wrap drift__again">
          {busy.value && <StopButton stop={stop} />}
          <Button
            kind={known?.database == null ? undefined : 'quiet'}
            size="small"
            icon={known?.database == null ? undefined : 'restore'}
            busy={busy.value || (failed !== undefined && loading.value)}
            onClick={() => void start()}
          >
            {busy.value ? 'Checking' : known?.database == null && failed === undefined ? 'Check now' : 'Check again'}
          </Button>
          {known?.checkedAt != null && failed === undefined && (
            <span class="muted">
              Checked <Time iso={known.checkedAt} />
            </span>
          )}
        </div>
      )}
    </div>
  )
}

function Result({ drift, entities }: { drift: DatabaseDrift; entities: number | null }) {
  const { operations, broken } = drift
  const differences = [
    ...operations.map(({ explanation }) => sentence(explanation)),
    ...broken.map(({ kind, name, error }) => `${sentence(kind)} ${name} does not compile: ${error}`),
  ]
  if (differences.length === 0) {
    return (
      <>
        <Line tone="green">As its revisions made it</Line>
        {entities !== null && entities > 0 && (
          <Line tone="blue">
            The entities differ in {count(entities, 'operation')}: <Link href="/create">create a revision</Link>
          </Line>
        )}
      </>
    )
  }
  return (
    <>
      <ul class="stack" style={{ '--stack-gap': 'var(--space-2)' }}>
        {differences.slice(0, mostShown).map((text, index) => (
          <li key={index}>
            <Line tone="amber">{text}</Line>
          </li>
        ))}
      </ul>
      {differences.length > mostShown && (
        <p>
          <Link href="/schema?view=difference">{count(differences.length - mostShown, 'more difference')}</Link>
        </p>
      )}
      {operations.length > 0 && (
        <p class="drift__note">Undo what somebody changed by hand, or make a revision of it.</p>
      )}
    </>
  )
}

const icons: Record<'green' | 'amber' | 'red' | 'blue', IconName> = {
  green: 'checkCircle',
  amber: 'warning',
  red: 'crossCircle',
  blue: 'info',
}

function Line({ tone, children }: { tone: keyof typeof icons; children: ComponentChildren }) {
  return (
    <p class={`drift drift--${tone}`}>
      <Icon name={icons[tone]} />
      <span>{children}</span>
    </p>
  )
}
