import { useEffect } from 'preact/hooks'
import { Link } from 'wouter-preact'
import type { RunStep } from '../../../../src/api/types'
import { duration, shortId } from '../../model/format'
import type { RunView } from '../../model/run'
import { Icon } from '../../ui/icon'
import { useVirtualRows } from '../../ui/virtual'

const rowHeight = 36
/** So many rows are in sight; of more, the list scrolls to the current one. */
const mostRows = 12

/** The steps, with how far each is. */
export function RunSteps({ view, over }: { view: RunView; over: boolean }) {
  const { steps } = view
  const virtual = useVirtualRows(steps.length, rowHeight)
  const current = steps.findIndex((step) => step.state === 'running' || step.state === 'failed')
  useEffect(() => {
    if (current >= 0) virtual.show(current, 'center')
  }, [current, over])
  return (
    <section class="card" aria-labelledby="run-steps">
      <div class="card__head">
        <h2 id="run-steps">Steps</h2>
      </div>
      <div
        class="run-steps"
        ref={virtual.scroller}
        role="region"
        aria-label="Steps of the run"
        tabIndex={steps.length > mostRows ? 0 : undefined}
        style={{ height: `${String(Math.min(steps.length, mostRows) * rowHeight + 8)}px` }}
      >
        <ol
          class="run-steps__all"
          style={{
            height: `${String(virtual.totalHeight)}px`,
            '--digits': `${String(String(steps.length).length)}ch`,
          }}
        >
          {virtual.items.map(({ index, start }) => {
            const step = steps[index]
            if (step === undefined) return null
            return (
              <li
                key={step.revision}
                class={`run-step run-step--${step.state}`}
                style={{ transform: `translateY(${String(start)}px)` }}
              >
                <StepState step={step} />
                <span class="run-step__number number">{index + 1}</span>
                <Link href={`/history/${step.revision}`} class="run-step__message truncate">
                  {step.message}
                </Link>
                <span class="run-step__duration number">{step.durationMs !== null && duration(step.durationMs)}</span>
                <span class="revision-id">{shortId(step.revision)}</span>
              </li>
            )
          })}
        </ol>
      </div>
    </section>
  )
}

function StepState({ step }: { step: RunStep }) {
  if (step.state === 'running') return <span class="spinner outcome" role="img" aria-label="running" />
  if (step.state === 'pending') return <span class="run-step__pending" role="img" aria-label="pending" />
  return (
    <span class={`outcome outcome--${step.state}`} role="img" aria-label={step.state}>
      <Icon name={step.state === 'done' ? 'check' : 'cross'} size={12} />
    </span>
  )
}
