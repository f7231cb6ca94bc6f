import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { lostUntil, retry } from '../api/connection'
import { reloadAll } from '../api/resource'
import { late } from '../api/waiting'
import { awaited } from '../model/waiting'
import { Icon } from '../ui/icon'
import type { IconName } from '../ui/icon'
import { useStatus } from './status'

/** Above the page while something is not as it should be: what is shown may be old, or is not there yet. */
export function ConnectionBanner() {
  return (
    <div role="status" aria-live="polite">
      <WhatIsWrong />
    </div>
  )
}

function WhatIsWrong() {
  const status = useStatus()
  const until = lostUntil.value
  if (until !== null) {
    return (
      <Banner icon="offline" wait={<Countdown until={until} />} action="Try now" onAction={() => void retry()}>
        <strong>No connection to the server.</strong> What you see may be old.
      </Banner>
    )
  }
  const [oldest] = late.value
  if (oldest !== undefined) {
    const what = awaited(late.value.map(({ path }) => path))
    return (
      <Banner icon="clock" wait={<Waited since={oldest.since} />} action="Ask again" onAction={reloadAll}>
        <strong>Still waiting for {what}.</strong> The server is busy, or its database does not answer.
      </Banner>
    )
  }
  const { data, error } = status
  // Where there is nothing to show, the page says why.
  if (error.value === undefined || data.value === undefined) return null
  return (
    <Banner icon="warning" action="Try again" onAction={() => void status.reload()}>
      <strong>The database could not be read:</strong> {error.value.message}. What you see may be old.
    </Banner>
  )
}

function Banner({
  icon,
  wait,
  action,
  onAction,
  children,
}: {
  icon: IconName
  /** For how long: it changes each second, so it is not read out. */
  wait?: ComponentChildren
  action: string
  onAction: () => void
  children: ComponentChildren
}) {
  return (
    <div class="banner">
      <Icon name={icon} />
      <p>{children}</p>
      {wait !== undefined && (
        <p class="banner__wait" aria-hidden="true">
          {wait}
        </p>
      )}
      <button type="button" class="link-button banner__action" onClick={onAction}>
        {action}
      </button>
    </div>
  )
}

/** The time, twice a second. */
function useNow(): number {
  const now = useSignal(Date.now())
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 500)
    return () => {
      clearInterval(timer)
    }
  }, [])
  return now.value
}

function Waited({ since }: { since: number }) {
  return <>for {Math.max(0, Math.round((useNow() - since) / 1000))} s</>
}

function Countdown({ until }: { until: number }) {
  const seconds = Math.ceil((until - useNow()) / 1000)
  return <>{seconds > 0 ? `Next attempt in ${String(seconds)} s` : 'Trying …'}</>
}
