import { setTimeout as wait } from 'node:timers/promises'

import type { Dialect } from '../dialect/dialect'
import type { Contention } from '../dialect/roles/errors'
import type { Blocker } from '../dialect/roles/running'
import { AludelError } from '../errors'
import type { Step } from '../revision/revision'
import type { Run } from './run-values'
import { interruptedBetween } from './failure'

/** Pauses between tries, in milliseconds: the first, and the longest. */
const shortestPause = 100
const longestPause = 5000

/** The contention that caused an error or one of its causes; undefined if another try would not help. */
export function contentionOf(dialect: Dialect, error: unknown): Contention | undefined {
  let current = error
  for (let depth = 0; depth < 5 && current !== undefined; depth += 1) {
    const found = dialect.errors.contention(current)
    if (found !== undefined) return found
    current = current instanceof Error ? current.cause : undefined
  }
  return undefined
}

/** Decides how often and how long a step, or one statement of it, is retried. */
export class Patience {
  #tries = 1
  #firstRefusal: number | undefined

  constructor(
    private readonly run: Run,
    private readonly step: Step,
    private readonly retryMs: number,
  ) {}

  /**
   * Waits before the next try: longer each time, and at random, so that two sessions that blocked each other do not meet
   * again.
   *
   * @returns false when the time is over or the run was interrupted
   */
  async again(contention: Contention, blockers: readonly Blocker[]): Promise<boolean> {
    const { run, step } = this
    const now = performance.now()
    this.#firstRefusal ??= now
    const left = this.#firstRefusal + this.retryMs - now
    if (left <= 0 || run.signal?.aborted === true) return false
    const pause = Math.min(shortestPause * 2 ** (this.#tries - 1), longestPause) * (0.5 + Math.random())
    const delayMs = Math.round(Math.min(pause, left))
    this.#tries += 1
    run.emit({ type: 'retry', step, contention, try: this.#tries, delayMs, blockers })
    await wait(delayMs, undefined, { signal: run.signal }).catch(() => undefined)
    return !run.signal?.aborted
  }

  /** The error when the time is over. */
  error(contention: Contention, blockers: readonly Blocker[], cause: unknown): AludelError {
    const tries = this.#tries === 1 ? '' : `, ${String(this.#tries)} times`
    const [first] = blockers
    const who = first === undefined ? '' : `; ${blockers.map(blockerText).join('; ')}`
    return new AludelError('ALUDEL_TABLE_LOCKED', `${reasons[contention]}${tries}${who}`, {
      help: [
        ...(first === undefined
          ? []
          : [`To end the blocking session: SELECT pg_terminate_backend(${String(first.pid)})`]),
        'Run again when it is done, or allow more time: --table-lock-budget, --table-lock-timeout.',
      ].join('\n'),
      details: { contention, tries: this.#tries, blockers },
      cause,
    })
  }
}

/**
 * Calls `work`, which runs outside any transaction, and again while another session blocks it.
 *
 * @param retryMs of the step: milliseconds in which further tries begin
 * @throws AludelError `ALUDEL_TABLE_LOCKED` when the time is over, `ALUDEL_INTERRUPTED`, and whatever else `work` throws
 */
export async function patiently<Result>(
  run: Run,
  step: Step,
  retryMs: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const patience = new Patience(run, step, retryMs)
  for (;;) {
    try {
      return await work()
    } catch (error) {
      const contention = contentionOf(run.dialect, error)
      if (contention === undefined) throw error
      if (await patience.again(contention, [])) continue
      if (run.signal?.aborted === true) throw interruptedBetween(run.done, step)
      throw patience.error(contention, [], error)
    }
  }
}

const reasons: Readonly<Record<Contention, string>> = {
  'lock timeout': 'could not get the lock on a table',
  deadlock: 'deadlock with another session',
  serialization: 'could not serialize with another session',
  busy: 'the database file is locked by another connection',
}

/** `session 123 (psql) of bob, idle in transaction since 2026-01-01T00:00:00Z, holds ACCESS EXCLUSIVE on a: LOCK TABLE a`. */
function blockerText({ pid, application, user, state, since, holds, query }: Blocker): string {
  return [
    `session ${String(pid)}`,
    ...(application === null ? [] : [` (${application})`]),
    ...(user === null ? [] : [` of ${user}`]),
    ...(state === null ? [] : [`, ${state}`]),
    ...(since === null ? [] : [` since ${since}`]),
    `, holds ${holds}`,
    ...(query === null || query === '' ? [] : [`: ${query}`]),
  ].join('')
}
