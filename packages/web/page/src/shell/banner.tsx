import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { lostUntil, retry } from '../api/connection'
import { Icon } from '../ui/icon'

/** Above the page while the server does not answer. What is shown may be old by then. */
export function ConnectionBanner() {
  const until = lostUntil.value
  return (
    <div role="status" aria-live="polite">
      {until !== null && (
        <div class="banner">
          <Icon name="offline" />
          <p>
            <strong>No connection to the server.</strong> What you see may be old.
          </p>
          <p class="banner__wait" aria-hidden="true">
            <Countdown until={until} />
          </p>
          <button type="button" class="link-button banner__action" onClick={() => void retry()}>
            Try now
          </button>
        </div>
      )}
    </div>
  )
}

function Countdown({ until }: { until: number }) {
  const now = useSignal(Date.now())
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 500)
    return () => {
      clearInterval(timer)
    }
  }, [])
  const seconds = Math.ceil((until - now.value) / 1000)
  return <>{seconds > 0 ? `Next attempt in ${String(seconds)} s` : 'Trying …'}</>
}
