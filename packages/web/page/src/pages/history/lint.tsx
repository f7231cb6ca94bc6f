import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Lint, RevisionDetails } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import { findingsOfRevision } from '../../model/findings'
import { count } from '../../model/format'
import { Findings } from '../../ui/findings'
import { Button, Skeleton } from '../../ui/parts'

/** Milliseconds for which a revision is looked at before `lint` is asked: not of each one that somebody passes in the list. */
const lintAfterMs = 300

/** What `lint` finds in a revision, up and down. It is read after the rest, which does not wait for it. */
export function LintFindings({ details: { revision, message, applied, halfway } }: { details: RevisionDetails }) {
  const isAsked = useSignal(false)
  useEffect(() => {
    const timer = setTimeout(() => (isAsked.value = true), lintAfterMs)
    return () => {
      clearTimeout(timer)
    }
  }, [])
  const { data, error, reload } = useResource<Lint>(
    isAsked.value ? `/lint?range=${encodeURIComponent(revision)}` : null,
  )
  const lint = data.value
  const { open, past } = findingsOfRevision(lint?.findings ?? [], {
    applied: applied === true && halfway === undefined,
  })
  return (
    <section class="details__group" aria-busy={lint === undefined && error.value === undefined}>
      <h3>Lint</h3>
      {error.value !== undefined ? (
        <div class="row row--wrap" role="status">
          <span class="muted">Lint failed: {error.value.message}</span>
          <Button kind="quiet" size="small" icon="restore" onClick={() => void reload()}>
            Lint again
          </Button>
        </div>
      ) : lint === undefined ? (
        <Skeleton widths={[60]} height="1.25rem" />
      ) : lint.findings.length === 0 ? (
        <p class="muted">
          Nothing found{lint.ignored > 0 && `, ${count(lint.ignored, 'finding')} ignored by comments in the file`}.
        </p>
      ) : (
        <>
          {open.length > 0 && <Findings findings={open} of={message} />}
          {past.length > 0 && (
            <details class="past-findings">
              <summary>{count(past.length, 'finding')} about its upgrade, which has run</summary>
              <Findings findings={past} of={`the upgrade of ${message}`} />
            </details>
          )}
        </>
      )}
    </section>
  )
}
