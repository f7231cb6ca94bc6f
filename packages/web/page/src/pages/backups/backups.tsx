import './backups.css'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import type { Backups as BackupList, Run } from '../../../../src/api/types'
import { post } from '../../api/client'
import { failureOf } from '../../api/failure'
import { reload, useResource } from '../../api/resource'
import { session, tellOtherTabs } from '../../api/session'
import { reasons } from '../../model/backups'
import { bytes, count, fileName, sentence, thousands } from '../../model/format'
import { useStatus } from '../../shell/status'
import { Command } from '../../ui/copy'
import { FailurePanel } from '../../ui/failure'
import { Icon } from '../../ui/icon'
import { PageHead } from '../../ui/page'
import { Button, Empty, Skeleton, Tag } from '../../ui/parts'
import { RevisionLink } from '../../ui/revision'
import { Time } from '../../ui/time'
import { toast } from '../../ui/toasts'
import { Kept } from './kept'
import { PruneDialog } from './prune'
import { RestoreDialog } from './restore'

type Backup = BackupList['backups'][number]

/** Why nothing can be started now; undefined if it can. */
export function useBlocked(): string | undefined {
  const running = useStatus().data.value?.running
  if (session.value?.readOnly === true) return 'This server only shows: it was started with --read-only'
  return running != null ? 'Another run is at work' : undefined
}

/** Starts something that runs in the background, and follows it. */
export function useStart(): (path: string, body?: unknown) => Promise<void> {
  const [, navigate] = useLocation()
  return async (path, body) => {
    try {
      const run = await post<Run>(path, body)
      reload('/status')
      tellOtherTabs()
      navigate(`/runs/${run.id}`)
    } catch (error) {
      toast(sentence(failureOf(error).message), 'warning')
    }
  }
}

/** What can be brought back: backups in files, and what was kept in the database. */
export function Backups({ params }: { params: { id?: string | undefined } }) {
  const { data, error, reload: again } = useResource<BackupList>('/backups')
  const restoring = useSignal<Backup | undefined>(undefined)
  const pruning = useSignal(false)
  const blocked = useBlocked()
  const start = useStart()
  const list = data.value
  return (
    <>
      <PageHead
        title="Backups"
        actions={
          <>
            <Button
              icon="loss"
              blocked={blocked ?? (list?.backups.length === 0 ? 'There are none' : undefined)}
              onClick={() => {
                pruning.value = true
              }}
            >
              Remove old ones
            </Button>
            <Button kind="primary" icon="backups" blocked={blocked} onClick={() => void start('/backups')}>
              Back up now
            </Button>
          </>
        }
      >
        {list === undefined ? 'Copies of this database, each verified when it was made.' : <>In {list.directory}</>}
      </PageHead>
      <section class="card" aria-label="Backups">
        {list === undefined ? (
          error.value !== undefined ? (
            <FailurePanel failure={error.value} retry={() => void again()} />
          ) : (
            <div class="card__body" aria-busy="true">
              <Skeleton widths={[100, 100, 100]} height="2.5rem" />
            </div>
          )
        ) : list.backups.length === 0 ? (
          <Empty icon="backups" title="There is no backup yet">
            One is made before every run that loses something, or now, or on the command line:
            <Command>aludel backup create</Command>
          </Empty>
        ) : (
          <ul class="backups">
            {list.backups.map((backup) => (
              <BackupRow
                key={backup.id}
                backup={backup}
                marked={backup.id === params.id}
                blocked={blocked}
                onVerify={() => void start(`/backups/${encodeURIComponent(backup.id)}/verify`)}
                onRestore={() => {
                  restoring.value = backup
                }}
              />
            ))}
          </ul>
        )}
      </section>
      {list?.leftovers !== undefined && list.leftovers.length > 0 && (
        <section class="card" aria-labelledby="leftovers">
          <div class="card__head">
            <h2 id="leftovers">Left by restores</h2>
          </div>
          <div class="card__body stack">
            <ul>
              {list.leftovers.map((leftover) => (
                <li key={leftover.name}>
                  <span class="mono">{fileName(leftover.name)}</span>
                  {leftover.bytes !== null && <span class="muted number">, {bytes(leftover.bytes)}</span>}
                  <span class="muted">
                    {leftover.kind === 'replaced' ? ': what the database was before' : ': of a restore that was killed'}
                  </span>
                </li>
              ))}
            </ul>
            <Command>aludel backup prune --replaced</Command>
          </div>
        </section>
      )}
      <Kept />
      {restoring.value !== undefined && (
        <RestoreDialog
          id={restoring.value.id}
          onClose={() => {
            restoring.value = undefined
          }}
        />
      )}
      {pruning.value && (
        <PruneDialog
          onClose={() => {
            pruning.value = false
          }}
        />
      )}
    </>
  )
}

function BackupRow({
  backup,
  marked,
  blocked,
  onVerify,
  onRestore,
}: {
  backup: Backup
  /** A link has led to this one. */
  marked: boolean
  blocked: string | undefined
  onVerify: () => void
  onRestore: () => void
}) {
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (marked) row.current?.scrollIntoView({ block: 'center' })
  }, [marked])
  const complete = backup.state === 'complete'
  const rows = complete ? backup.tables.reduce((sum, table) => sum + table.rows, 0) : 0
  return (
    <li ref={row} class={marked ? 'backup backup--marked' : 'backup'}>
      <span class="backup__icon">
        <Icon name={complete ? 'backups' : 'warning'} size={20} />
      </span>
      <div class="backup__text">
        <p class="backup__title">
          <strong>
            <Time iso={backup.createdAt} absolute />
          </strong>
          <BackupTags backup={backup} />
        </p>
        <p class="backup__facts">
          <span class="number">{bytes(backup.bytes)}</span>
          {complete && (
            <>
              <span class="number">
                {count(backup.tables.length, 'table')}, {thousands(rows)} rows
              </span>
              <span>{reasons[backup.reason]}</span>
              <span>
                at{' '}
                {backup.revision.length === 0 ? 'base' : backup.revision.map((id) => <RevisionLink key={id} id={id} />)}
              </span>
            </>
          )}
          {!complete && backup.problem !== undefined && <span>{backup.problem}</span>}
          <span class="backup__id mono">{backup.id}</span>
        </p>
      </div>
      <div class="backup__actions">
        <Button size="small" icon="shield" blocked={blocked} onClick={onVerify}>
          Verify
        </Button>
        <Button
          size="small"
          icon="restore"
          blocked={blocked ?? (backup.state === 'unfinished' ? 'It is not complete' : undefined)}
          onClick={onRestore}
        >
          Restore …
        </Button>
      </div>
    </li>
  )
}

function BackupTags({ backup }: { backup: Backup }) {
  switch (backup.state) {
    case 'complete':
      return backup.kind === 'tables' ? <Tag>some tables</Tag> : null
    case 'unfinished':
      return <Tag tone="amber">unfinished</Tag>
    case 'old':
      return <Tag>without a manifest</Tag>
    case 'unreadable':
      return <Tag tone="red">unreadable</Tag>
  }
}
