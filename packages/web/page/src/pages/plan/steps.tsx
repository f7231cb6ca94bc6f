import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { LintFinding } from '../../../../src/api/types'
import type { Shared } from '../../model/findings'
import { bytes, count, short } from '../../model/format'
import { lossesOf } from '../../model/plan'
import type { PlanStep } from '../../model/plan'
import { Code, sqlText } from '../../ui/code'
import { FindingTags, Findings } from '../../ui/findings'
import { Icon } from '../../ui/icon'
import type { IconName } from '../../ui/icon'
import { Button, Effects, Notice } from '../../ui/parts'
import type { Tone } from '../../ui/parts'
import { RevisionLink } from '../../ui/revision'
import { StepTags } from '../../ui/step-tags'
import { Time } from '../../ui/time'
import { Measured, hasMeasured } from './measured'

/** Of a long plan, how many steps are listed at first, and how many more each time. */
const portion = 100

/** The steps in the order in which they run; each opens to all that is known of it. */
export function Steps({
  steps,
  measured,
  findings,
  shared,
}: {
  steps: readonly PlanStep[]
  /** The same steps after they were measured. */
  measured: readonly PlanStep[] | undefined
  findings: readonly LintFinding[]
  shared: Shared
}) {
  const shown = useSignal(portion)
  const opened = useSignal<ReadonlySet<string> | 'all'>(
    new Set(steps.filter(isOpenAtFirst).map((step) => step.revision)),
  )
  // Who has asked what the steps do wants to see it.
  useEffect(() => {
    if (measured === undefined || opened.value === 'all') return
    const telling = measured.slice(0, portion).filter(hasMeasured)
    opened.value = new Set([...opened.value, ...telling.map((step) => step.revision)])
  }, [measured])
  const isOpen = (step: PlanStep): boolean => opened.value === 'all' || opened.value.has(step.revision)
  const toggle = (step: PlanStep): void => {
    const next = new Set(opened.value === 'all' ? steps.map((it) => it.revision) : opened.value)
    if (!next.delete(step.revision)) next.add(step.revision)
    opened.value = next
  }
  const few = steps.length <= portion
  return (
    <>
      <ol class="steps" style={{ '--digits': `${String(String(steps.length).length)}ch` }}>
        {steps.slice(0, shown.value).map((step, index) => (
          <li key={step.revision} class="step">
            <Step
              step={step}
              measured={measured?.find((it) => it.revision === step.revision)}
              findings={findings.filter((it) => it.revision === step.revision)}
              shared={shared}
              number={index + 1}
              open={isOpen(step)}
              onToggle={() => toggle(step)}
            />
          </li>
        ))}
      </ol>
      <div class="card__foot row row--wrap">
        {steps.length > shown.value && (
          <Button
            size="small"
            onClick={() => {
              shown.value += portion
            }}
          >
            {count(steps.length - shown.value, 'more step')}
          </Button>
        )}
        {few && (
          <Button
            kind="quiet"
            size="small"
            onClick={() => {
              opened.value = opened.value === 'all' ? new Set() : 'all'
            }}
          >
            {opened.value === 'all' ? 'Close all' : 'Open all'}
          </Button>
        )}
      </div>
    </>
  )
}

/** What nobody should overlook. */
function isOpenAtFirst(step: PlanStep): boolean {
  return step.stopped !== undefined || lossesOf(step).length > 0
}

/** What is known of a step, besides the plan. */
interface More {
  readonly measured: PlanStep | undefined
  readonly findings: readonly LintFinding[]
  readonly shared: Shared
}

function Step({
  step,
  number,
  open,
  onToggle,
  ...more
}: More & {
  step: PlanStep
  number: number
  open: boolean
  onToggle: () => void
}) {
  const id = `step-${step.revision}`
  return (
    <>
      <div class="step__head">
        <button type="button" class="step__toggle" aria-expanded={open} aria-controls={id} onClick={onToggle}>
          <Icon name="chevronRight" size={14} class="step__chevron" />
          <span class="step__number">{number}</span>
          <span class="step__message">{step.message}</span>
        </button>
        <span class="step__tags">
          <FindingTags findings={more.findings} />
          <StepTags step={step} />
        </span>
        <RevisionLink id={step.revision} />
      </div>
      {open && (
        <div id={id} class="step__body">
          <StepBody step={step} {...more} />
        </div>
      )}
    </>
  )
}

function StepBody({ step, measured, findings, shared }: More & { step: PlanStep }) {
  const { stopped, keeps = [], givesBack = [], tables } = step
  const notKept = keeps.filter((it) => !it.kept)
  return (
    <>
      {stopped !== undefined && (
        <Notice tone="amber" title={`An earlier run stopped here after ${count(stopped.statements, 'statement')}`}>
          <p class="notice__text">
            <Time iso={stopped.at} /> by {stopped.by}
            {stopped.error !== undefined && (
              <>
                : <code>{stopped.error}</code>
              </>
            )}
            . This run goes on after what is done
            {stopped.inDoubt && '; the database is asked first whether the next statement took effect'}.
          </p>
        </Notice>
      )}
      {step.edited && (
        <Notice tone="amber" title="The file was edited after it was applied">
          <p class="notice__text">Its downgrade may not undo what the upgrade did.</p>
        </Notice>
      )}
      {step.because !== undefined && <p class="muted">Undone because it {step.because}.</p>}
      <div class="step__groups">
        <Group title="Does" icon="chevronRight" items={step.does} />
        <Group title="Loses" icon="loss" tone="red" items={lossesOf(step)} />
        <Group
          title="Keeps for a downgrade"
          icon="shield"
          tone="green"
          items={keeps.filter((it) => it.kept).map((it) => it.text)}
        />
        <Group
          title="Cannot be kept"
          icon="warning"
          tone="amber"
          items={notKept.flatMap((it) => (it.reason === undefined ? [] : [`${it.text}: ${it.reason}`]))}
        />
        <Group
          title="Gives back"
          icon="restore"
          tone="green"
          items={givesBack.map((it) => {
            const what = it.column === null ? it.table : `${it.table}.${it.column}`
            const rows = count(it.rows, it.kind === 'table' ? 'row' : 'value')
            return it.obstacle === undefined ? `${what}: ${rows}` : `${what}: not possible, ${it.obstacle}`
          })}
        />
        <Group title="Not known before it runs" icon="warning" tone="amber" items={step.unknown} />
        <Group title="The rows must meet" icon="shield" items={step.needs} />
        <Group title="Locks" icon="lock" items={step.locks} />
        <Group title="Rewrites" icon="rewrite" tone="amber" items={step.rewrites} />
        <Group
          title="Tables"
          icon="table"
          items={tables.map(({ name, rows, bytes: size }) =>
            [name, rows !== null && `${short(rows)} rows`, size !== null && bytes(size)].filter(Boolean).join(', '),
          )}
        />
      </div>
      {findings.length > 0 && (
        <section>
          <h3>Lint</h3>
          <Findings findings={findings} of={`${step.message} (${step.revision})`} shared={shared} />
        </section>
      )}
      {step.sql.length > 0 ? (
        <Code text={sqlText(step.sql)} language="sql" label={`SQL of ${step.message}`} />
      ) : step.unknown.length > 0 ? (
        <p class="muted">Its statements are known only when it runs.</p>
      ) : (
        <p class="muted">No statement: only the history changes.</p>
      )}
      {measured !== undefined && <Measured step={measured} />}
    </>
  )
}

function Group({ title, items, icon, tone }: { title: string; items: readonly string[]; icon: IconName; tone?: Tone }) {
  if (items.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <Effects items={items} icon={icon} {...(tone === undefined ? {} : { tone })} />
    </section>
  )
}
