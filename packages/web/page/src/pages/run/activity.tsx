import type { ComponentChildren } from 'preact'
import { bytes, duration, list, thousands } from '../../model/format'
import type { RunView } from '../../model/run'
import { Code } from '../../ui/code'
import { Progress } from '../../ui/parts'

/** What is being done at the moment, down to the statement. */
export function Now({ view: { activity, steps } }: { view: RunView }) {
  switch (activity.kind) {
    case 'starting':
      return <Line>Starting</Line>
    case 'planning':
      return <Line>Got the migration lock, planning again</Line>
    case 'waiting':
      return (
        <Line>
          Waiting for the migration lock{activity.holder !== undefined && `, which ${activity.holder} holds`} (
          {duration(activity.waitedMs)})
        </Line>
      )
    case 'transfer': {
      const { what, phase, bytes: size, total } = activity
      return (
        <>
          <Line>
            {phase === 'verify' ? `Verifying the ${what}` : what === 'backup' ? 'Backing up' : 'Restoring'}{' '}
            <span class="number muted">
              {bytes(size)}
              {total !== null && ` of ${bytes(total)}`}
            </span>
          </Line>
          <Progress
            value={total === null || total === 0 ? null : Math.min(1, size / total)}
            label={`${what}, ${phase}`}
          />
        </>
      )
    }
    case 'step': {
      const { index, statement, batch, retry } = activity
      return (
        <>
          <Line>
            {steps[index]?.message ?? activity.revision}
            {statement !== undefined && <span class="muted">, statement {statement.number}</span>}
          </Line>
          {retry !== undefined && (
            <p class="run-retry">
              Somebody holds a lock that it needs
              {retry.blockers.length > 0 && `: ${list(retry.blockers)}`}. Tried {String(retry.try)}{' '}
              {retry.try === 1 ? 'time' : 'times'}, next in {duration(retry.delayMs)}.
            </p>
          )}
          {batch !== undefined && (
            <>
              <p class="muted number">
                Batches of {batch.name}: {thousands(batch.rows)}
                {batch.total !== null && ` of ${thousands(batch.total)}`} rows
                {batch.remainingMs !== null && `, ${duration(batch.remainingMs)} left`}
              </p>
              <Progress
                value={batch.total === null || batch.total === 0 ? null : Math.min(1, batch.rows / batch.total)}
                label={`Batches of ${batch.name}`}
              />
            </>
          )}
          {statement !== undefined && <Code text={statement.sql} language="sql" label="the current statement" />}
        </>
      )
    }
    case 'ended':
      return null
  }
}

function Line({ children }: { children: ComponentChildren }) {
  return (
    <p class="run-now">
      <span class="spinner" />
      <span>{children}</span>
    </p>
  )
}
