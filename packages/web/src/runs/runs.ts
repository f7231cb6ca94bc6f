import { randomUUID } from 'node:crypto'

import { AludelError, isAludelError, type RunListener } from '@aludel/engine'

import { ApiFailure, errorAnswer } from '../api/errors'
import type { Run, RunStep } from '../api/types'
import { EventLog } from './event-log'
import { follow, updateOf } from './updates'

/** Runs that are remembered after their end. What they did to the database is in its journal. */
const mostRemembered = 50

/** Runs whose updates are remembered as well. */
const mostFollowed = 5

/** What is to be done, and how it is shown. */
export interface Work {
  readonly kind: Run['kind']
  readonly title: string
  readonly actor: string
  /**
   * Does it.
   *
   * @param signal aborted by a cancellation, or when the server stops
   */
  readonly perform: (control: {
    readonly signal: AbortSignal
    readonly onEvent: RunListener
  }) => Promise<NonNullable<Run['result']>>
  /** How to go on after it has failed or was stopped; undefined if there is nothing to resume. */
  readonly resume?: (error: AludelError, steps: readonly RunStep[]) => Run['resume']
}

interface RunsOptions {
  readonly now: () => Date
  /** Receives the events of all runs, for a log. */
  readonly onEvent?: RunListener
  /** Called when a run has ended, before its clients know. */
  readonly onEnd?: () => void
}

interface Known {
  readonly id: string
  readonly work: Work
  readonly controller: AbortController
  readonly events: EventLog
  readonly startedAt: Date
  readonly ended: Promise<void>
  state: Run['state']
  finishedAt: Date | null
  readonly steps: RunStep[]
  result: Run['result']
  error: Run['error']
  resume?: Run['resume']
}

/**
 * What a server does in the background: one thing at a time. It goes on whoever watches, and stops at a safe point when it is
 * canceled or the server stops.
 */
export class Runs {
  readonly #runs: Known[] = []
  #closed = false

  constructor(private readonly options: RunsOptions) {}

  /** Newest first. */
  list(): readonly Run[] {
    return this.#runs.map(documentOf)
  }

  /** @throws ApiFailure `ALUDEL_WEB_NOT_FOUND` */
  get(id: string): Run {
    return documentOf(this.#find(id))
  }

  /** @throws ApiFailure `ALUDEL_WEB_NOT_FOUND` */
  events(id: string): EventLog {
    return this.#find(id).events
  }

  /** The run at work; null if there is none. */
  get running(): Run | null {
    const found = this.#atWork
    return found === undefined ? null : documentOf(found)
  }

  get #atWork(): Known | undefined {
    return this.#runs.find(({ finishedAt }) => finishedAt === null)
  }

  /**
   * Refuses other work while a run is at work.
   *
   * @throws ApiFailure `ALUDEL_WEB_BUSY`, or `ALUDEL_WEB_FORBIDDEN` when the server is stopping
   */
  refuseBusy(): void {
    const found = this.#atWork
    if (found !== undefined) {
      throw new ApiFailure(
        'ALUDEL_WEB_BUSY',
        `a run is at work: ${found.work.title}`,
        'Wait for its end, or cancel it.',
        {
          run: found.id,
        },
      )
    }
    if (this.#closed) throw new ApiFailure('ALUDEL_WEB_FORBIDDEN', 'the server is stopping')
  }

  /**
   * Begins to work, and returns at once.
   *
   * @throws ApiFailure as {@link refuseBusy}
   */
  start(work: Work): Run {
    this.refuseBusy()
    const controller = new AbortController()
    let end: () => void = () => undefined
    const run: Known = {
      id: randomUUID(),
      work,
      controller,
      events: new EventLog(),
      startedAt: this.options.now(),
      ended: new Promise((resolve) => (end = resolve)),
      state: 'running',
      finishedAt: null,
      steps: [],
      result: null,
      error: null,
    }
    this.#runs.unshift(run)
    this.#runs.splice(mostRemembered)
    this.#runs[mostFollowed]?.events.shorten()
    void this.#perform(run).then(end)
    return documentOf(run)
  }

  async #perform(run: Known): Promise<void> {
    const { work, controller, events } = run
    const onEvent: RunListener = (event) => {
      const update = updateOf(event)
      follow(run.steps, update)
      events.add(update)
      this.options.onEvent?.(event)
    }
    try {
      run.result = await work.perform({ signal: controller.signal, onEvent })
      run.state = 'done'
    } catch (thrown) {
      const error = interruption(thrown, controller.signal)
      run.error = errorAnswer(error).body.error
      run.state = isAludelError(error, 'ALUDEL_INTERRUPTED') ? 'canceled' : 'failed'
      const resume = isAludelError(error) ? work.resume?.(error, run.steps) : undefined
      if (resume !== undefined) run.resume = resume
    }
    run.finishedAt = this.options.now()
    this.options.onEnd?.()
    // The run in the last update knows the number of that update.
    events.add({ type: 'end', run: { ...documentOf(run), lastEvent: events.last + 1 } })
  }

  /**
   * Stops a run at its next safe point. It ends later; nothing happens if it has ended.
   *
   * @throws ApiFailure `ALUDEL_WEB_NOT_FOUND`
   */
  cancel(id: string): Run {
    const run = this.#find(id)
    this.#stop(run, 'canceled')
    return documentOf(run)
  }

  /** Stops the run at work, and waits for its end. No other begins. */
  async close(): Promise<void> {
    this.#closed = true
    const run = this.#atWork
    if (run === undefined) return
    this.#stop(run, 'the server stops')
    await run.ended
  }

  #stop(run: Known, why: string): void {
    if (run.finishedAt !== null || run.controller.signal.aborted) return
    run.state = 'canceling'
    run.events.add({ type: 'message', level: 'note', message: `stopping at the next safe point: ${why}` })
    run.controller.abort(
      new AludelError('ALUDEL_INTERRUPTED', 'interrupted', {
        help: 'Completed work is kept. Run it again to resume.',
      }),
    )
  }

  #find(id: string): Known {
    const found = this.#runs.find((run) => run.id === id)
    if (found !== undefined) return found
    throw new ApiFailure(
      'ALUDEL_WEB_NOT_FOUND',
      'this server knows no such run',
      'It may have been started before the server was; the journal shows what it did.',
    )
  }
}

/** After a cancellation, the error of an abort is the interruption. */
function interruption(error: unknown, signal: AbortSignal): unknown {
  const isAbort = error instanceof Error && error.name === 'AbortError'
  return signal.aborted && isAbort ? signal.reason : error
}

function documentOf(run: Known): Run {
  const { id, work, state, startedAt, finishedAt, steps, events, result, error, resume } = run
  return {
    id,
    kind: work.kind,
    title: work.title,
    state,
    actor: work.actor,
    startedAt: startedAt.toISOString(),
    finishedAt: finishedAt?.toISOString() ?? null,
    // They change while it is at work.
    steps: [...steps],
    lastEvent: events.last,
    result,
    error,
    ...(resume === undefined ? {} : { resume }),
  }
}
