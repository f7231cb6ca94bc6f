import { useSignal } from '@preact/signals'
import { Link } from 'wouter-preact'
import type { PruneKeptResult } from '@aludel/engine'
import type { Kept as KeptList } from '../../../../src/api/types'
import { post } from '../../api/client'
import { failureOf } from '../../api/failure'
import type { Failure } from '../../api/failure'
import { reload, useResource } from '../../api/resource'
import { count, thousands } from '../../model/format'
import { ConfirmName, nameToType } from '../../ui/confirm-name'
import { Dialog } from '../../ui/dialog'
import { FailureNotice, FailurePanel } from '../../ui/failure'
import { Segments } from '../../ui/fields'
import { Button, Skeleton, Tag } from '../../ui/parts'
import { Time } from '../../ui/time'
import { toast } from '../../ui/toasts'
import { useBlocked } from './backups'

/** What upgrades have dropped but kept in the database, for their downgrade. */
export function Kept() {
  const { data, error, reload: again } = useResource<KeptList>('/kept')
  const pruning = useSignal(false)
  const blocked = useBlocked()
  const kept = data.value?.kept
  return (
    <section class="card" aria-labelledby="kept">
      <div class="card__head">
        <h2 id="kept">Kept in the database</h2>
        {kept !== undefined && kept.length > 0 && (
          <Button
            class="push"
            size="small"
            icon="loss"
            blocked={blocked}
            onClick={() => {
              pruning.value = true
            }}
          >
            Remove …
          </Button>
        )}
      </div>
      {kept === undefined ? (
        error.value !== undefined ? (
          <FailurePanel failure={error.value} retry={() => void again()} />
        ) : (
          <div class="card__body" aria-busy="true">
            <Skeleton widths={[100, 70]} height="1.5rem" />
          </div>
        )
      ) : kept.length === 0 ? (
        <p class="card__body muted">
          Nothing. An upgrade with <em>Keep what is dropped</em> sets aside what it drops, and its downgrade gives it
          back.
        </p>
      ) : (
        <ul class="kept">
          {kept.map((thing) => (
            <li key={thing.id} class="kept__item">
              <div class="kept__text">
                <p>
                  <strong class="mono">{thing.column === null ? thing.table : `${thing.table}.${thing.column}`}</strong>
                </p>
                <p class="muted">
                  {thousands(thing.rows)} {thing.kind === 'table' ? 'rows' : 'values'}, dropped by{' '}
                  <Link href={`/history/${thing.revision}`}>{thing.message ?? thing.revision}</Link>{' '}
                  <Time iso={thing.keptAt} />
                </p>
              </div>
              {!thing.applied && <Tag tone="amber">its revision is gone</Tag>}
              {thing.expired ? (
                <Tag tone="amber">past its time</Tag>
              ) : (
                thing.expiresAt !== null && (
                  <span class="muted">
                    until <Time iso={thing.expiresAt} absolute />
                  </span>
                )
              )}
            </li>
          ))}
        </ul>
      )}
      {pruning.value && (
        <PruneKeptDialog
          onClose={() => {
            pruning.value = false
          }}
        />
      )}
    </section>
  )
}

function PruneKeptDialog({ onClose }: { onClose: () => void }) {
  const which = useSignal<'expired' | 'all'>('expired')
  const typed = useSignal('')
  const busy = useSignal(false)
  const failure = useSignal<Failure | undefined>(undefined)
  const prune = async (): Promise<void> => {
    if (busy.value || typed.value !== nameToType()) return
    busy.value = true
    try {
      const { pruned } = await post<PruneKeptResult>('/kept/prune', {
        confirm: typed.value,
        ...(which.value === 'all' ? { all: true } : {}),
      })
      reload('/kept', '/status')
      toast(pruned.length === 0 ? 'Nothing was past its time' : `Removed ${count(pruned.length, 'entry', 'entries')}`)
      onClose()
    } catch (error) {
      failure.value = failureOf(error)
      busy.value = false
    }
  }
  return (
    <Dialog
      title="Remove what is kept"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="danger"
            type="submit"
            form="prune-kept"
            busy={busy.value}
            blocked={typed.value === nameToType() ? undefined : 'The name is not typed yet'}
          >
            Remove
          </Button>
        </>
      }
    >
      <form
        id="prune-kept"
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          void prune()
        }}
      >
        <p class="muted">A downgrade can no longer give it back.</p>
        <div>
          <Segments<'expired' | 'all'>
            label="Which"
            value={which.value}
            options={[
              { value: 'expired', label: 'Past its time' },
              { value: 'all', label: 'Everything' },
            ]}
            onChange={(value) => {
              which.value = value
            }}
          />
        </div>
        <ConfirmName value={typed.value} onInput={(value) => (typed.value = value)} />
        {failure.value !== undefined && <FailureNotice failure={failure.value} />}
      </form>
    </Dialog>
  )
}
