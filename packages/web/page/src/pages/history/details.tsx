import { useSignal } from '@preact/signals'
import { Link } from 'wouter-preact'
import type { ComponentChildren } from 'preact'
import type { RevisionDetails } from '../../../../src/api/types'
import { useResource } from '../../api/resource'
import { session } from '../../api/session'
import { duration, sentence } from '../../model/format'
import { Code, sqlText } from '../../ui/code'
import { Command, copy } from '../../ui/copy'
import { FailurePanel, Prose } from '../../ui/failure'
import { Segments, Tabs } from '../../ui/fields'
import { Icon } from '../../ui/icon'
import { Outcome } from '../../ui/outcome'
import { Button, Effects, Notice, Skeleton, Tag } from '../../ui/parts'
import { RevisionLink } from '../../ui/revision'
import { Time } from '../../ui/time'
import { LintFindings } from './lint'

/** All that is known of a revision. Esc leads back to where it was opened. */
export function RevisionPanel({ revision, onClose }: { revision: string; onClose: () => void }) {
  const { data, error, reload } = useResource<RevisionDetails>(`/revisions/${encodeURIComponent(revision)}`)
  const details = data.value
  return (
    <section
      id="revision-details"
      class="details"
      tabIndex={-1}
      aria-label={details === undefined ? 'Revision' : `Revision ${details.message}`}
      aria-busy={details === undefined}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onClose()
      }}
    >
      {details !== undefined ? (
        <Details details={details} />
      ) : error.value !== undefined ? (
        <FailurePanel failure={error.value} retry={() => void reload()} />
      ) : (
        <Skeleton widths={[30, 80, 100, 60, 100, 100, 100]} height="1.25rem" />
      )}
    </section>
  )
}

function Details({ details }: { details: RevisionDetails }) {
  const { findings, does, destroys, unknown, needs, locks, rewrites } = details
  return (
    <>
      <header class="details__head">
        <div class="row row--wrap">
          <StateTag details={details} />
          {details.isCurrent && <Tag tone="violet">current</Tag>}
          {details.isHead && <Tag>head</Tag>}
          {details.branchLabels.map((label) => (
            <Tag key={label} icon="branch">
              {label}
            </Tag>
          ))}
        </div>
        <h2>{sentence(details.message)}</h2>
        <p class="details__id">
          <span class="mono">{details.revision}</span>
          <Button
            kind="quiet"
            size="small"
            icon="copy"
            label="Copy the id"
            onClick={() => void copy(details.revision, 'the id')}
          />
        </p>
        <Actions details={details} />
      </header>
      {findings.map((finding) => (
        <Notice key={finding.kind} tone="amber" title={sentence(finding.message)}>
          <p class="notice__text">
            <Prose text={finding.help} />
          </p>
          {finding.mend.slice(0, 2).map((command) => (
            <Command key={command}>{command}</Command>
          ))}
        </Notice>
      ))}
      <Facts details={details} />
      {details.isMergePoint && does.length === 0 ? (
        <p class="muted">A merge: it joins branches, and changes nothing itself.</p>
      ) : (
        <div class="stack">
          <Group title="What it does" items={does} icon="chevronRight" />
          <Group title="What is lost" items={destroys} icon="loss" tone="red" />
          <Group title="Not known before it runs" items={unknown} icon="warning" tone="amber" />
          <Group title="What the rows must meet" items={needs} icon="shield" />
          <Group title="Locks" items={locks} icon="lock" />
          <Group title="Rewrites" items={rewrites} icon="rewrite" tone="amber" />
        </div>
      )}
      <LintFindings details={details} />
      <Text details={details} />
      <Runs details={details} />
    </>
  )
}

function StateTag({ details }: { details: RevisionDetails }) {
  if (details.halfway !== undefined) {
    return (
      <Tag tone="amber" icon="warning">
        {details.halfway} stopped half-way
      </Tag>
    )
  }
  return details.applied ? (
    <Tag tone="green" icon="check">
      applied
    </Tag>
  ) : (
    <Tag tone="blue">pending</Tag>
  )
}

/** Where one may go from here; nothing runs before its plan was seen. */
function Actions({ details }: { details: RevisionDetails }) {
  const { revision, applied, isCurrent } = details
  return (
    <div class="row row--wrap">
      {!applied && (
        <Link class="button button--small" href={`/plan?direction=upgrade&target=${revision}`}>
          <Icon name="arrowUp" />
          Upgrade to here
        </Link>
      )}
      {applied && !isCurrent && (
        <Link class="button button--small" href={`/plan?direction=downgrade&target=${revision}`}>
          <Icon name="arrowDown" />
          Downgrade to here
        </Link>
      )}
      {applied && isCurrent && (
        <Link class="button button--small" href="/plan?direction=downgrade&target=-1">
          <Icon name="arrowDown" />
          Undo it
        </Link>
      )}
      <Link class="button button--small" href={`/schema?at=${revision}`}>
        <Icon name="schema" />
        Schema after it
      </Link>
    </div>
  )
}

function Facts({ details }: { details: RevisionDetails }) {
  const { appliedAt, appliedBy, runs, down, dependsOn, replaces } = details
  const applied = runs.find((run) => run.direction !== 'downgrade' && run.outcome === 'done')
  return (
    <dl class="facts">
      {appliedAt !== undefined && (
        <>
          <dt>Applied</dt>
          <dd>
            <Time iso={appliedAt} />
            {appliedBy !== undefined && ` by ${appliedBy}`}
            {applied !== undefined && `, took ${duration(applied.durationMs)}`}
          </dd>
        </>
      )}
      <dt>Created</dt>
      <dd>
        <Time iso={details.createdAt} absolute />
      </dd>
      <dt>{down.length > 1 ? 'Parents' : 'Parent'}</dt>
      <dd class="row row--wrap">
        {down.length === 0 ? 'none: it is a base' : down.map((id) => <RevisionLink key={id} id={id} />)}
      </dd>
      {dependsOn.length > 0 && (
        <>
          <dt>Depends on</dt>
          <dd class="row row--wrap">
            {dependsOn.map((id) => (
              <RevisionLink key={id} id={id} />
            ))}
          </dd>
        </>
      )}
      {replaces !== undefined && (
        <>
          <dt>Replaces</dt>
          <dd class="row row--wrap">
            {replaces.map((id) => (
              <span key={id} class="revision-id">
                {id}
              </span>
            ))}
          </dd>
        </>
      )}
      <dt>Transaction</dt>
      <dd>{details.transactional ? 'yes: all of it, or nothing' : 'no: what is done stays done'}</dd>
      <dt>File</dt>
      <dd>
        <code>{details.file}</code>
      </dd>
    </dl>
  )
}

function Group({
  title,
  items,
  icon,
  tone,
}: {
  title: string
  items: readonly string[]
  icon: Parameters<typeof Effects>[0]['icon']
  tone?: 'red' | 'amber'
}) {
  if (items.length === 0) return null
  return (
    <section class="details__group">
      <h3>{title}</h3>
      <Effects items={items} icon={icon} {...(tone === undefined ? {} : { tone })} />
    </section>
  )
}

type Shown = 'up' | 'down' | 'file'

/** The statements of both directions, by dialect, and the file. */
function Text({ details }: { details: RevisionDetails }) {
  const shown = useSignal<Shown>('up')
  const dialects = (['postgres', 'sqlite'] as const).filter((dialect) => details.sql[dialect] !== undefined)
  // Those that would run here come first.
  const dialect = useSignal(dialects.find((it) => it === session.value?.database?.dialect) ?? dialects[0])
  const chosen = dialect.value
  const sql = chosen === undefined ? undefined : details.sql[chosen]
  let content: ComponentChildren
  if (shown.value === 'file') {
    content = <Code text={details.source} language="ts" label={details.file} />
  } else if (sql === undefined) {
    content = <p class="muted">Its statements are known only when it runs: its code decides.</p>
  } else if (sql[shown.value].length === 0) {
    content = <p class="muted">No statement.</p>
  } else {
    content = <Code text={sqlText(sql[shown.value])} language="sql" label={`SQL of the ${shown.value}`} />
  }
  return (
    <section class="details__text" aria-label="SQL and file">
      <div class="details__tabs">
        <Tabs<Shown>
          label="What to show"
          panel="revision-text"
          value={shown.value}
          options={[
            { value: 'up', label: 'Upgrade' },
            { value: 'down', label: 'Downgrade' },
            { value: 'file', label: 'File' },
          ]}
          onChange={(value) => {
            shown.value = value
          }}
        />
        {dialects.length > 1 && chosen !== undefined && shown.value !== 'file' && (
          <Segments
            label="Database"
            value={chosen}
            options={dialects.map((value) => ({ value, label: value === 'postgres' ? 'PostgreSQL' : 'SQLite' }))}
            onChange={(value) => {
              dialect.value = value
            }}
          />
        )}
      </div>
      <div id="revision-text" role="tabpanel" aria-labelledby={`revision-text-${shown.value}`}>
        {content}
      </div>
    </section>
  )
}

function Runs({ details }: { details: RevisionDetails }) {
  if (details.runs.length === 0) return null
  return (
    <section class="details__group">
      <h3>Runs</h3>
      <ul class="details__runs">
        {details.runs.map((run) => (
          <li key={run.startedAt}>
            <Outcome run={run} />
            <span>
              {sentence(run.direction)} <Time iso={run.startedAt} /> by {run.actor}
              {run.error !== null && <span class="details__error">{run.error}</span>}
            </span>
            <span class="number muted">{duration(run.durationMs)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
