import type { Run, RunStep, RunUpdate } from '../../../src/api/types'

/** A line of the log of a run. */
export interface LogLine {
  /** Number of the event. */
  readonly id: number
  readonly kind: 'note' | 'warning' | 'done' | 'failed'
  readonly text: string
}

/** What a run is doing at the moment. */
export type Activity =
  | { readonly kind: 'starting' }
  | { readonly kind: 'waiting'; readonly waitedMs: number; readonly holder: string | undefined }
  | { readonly kind: 'planning' }
  | {
      readonly kind: 'transfer'
      readonly what: 'backup' | 'restore'
      readonly phase: 'copy' | 'verify'
      readonly bytes: number
      readonly total: number | null
    }
  | {
      readonly kind: 'step'
      readonly revision: string
      readonly index: number
      readonly total: number
      /** Number of the statement, from 1, and its text; undefined before the first. */
      readonly statement: { readonly number: number; readonly sql: string } | undefined
      readonly batch:
        | {
            readonly name: string
            readonly rows: number
            readonly total: number | null
            readonly remainingMs: number | null
          }
        | undefined
      readonly retry:
        { readonly try: number; readonly delayMs: number; readonly blockers: readonly string[] } | undefined
    }
  | { readonly kind: 'ended' }

/** A run as its events have told it so far. */
export interface RunView {
  /** Number of the last event that is in here: what is sent again is left out. */
  readonly lastEvent: number
  readonly steps: readonly RunStep[]
  readonly activity: Activity
  /** The newest last. */
  readonly log: readonly LogLine[]
  /** Set by the last event. */
  readonly ended: Run | undefined
}

/** Of a long log, how many lines are kept. */
const longestLog = 300

/** Before the first event. */
export function viewOf(run: Run): RunView {
  return { lastEvent: 0, steps: run.steps, activity: { kind: 'starting' }, log: [], ended: undefined }
}

/** Takes one event into account. */
export function applyEvent(view: RunView, id: number, event: RunUpdate): RunView {
  if (id <= view.lastEvent) return view
  const next = { ...view, lastEvent: id }
  const log = (kind: LogLine['kind'], text: string): readonly LogLine[] =>
    [...view.log, { id, kind, text }].slice(-longestLog)
  switch (event.type) {
    case 'waiting':
      return { ...next, activity: { kind: 'waiting', waitedMs: event.waitedMs, holder: event.holder } }
    case 'locked':
      return { ...next, activity: { kind: 'planning' }, log: log('note', 'got the migration lock') }
    case 'planned':
      return { ...next, steps: event.steps }
    case 'backup':
    case 'restore':
      return {
        ...next,
        activity: { kind: 'transfer', what: event.type, phase: event.phase, bytes: event.bytes, total: event.total },
      }
    case 'stepStart':
      return {
        ...next,
        steps: withStep(view.steps, event, { state: 'running' }),
        activity: {
          kind: 'step',
          revision: event.revision,
          index: event.index,
          total: event.total,
          statement: undefined,
          batch: undefined,
          retry: undefined,
        },
      }
    case 'statement':
      return inStep(next, (step) => ({
        ...step,
        statement: { number: event.statement + 1, sql: event.sql },
        batch: undefined,
        retry: undefined,
      }))
    case 'batch': {
      const { name, rows, total, remainingMs } = event
      return inStep(next, (step) => ({ ...step, batch: { name, rows, total, remainingMs }, retry: undefined }))
    }
    case 'retry': {
      const { try: number, delayMs, blockers } = event
      return {
        ...inStep(next, (step) => ({ ...step, retry: { try: number, delayMs, blockers } })),
        log: log(
          'warning',
          `waited for a table lock, try ${String(number)}${blockers.length > 0 ? `: ${blockers.join(', ')}` : ''}`,
        ),
      }
    }
    case 'stepDone':
      return {
        ...next,
        steps: withStep(view.steps, event, { state: 'done', durationMs: event.durationMs }),
        log: log('done', messageOf(view.steps, event)),
      }
    case 'stepFailed':
      return {
        ...next,
        steps: withStep(view.steps, event, { state: 'failed' }),
        log: log('failed', `${messageOf(view.steps, event)}: ${event.message}`),
      }
    case 'message':
      return { ...next, log: log(event.level === 'warning' ? 'warning' : 'note', event.message) }
    case 'end':
      return {
        ...next,
        steps: event.run.steps.length > 0 ? event.run.steps : view.steps,
        activity: { kind: 'ended' },
        ended: event.run,
      }
  }
}

type StepActivity = Extract<Activity, { kind: 'step' }>

function inStep(view: RunView, change: (step: StepActivity) => StepActivity): RunView {
  return view.activity.kind === 'step' ? { ...view, activity: change(view.activity) } : view
}

interface StepPlace {
  readonly revision: string
  readonly index: number
}

/** The place of a step: usually its index; of a run that was planned again the revision counts. */
function placeOf(steps: readonly RunStep[], { revision, index }: StepPlace): number {
  return steps[index]?.revision === revision ? index : steps.findIndex((step) => step.revision === revision)
}

function withStep(steps: readonly RunStep[], place: StepPlace, change: Partial<RunStep>): readonly RunStep[] {
  const at = placeOf(steps, place)
  return at < 0 ? steps : steps.map((step, index) => (index === at ? { ...step, ...change } : step))
}

function messageOf(steps: readonly RunStep[], place: StepPlace): string {
  return steps[placeOf(steps, place)]?.message ?? place.revision
}

/** How many steps are done. */
export function doneSteps(steps: readonly RunStep[]): number {
  return steps.filter((step) => step.state === 'done').length
}

/** How far a run is, from 0 to 1; null if that is not known. */
export function progressOf({ steps, activity }: Pick<RunView, 'steps' | 'activity'>): number | null {
  if (steps.length > 0) return (doneSteps(steps) + partOfStep(activity)) / steps.length
  if (activity.kind !== 'transfer' || activity.total === null || activity.total === 0) return null
  // Copying is the first half, verifying the second.
  const part = Math.min(1, activity.bytes / activity.total) / 2
  return activity.phase === 'copy' ? part : 0.5 + part
}

function partOfStep(activity: Activity): number {
  if (activity.kind !== 'step' || activity.batch?.total == null || activity.batch.total === 0) return 0
  return Math.min(1, activity.batch.rows / activity.batch.total)
}
