import type { RunEvent } from '@aludel/engine'

import type { RunStep, RunUpdate } from '../api/types'

/** Characters of a statement that are sent: more is in the plan and in the details of the revision. */
const longestSql = 2000

/** What an event of the engine is for clients. */
export function updateOf(event: RunEvent): RunUpdate {
  switch (event.type) {
    case 'waiting':
    case 'locked':
      return event
    case 'planned':
      return {
        type: 'planned',
        steps: event.steps.map(({ revision }) => ({
          revision: revision.id,
          message: revision.message,
          state: 'pending',
          durationMs: null,
        })),
      }
    case 'stepStart':
    case 'stepDone': {
      const { step, ...rest } = event
      return { ...rest, revision: step.revision.id }
    }
    case 'stepFailed': {
      const { index, total, step, error } = event
      return {
        type: 'stepFailed',
        revision: step.revision.id,
        index,
        total,
        message: error instanceof Error ? error.message : String(error),
      }
    }
    case 'statement': {
      const { sql, statement, step } = event
      const cut = sql.length > longestSql ? `${sql.slice(0, longestSql)} …` : sql
      return { type: 'statement', revision: step.revision.id, statement, sql: cut }
    }
    case 'batch': {
      const { step, name, done, total, remainingMs } = event
      return { type: 'batch', revision: step.revision.id, name, rows: done, total, remainingMs }
    }
    case 'backup':
    case 'restore': {
      const { type, phase, bytes, total } = event
      return { type, phase, bytes, total }
    }
    case 'retry': {
      const { step, delayMs, blockers } = event
      return {
        type: 'retry',
        revision: step.revision.id,
        try: event.try,
        delayMs,
        blockers: blockers.map(
          ({ pid, application, user, holds }) =>
            `session ${String(pid)}${application === null ? '' : ` (${application})`}${user === null ? '' : ` of ${user}`} holds ${holds}`,
        ),
      }
    }
    case 'progress':
    case 'note':
    case 'warning':
      return { type: 'message', level: event.type, message: event.message }
  }
}

/** Brings the steps of a run up to date. In place: a run may have thousands of them. */
export function follow(steps: RunStep[], update: RunUpdate): void {
  switch (update.type) {
    case 'planned':
      steps.splice(0, steps.length, ...update.steps)
      break
    case 'stepStart':
      change(steps, update, { state: 'running' })
      break
    case 'stepDone':
      change(steps, update, { state: 'done', durationMs: update.durationMs })
      break
    case 'stepFailed':
      change(steps, update, { state: 'failed' })
      break
    default:
  }
}

function change(
  steps: RunStep[],
  at: { readonly revision: string; readonly index: number },
  to: Partial<RunStep>,
): void {
  const step = steps[at.index]
  if (step?.revision === at.revision) steps[at.index] = { ...step, ...to }
}

/**
 * Whether an update makes the one before it worthless: both tell how far the same work has come.
 *
 * @example
 * replaces({ type: 'backup', phase: 'copy', bytes: 2, total: 9 }, { type: 'backup', phase: 'copy', bytes: 1, total: 9 }) // true
 */
export function replaces(next: RunUpdate, last: RunUpdate): boolean {
  if (next.type === 'waiting') return last.type === 'waiting'
  if (next.type === 'backup' || next.type === 'restore') return last.type === next.type && last.phase === next.phase
  return next.type === 'batch' && last.type === 'batch' && last.revision === next.revision && last.name === next.name
}
