import { useSignal } from '@preact/signals'
import { useLocation } from 'wouter-preact'
import type { Restore, RestoreRequest, Run } from '../../../../src/api/types'
import { post } from '../../api/client'
import { failureOf } from '../../api/failure'
import type { Failure } from '../../api/failure'
import { reload, useResource } from '../../api/resource'
import { tellOtherTabs } from '../../api/session'
import { count, fileName, thousands } from '../../model/format'
import { ConfirmName, nameToType } from '../../ui/confirm-name'
import { Dialog } from '../../ui/dialog'
import { FailureNotice } from '../../ui/failure'
import { Checkbox } from '../../ui/fields'
import { Button, Notice, Skeleton } from '../../ui/parts'
import { RevisionLink } from '../../ui/revision'
import { Time } from '../../ui/time'

/** What a restore would replace, table by table, before it is confirmed. */
export function RestoreDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const path = `/backups/${encodeURIComponent(id)}/restore`
  const { data, error } = useResource<Restore>(path)
  const [, navigate] = useLocation()
  const typed = useSignal('')
  const disconnect = useSignal(false)
  const busy = useSignal(false)
  const failure = useSignal<Failure | undefined>(undefined)
  const plan = data.value
  const others = plan?.disconnected ?? []
  const stubborn = others.filter((session) => !session.canBeEnded)
  const blocked =
    plan === undefined
      ? 'Not read yet'
      : stubborn.length > 0
        ? 'Somebody is connected who cannot be disconnected'
        : others.length > 0 && !disconnect.value
          ? 'Somebody is connected'
          : typed.value !== nameToType()
            ? 'The name is not typed yet'
            : undefined

  const restore = async (): Promise<void> => {
    if (blocked !== undefined || busy.value) return
    busy.value = true
    failure.value = undefined
    const request: RestoreRequest = {
      confirm: typed.value,
      ...(others.length > 0 ? { disconnect: disconnect.value } : {}),
    }
    try {
      const run = await post<Run>(path, request)
      reload('/status')
      tellOtherTabs()
      navigate(`/runs/${run.id}`)
    } catch (thrown) {
      failure.value = failureOf(thrown)
      busy.value = false
    }
  }
  return (
    <Dialog
      title="Restore a backup"
      wide
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" type="submit" form="restore" busy={busy.value} blocked={blocked}>
            Restore
          </Button>
        </>
      }
    >
      {error.value !== undefined ? (
        <FailureNotice failure={error.value} />
      ) : plan === undefined ? (
        <div aria-busy="true">
          <p class="muted" role="status">
            Counting the rows of both sides
          </p>
          <br />
          <Skeleton widths={[100, 100, 100, 100]} height="1.5rem" />
        </div>
      ) : (
        <form
          id="restore"
          class="stack"
          onSubmit={(event) => {
            event.preventDefault()
            void restore()
          }}
        >
          <p class="muted">
            The {plan.backup.kind === 'tables' ? 'tables below are' : 'whole database is'} put back to{' '}
            {plan.backup.createdAt === null ? 'the time of the backup' : <Time iso={plan.backup.createdAt} absolute />}
            {plan.backup.revision !== null && plan.backup.revision.length > 0 && (
              <>
                , at{' '}
                {plan.backup.revision.map((revision) => (
                  <RevisionLink key={revision} id={revision} />
                ))}
              </>
            )}
            . What was written since is not in it.
          </p>
          <Rows plan={plan} />
          {plan.kept !== null && (
            <Notice tone="green" icon="shield" title="What is replaced is kept">
              <p class="notice__text">
                As <span class="mono">{fileName(plan.kept)}</span>, until you remove it.
              </p>
            </Notice>
          )}
          {others.length > 0 && (
            <Notice tone="amber" title={`${count(others.length, 'session is', 'sessions are')} connected`}>
              <ul>
                {others.map((session, index) => (
                  <li key={index} class="notice__text">
                    {[
                      session.application,
                      session.user !== null && `user ${session.user}`,
                      session.client !== null && `from ${session.client}`,
                      session.pid !== null && `pid ${String(session.pid)}`,
                    ]
                      .filter(Boolean)
                      .join(', ')}
                    {!session.canBeEnded && ': it cannot be ended from here'}
                  </li>
                ))}
              </ul>
              {stubborn.length === 0 && (
                <Checkbox checked={disconnect.value} onChange={(checked) => (disconnect.value = checked)}>
                  Disconnect them
                </Checkbox>
              )}
            </Notice>
          )}
          <ConfirmName value={typed.value} onInput={(value) => (typed.value = value)} />
          {failure.value !== undefined && <FailureNotice failure={failure.value} />}
        </form>
      )}
    </Dialog>
  )
}

/** Of many tables, those that do not change are left out. */
const mostRows = 12

/** Rows now, and after the restore. */
function Rows({ plan }: { plan: Restore }) {
  const changed = plan.tables.filter((table) => table.now !== table.backup)
  const shown = plan.tables.length <= mostRows ? plan.tables : changed
  const same = plan.tables.length - shown.length
  return (
    <div class="scroll-x restore-rows" tabIndex={0} role="region" aria-label="Rows now and after the restore">
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Table</th>
            <th scope="col" class="end">
              Rows now
            </th>
            <th scope="col" class="end">
              After
            </th>
            <th scope="col" class="end">
              Change
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ name, now, backup }) => (
            <tr key={name}>
              <td>{name}</td>
              <td class="end">{now === null ? '–' : thousands(now)}</td>
              <td class="end">{backup === null ? '–' : thousands(backup)}</td>
              <td class="end">
                <Change from={now} to={backup} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {same > 0 && <p class="restore-rows__same">{count(same, 'table')} with the same number of rows</p>}
    </div>
  )
}

function Change({ from, to }: { from: number | null; to: number | null }) {
  if (from === null && to === null) return <span class="muted">unknown</span>
  if (from === null) return <span>made again</span>
  if (to === null) return <span class="restore-rows__loss">gone</span>
  const difference = to - from
  if (difference === 0) return <span class="muted">same</span>
  return (
    <span class={difference < 0 ? 'restore-rows__loss' : undefined}>
      {difference > 0 ? '+' : '−'}
      {thousands(Math.abs(difference))}
    </span>
  )
}
