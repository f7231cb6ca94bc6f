import { Link } from 'wouter-preact'
import type { RunResult } from '@aludel/engine'
import type { Run } from '../../../../src/api/types'
import { bytes, count, duration, fileName, sentence } from '../../model/format'
import { doneSteps } from '../../model/run'
import type { RunView } from '../../model/run'
import { Help } from '../../ui/failure'
import { Icon } from '../../ui/icon'
import { Notice } from '../../ui/parts'
import { RevisionLink } from '../../ui/revision'

/** What a run came to, and what can be done next. */
export function Outcome({ run, view }: { run: Run; view: RunView }) {
  if (run.state === 'done') return <Done run={run} />
  if (run.state === 'failed') return <Failed run={run} view={view} />
  return (
    <Notice tone="amber" icon="stop" title="Canceled">
      <p class="notice__text">
        {view.steps.length > 0
          ? `${String(doneSteps(view.steps))} of ${count(view.steps.length, 'step')} had run, and stay. The step at work was rolled back, unless it runs outside a transaction: then its finished statements stay, and a resume goes on after them.`
          : 'Nothing was changed.'}
      </p>
      <NextLinks run={run} />
    </Notice>
  )
}

function Failed({ run, view }: { run: Run; view: RunView }) {
  const { error } = run
  const failed = view.steps.find((step) => step.state === 'failed')
  const sql = error?.details?.['sql'] ?? error?.details?.['statement']
  return (
    <Notice tone="red" role="alert" title={sentence(error?.message ?? 'It failed')}>
      {typeof sql === 'string' && (
        <pre class="run-sql" tabIndex={0} role="region" aria-label="The statement that failed">
          <code>{sql}</code>
        </pre>
      )}
      {error?.help !== undefined && <Help text={error.help} />}
      {view.steps.length > 0 && (
        <p class="notice__text">
          {doneSteps(view.steps)} of {count(view.steps.length, 'step')} had run before, and stay.
        </p>
      )}
      <p>
        <code class="subtle">{error?.code}</code>
      </p>
      <NextLinks run={run} failed={failed?.revision} />
    </Notice>
  )
}

function NextLinks({ run, failed }: { run: Run; failed?: string | undefined }) {
  const { resume } = run
  return (
    <div class="row row--wrap">
      {resume !== undefined && (
        <Link
          class="button button--primary"
          href={`/plan?direction=${resume.direction}&target=${encodeURIComponent(resume.target)}`}
        >
          <Icon name="play" />
          Review and resume
        </Link>
      )}
      {failed !== undefined && (
        <Link class="button" href={`/history/${failed}`}>
          Look at the revision
        </Link>
      )}
      <Link class="button" href="/">
        Overview
      </Link>
    </div>
  )
}

function Done({ run }: { run: Run }) {
  const { result } = run
  if (result === null) return <Notice tone="green" title="Done" />
  if ('steps' in result) return <RunDone result={result} />
  if ('ok' in result) {
    return result.ok ? (
      <Notice tone="green" title="The backup is good">
        <p class="notice__text">Compared: {result.checked.join(', ')}.</p>
        {result.unchecked !== undefined && <p class="notice__text">Its content was not read: {result.unchecked}.</p>}
        <BackupsLink />
      </Notice>
    ) : (
      <Notice tone="red" role="alert" title="The backup cannot be trusted">
        {result.problems.map((problem) => (
          <p key={problem} class="notice__text">
            {sentence(problem)}
          </p>
        ))}
        <BackupsLink />
      </Notice>
    )
  }
  if ('restored' in result) {
    return (
      <Notice tone="green" title="Restored">
        <p class="notice__text">
          The database is now at{' '}
          {result.revision.length === 0 ? 'base' : result.revision.map((id) => <RevisionLink key={id} id={id} />)}.
          {result.kept !== null && ` What it was before is kept as ${fileName(result.kept)}.`}
        </p>
        <NextLinks run={run} />
      </Notice>
    )
  }
  return (
    <Notice tone="green" title={`Backed up: ${bytes(result.bytes)}, verified`}>
      <p class="notice__text mono">{result.path}</p>
      <BackupsLink />
    </Notice>
  )
}

function BackupsLink() {
  return (
    <div class="row">
      <Link class="button" href="/backups">
        Backups
      </Link>
    </div>
  )
}

function RunDone({ result }: { result: RunResult }) {
  const { steps, direction, from, to, backup, kept, givenBack, halfway } = result
  const took = steps.reduce((sum, step) => sum + step.durationMs, 0)
  const verb = direction === 'upgrade' ? 'Applied' : 'Undone'
  return (
    <Notice tone="green" title={`${verb}: ${count(steps.length, 'revision')} in ${duration(took)}`}>
      <p class="notice__text row row--wrap">
        <Ends ids={from} />
        <Icon name="arrowRight" size={14} />
        <Ends ids={to} />
      </p>
      {backup !== null && (
        <p class="notice__text">
          Backed up before: <Link href={`/backups/${backup.id}`}>{backup.id}</Link>
        </p>
      )}
      {kept !== undefined && <p class="notice__text">Kept for a downgrade: {keptText(kept)}.</p>}
      {givenBack !== undefined && <p class="notice__text">Given back: {keptText(givenBack)}.</p>}
      {halfway !== undefined && (
        <p class="notice__text">An earlier run is still half-way in {count(halfway.length, 'revision')}.</p>
      )}
      <div class="row row--wrap">
        <Link class="button" href="/">
          Overview
        </Link>
        {direction === 'upgrade' && (
          <Link class="button" href={`/plan?direction=downgrade&target=${from[0] ?? 'base'}`}>
            <Icon name="arrowDown" />
            Go back to where it was
          </Link>
        )}
      </div>
    </Notice>
  )
}

function Ends({ ids }: { ids: readonly string[] }) {
  if (ids.length === 0) return <span>empty</span>
  return (
    <>
      {ids.map((id) => (
        <RevisionLink key={id} id={id} />
      ))}
    </>
  )
}

function keptText(things: NonNullable<RunResult['kept']>): string {
  return things
    .map(({ table, column, rows, kind }) => {
      return `${column === null ? table : `${table}.${column}`} (${count(rows, kind === 'table' ? 'row' : 'value')})`
    })
    .join(', ')
}
