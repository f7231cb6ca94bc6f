import { useSignal } from '@preact/signals'
import { Link } from 'wouter-preact'
import type { Status } from '../../../../src/api/types'
import { bytes, count, fileName, list, sentence } from '../../model/format'
import { Command } from '../../ui/copy'
import { Prose } from '../../ui/failure'
import { Button, Notice } from '../../ui/parts'
import { Time } from '../../ui/time'

/** How many findings are shown before somebody asks for all. */
const mostShown = 3

/** What is wrong, each with what mends it. Nothing where nothing is. */
export function Attention({ status }: { status: Status }) {
  const { findings, leftovers, lockedBy, running } = status
  const all = useSignal(false)
  // A late revision changes nothing for anybody but TypeORM's own revert.
  const wrong = findings.filter((finding) => finding.kind !== 'late')
  const shown = all.value ? wrong : wrong.slice(0, mostShown)
  if (wrong.length === 0 && leftovers.length === 0 && (lockedBy === null || running !== null)) return null
  return (
    <section class="stack" style={{ '--stack-gap': 'var(--space-3)' }} aria-label="Needs attention">
      {shown.map((finding) => (
        <Notice key={`${finding.kind} ${finding.name}`} tone="amber" title={sentence(finding.message)}>
          {finding.stopped?.error !== undefined && (
            <p class="notice__text">
              It stopped <Time iso={finding.stopped.at} /> with: <code>{finding.stopped.error}</code>
            </p>
          )}
          <p class="notice__text">
            <Prose text={finding.help} />
          </p>
          <div class="row row--wrap">
            {finding.kind === 'halfway' && (
              <Link
                class="button"
                href={finding.stopped?.direction === 'downgrade' ? '/plan?direction=downgrade' : '/plan'}
              >
                Review and resume
              </Link>
            )}
            {finding.mend.slice(0, 2).map((command) => (
              <Command key={command}>{command}</Command>
            ))}
          </div>
        </Notice>
      ))}
      {wrong.length > shown.length && (
        <div>
          <Button
            onClick={() => {
              all.value = true
            }}
          >
            {count(wrong.length - shown.length, 'more finding')}
          </Button>
        </div>
      )}
      {lockedBy !== null && running === null && (
        <Notice tone="blue" icon="lock" title={`Somebody else is migrating: ${lockedBy} holds the migration lock`}>
          <p class="notice__text">A run from here would wait for it. If that process is gone:</p>
          <Command>aludel migrate unlock</Command>
        </Notice>
      )}
      {leftovers.length > 0 && (
        <Notice tone="blue" icon="restore" title={`Restores have left ${count(leftovers.length, 'database')}`}>
          <p class="notice__text">
            {list(leftovers.map((it) => fileName(it.name) + (it.bytes === null ? '' : ` (${bytes(it.bytes)})`)))}. If
            you do not need the state before the restore any more:
          </p>
          <Command>aludel backup prune --replaced</Command>
        </Notice>
      )}
    </section>
  )
}
