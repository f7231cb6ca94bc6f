import { AludelError, isAludelError, messageOf, type ErrorCode } from '../errors'
import type { Step } from '../revision/revision'
import type { DoneStep, Run } from './run-values'
import { Interruption, type StatementInterceptor } from '../execution/statement-interceptor'
import { shortSql } from '../sql/text'

/** Where in a step something went wrong. */
export type Phase = 'begin' | 'statements' | 'record' | 'check' | 'commit'

interface Failure {
  readonly step: Step
  readonly error: unknown
  readonly phase: Phase
  readonly interceptor?: StatementInterceptor
  /** The number of statements of this step that stay executed although it failed; 0 when it was rolled back. */
  readonly kept: number
  /** What the failed statement has done, if it consists of several (`batched`). */
  readonly partial?: string
  /** What to do when statements are kept. */
  readonly resume?: string
  /** True if it is unknown whether the failed statement took effect. */
  readonly uncertain?: boolean
  /** Why the leftovers of the failed statement could not be removed. */
  readonly left?: string
  /** What the rollback itself threw. */
  readonly rollbackError?: unknown
}

/** `3f9c1b7a2d40 (add priority to workflows)`. */
export function revisionLabel(step: Step): string {
  return `${step.revision.id} (${step.revision.message})`
}

/** `statement 3`, `statements 1 to 3`. */
export function statementRange(count: number): string {
  return count === 1 ? 'statement 1' : `statements 1 to ${String(count)}`
}

/** The error of a failed step; its `cause` is what the database or the migration threw. */
export function stepError(run: Run, failure: Failure): AludelError {
  const { step, error, interceptor, kept } = failure
  const verb = step.direction
  const interrupted = error instanceof Interruption || isInterruption(error)
  const { place, statement, sql } = placeOf(failure)
  const words = isAludelError(error) ? error.message : run.dialect.errors.textOf(error) || messageOf(error)
  const earlier = interceptor?.failures.find((failed) => failed.error !== error && failed.error !== causeOf(error))
  const message = interrupted
    ? `interrupted in revision ${revisionLabel(step)} ${place}`
    : // A method that never settles names its revision, too.
      `${verb} of revision ${revisionLabel(step)} failed ${place}: ${oneLine(words).replace(` of revision ${revisionLabel(step)}`, '')}`
  const remains = whatRemains(run, failure)
  return new AludelError(codeOf(failure, interrupted), message, {
    help: [
      // The help of a check speaks of a rollback.
      ...(isAludelError(error) && error.help !== undefined && !(failure.phase === 'check' && kept > 0)
        ? [error.help]
        : []),
      ...(earlier === undefined || interrupted
        ? []
        : [
            `Statement ${String(earlier.statement)} had failed before, and the revision continued: ` +
              oneLine(run.dialect.errors.textOf(earlier.error)),
          ]),
      ...remains,
    ].join('\n'),
    details: {
      ...(isAludelError(error) ? error.details : {}),
      revision: step.revision.id,
      message: step.revision.message,
      path: step.revision.path,
      direction: step.direction,
      statement,
      sql,
      database: interrupted ? undefined : words,
      kept,
      done: run.done.map((done) => done.step.revision.id),
      rollbackError: failure.rollbackError === undefined ? undefined : messageOf(failure.rollbackError),
    },
    cause: error,
  })
}

/** The error of a run that was interrupted between two steps. */
export function interruptedBetween(steps: readonly DoneStep[], next: Step): AludelError {
  const done = steps.map(({ step }) => step.revision.id)
  return new AludelError('ALUDEL_INTERRUPTED', `interrupted before revision ${revisionLabel(next)}`, {
    help: doneText(steps) ?? 'Nothing was changed.',
    details: { revision: next.revision.id, direction: next.direction, kept: 0, done },
  })
}

function isInterruption(error: unknown): boolean {
  return isAludelError(error, 'ALUDEL_INTERRUPTED')
}

function codeOf(failure: Failure, interrupted: boolean): ErrorCode {
  if (interrupted) return 'ALUDEL_INTERRUPTED'
  const isPartly = failure.partial !== undefined || failure.left !== undefined
  if (failure.kept > 0 || failure.uncertain === true || isPartly) return 'ALUDEL_STATEMENT_HALFWAY'
  // The tool's own checks (foreign keys, a transaction ended in mode `all`) have codes of their own.
  if (isAludelError(failure.error)) return failure.error.code
  return 'ALUDEL_STATEMENT'
}

function placeOf({ phase, error, interceptor }: Failure): { place: string; statement?: number; sql?: string } {
  switch (phase) {
    case 'begin':
      return { place: 'before its first statement' }
    case 'record':
      return { place: 'when it was recorded' }
    case 'check':
      return { place: 'in the check after its last statement' }
    case 'commit':
      return { place: 'at COMMIT' }
    case 'statements':
  }
  const failed = interceptor?.failures.find((one) => one.error === error || causeOf(error) === one.error)
  if (failed !== undefined) {
    return {
      place: `at statement ${String(failed.statement)} (${shortSql(failed.sql, 80)})`,
      statement: failed.statement,
      sql: failed.sql,
    }
  }
  const completed = interceptor?.completed ?? 0
  return { place: completed === 0 ? 'before its first statement' : `after statement ${String(completed)}` }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined
}

function whatRemains(run: Run, failure: Failure): readonly string[] {
  if (failure.uncertain === true) {
    return [
      `The connection was lost: whether statement ${String(failure.kept + 1)} took effect is not known.`,
      'The next run asks the database and resumes from there.',
      ...optional(doneText(run.done)),
    ]
  }
  if (failure.left !== undefined) {
    return [
      `The INVALID index that statement ${String(failure.kept + 1)} left could not be dropped: ${failure.left}.`,
      'The next run drops it and executes the statement again.',
      ...optional(doneText(run.done)),
    ]
  }
  if (failure.kept > 0) {
    const kept =
      `${capital(statementRange(failure.kept))} of this revision ${failure.kept === 1 ? 'stays' : 'stay'} executed` +
      `; the revision does not count as ${failure.step.direction === 'upgrade' ? 'applied' : 'undone'}.`
    return [kept, ...optional(failure.partial), ...optional(failure.resume), ...optional(doneText(run.done))]
  }
  if (failure.partial !== undefined) {
    return [failure.partial, ...optional(failure.resume), ...optional(doneText(run.done))]
  }
  // The connection was lost at COMMIT and not restored: the help of the error describes the state.
  if (isAludelError(failure.error, 'ALUDEL_CONNECT')) return optional(doneText(run.done))
  if (run.mode === 'all') return ['The whole run was one transaction: nothing of it remains.']
  const { direction } = failure.step
  return [
    direction === 'upgrade' ? 'Nothing of this revision remains.' : 'This revision is still applied, all of it.',
    ...optional(doneText(run.done)),
  ]
}

function doneText(done: readonly DoneStep[]): string | undefined {
  const [first] = done
  if (first === undefined) return undefined
  const ids = done.map(({ step }) => step.revision.id)
  const shown = ids.length <= 4 ? ids.join(', ') : `${ids.slice(0, 3).join(', ')} and ${String(ids.length - 3)} more`
  return first.step.direction === 'upgrade'
    ? `Applied before it in this run, and kept: ${shown}.`
    : `Undone before it in this run, and staying undone: ${shown}.`
}

function optional(text: string | undefined): readonly string[] {
  return text === undefined ? [] : [text]
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replace(/\.$/, '')
}
