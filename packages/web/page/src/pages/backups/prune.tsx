import { useSignal } from '@preact/signals'
import type { Pruned, PruneRequest } from '../../../../src/api/types'
import { post } from '../../api/client'
import { failureOf } from '../../api/failure'
import type { Failure } from '../../api/failure'
import { reload } from '../../api/resource'
import { bytes, count } from '../../model/format'
import { Dialog } from '../../ui/dialog'
import { FailureNotice } from '../../ui/failure'
import { Field } from '../../ui/fields'
import { Button, Effects } from '../../ui/parts'
import { Time } from '../../ui/time'
import { toast } from '../../ui/toasts'

/** Removes old backups: first shows which. */
export function PruneDialog({ onClose }: { onClose: () => void }) {
  const keep = useSignal('10')
  const age = useSignal('')
  const found = useSignal<Pruned | undefined>(undefined)
  const busy = useSignal(false)
  const failure = useSignal<Failure | undefined>(undefined)
  const request = (dryRun: boolean): PruneRequest => ({
    ...(keep.value.trim() === '' ? {} : { count: Number(keep.value) }),
    ...(age.value.trim() === '' ? {} : { age: age.value.trim() }),
    dryRun,
  })
  const send = async (dryRun: boolean): Promise<void> => {
    busy.value = true
    failure.value = undefined
    try {
      const result = await post<Pruned>('/backups/prune', request(dryRun))
      if (dryRun) {
        found.value = result
      } else {
        reload('/backups', '/status')
        toast(`Removed ${count(result.removed.length, 'backup')}`)
        onClose()
      }
    } catch (error) {
      failure.value = failureOf(error)
    }
    busy.value = false
  }
  const list = found.value
  const change = (set: () => void): void => {
    set()
    found.value = undefined
  }
  return (
    <Dialog
      title="Remove old backups"
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {list === undefined || list.removed.length === 0 ? (
            <Button kind="primary" busy={busy.value} onClick={() => void send(true)}>
              Show which
            </Button>
          ) : (
            <Button kind="danger" busy={busy.value} onClick={() => void send(false)}>
              Remove {count(list.removed.length, 'backup')}
            </Button>
          )}
        </>
      }
    >
      <Field label="Keep the newest" hint="Older ones are removed. Empty: as configured.">
        {(parts) => (
          <input
            {...parts}
            class="input"
            type="number"
            min={1}
            max={10_000}
            inputMode="numeric"
            value={keep.value}
            onInput={(event) => change(() => (keep.value = event.currentTarget.value))}
          />
        )}
      </Field>
      <Field label="And only if older than" hint="30d, 12h. Empty: of any age.">
        {(parts) => (
          <input
            {...parts}
            class="input"
            autocomplete="off"
            value={age.value}
            onInput={(event) => change(() => (age.value = event.currentTarget.value))}
          />
        )}
      </Field>
      <div role="status">
        {list !== undefined &&
          (list.removed.length === 0 ? (
            <p class="muted">None would be removed.</p>
          ) : (
            <Effects
              icon="loss"
              tone="red"
              items={list.removed.map((backup) => (
                <>
                  <Time iso={backup.createdAt} absolute />, {bytes(backup.bytes)}
                </>
              ))}
            />
          ))}
      </div>
      {failure.value !== undefined && <FailureNotice failure={failure.value} />}
    </Dialog>
  )
}
