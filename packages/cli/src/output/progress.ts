import type { SingleBar } from 'cli-progress'

import type { RunEvent } from '@aludel/engine'

import { bytes, grouped } from './format'
import type { Output } from './output'
import { cut, displayWidth } from './table'

/** Milliseconds between two lines of progress if standard error is not a terminal. */
const interval = 5000

/** The same for a line that says again for what a command waits. */
const waitInterval = 30_000

/**
 * Progress on standard error. In a terminal: one line or a bar, removed at the end. Elsewhere (CI, a log file): a plain
 * line from time to time. With `--quiet`: only warnings.
 */
export class Progress {
  readonly #output: Output
  readonly #terminal: boolean
  readonly #now: () => number
  #lineShown = false
  #bar: SingleBar | undefined
  #lastLine: number
  #lastWait: string | undefined
  #waitShown = 0
  #runs = false
  #isServer = false

  constructor(output: Output, now: () => number = Date.now) {
    this.#output = output
    this.#terminal = output.stderr.isTTY === true
    this.#now = now
    this.#lastLine = now()
  }

  /**
   * True once a revision has begun to run on the database, or a backup to be written: the command then stops itself where it is
   * safe, and removes what is not finished.
   */
  get runs(): boolean {
    return this.#runs
  }

  /** From now on the command stops itself, in as much time as what it is doing needs. */
  endsItself(): void {
    this.#runs = true
  }

  /** The command is a server, which stops itself. */
  serves(): void {
    this.endsItself()
    this.#isServer = true
  }

  /** What is printed when the command is interrupted. */
  get interruption(): string {
    const what = this.#isServer ? 'stopping: a run at work ends' : 'interrupted: stopping'
    return `${what} at the next safe point; press Ctrl-C again to end at once`
  }

  /** Shows an event of a run. */
  readonly onEvent = (event: RunEvent): void => {
    switch (event.type) {
      case 'waiting':
        this.#waiting(event.holder)
        break
      case 'stepStart':
        this.#runs = true
        this.part(event.index, event.total, `${event.step.revision.id} ${event.step.revision.message}`)
        break
      case 'stepDone':
        this.part(event.index + 1, event.total, `${event.step.revision.id} ${event.step.revision.message}`)
        break
      case 'batch':
        this.#batch(event)
        break
      case 'backup':
        this.#runs = true
        this.#backup(event, event.phase === 'copy' ? 'backed up' : 'verified')
        break
      case 'restore':
        this.#runs = true
        this.#backup(event, event.phase === 'copy' ? 'restored' : 'verified')
        break
      case 'retry':
        this.message(retryText(event))
        break
      case 'progress':
        this.message(event.message)
        break
      case 'note':
        if (!this.#output.verbose) break
        this.clear()
        this.#output.errorLines(event.message)
        break
      case 'warning':
        this.warn(event.message)
        break
      case 'locked':
      case 'planned':
      case 'statement':
      case 'stepFailed':
        break
    }
  }

  /** Polls happen several times per second; in a log, one line per holder is enough. */
  #waiting(holder: string | undefined): void {
    const text = `waiting for another migrator to finish${holder === undefined ? '' : ` (${holder})`}`
    if (!this.#terminal && text === this.#lastWait) return
    this.#lastWait = text
    this.message(text)
  }

  /**
   * Shows for what the command waits. In a log: when that changes, and again from time to time.
   *
   * @param waitedMs since when
   */
  waitingFor(text: string, waitedMs: number): void {
    const isSame = text === this.#lastWait && this.#now() - this.#waitShown < waitInterval
    if (!this.#terminal && isSame) return
    this.#lastWait = text
    this.#waitShown = this.#now()
    this.message(`waiting${waitedMs < 1000 ? '' : ` for ${duration(waitedMs)}`}: ${text}`)
  }

  /** Shows the current activity. */
  message(text: string): void {
    if (this.#output.quiet) return
    if (!this.#terminal) {
      this.#output.progress(text)
      return
    }
    this.clear()
    const { stderr, errorColors } = this.#output
    stderr.write(errorColors.dim(cut(text, (stderr.columns ?? 80) - 1)))
    this.#lineShown = true
  }

  /**
   * Shows how much of the work is done.
   *
   * @param done completed units of work
   * @param total all units of work
   * @param label the current unit
   * @param shown the numbers as text
   */
  part(done: number, total: number, label: string, shown = `${String(done)}/${String(total)}`): void {
    if (this.#output.quiet) return
    if (!this.#terminal) {
      if (this.#now() - this.#lastLine < interval) return
      this.#lastLine = this.#now()
      this.#output.progress(`${shown} ${label}`)
      return
    }
    if (total < 2) {
      this.message(label)
      return
    }
    this.#startBar(total)?.update(done, { shown, label })
  }

  #batch({ step, done, total, name, ratePerSecond, remainingMs }: Extract<RunEvent, { readonly type: 'batch' }>): void {
    const label = `${step.revision.id} ${name}`
    const rate = ratePerSecond === 0 ? '' : `, ${count(ratePerSecond)} rows/s`
    const left = remainingMs === null || remainingMs === 0 ? '' : `, ${duration(remainingMs)} left`
    // Rounded down: 100 % means that all is done.
    const share = total === null || total === 0 ? '' : ` (${String(Math.floor((done / total) * 100))} %)`
    const of = total === null ? '' : `/${count(total)}`
    const shown = `${count(done)}${of} rows${share}${rate}${left}`
    // No bar if the total is unknown.
    if (this.#terminal && (total ?? 0) < 2) this.message(`${label}  ${shown}`)
    else this.part(done, total ?? 0, label, shown)
  }

  #backup(
    { phase, bytes: done, total }: Extract<RunEvent, { readonly type: 'backup' | 'restore' }>,
    label: string,
  ): void {
    // A dump may be larger than the estimate.
    const isKnown = total !== null && total > 0 && done <= total
    const shown = `${bytes(done)}${isKnown ? ` of ${phase === 'copy' ? 'about ' : ''}${bytes(total)}` : ''}`
    if (this.#terminal && !isKnown) this.message(`${shown} ${label}`)
    else this.part(done, isKnown ? total : 0, label, shown)
  }

  /** A warning, above the line or the bar. */
  warn(message: string): void {
    this.clear()
    this.#output.warn(message)
  }

  /** Removes the line or the bar. */
  clear(): void {
    this.#bar?.stop()
    this.#bar = undefined
    if (this.#lineShown) this.#output.stderr.write('\r\u001b[2K')
    this.#lineShown = false
  }

  #startBar(total: number): SingleBar | undefined {
    // Batches within a step use the same bar.
    this.#bar?.setTotal(total)
    if (this.#bar !== undefined) return this.#bar
    this.clear()
    const { SingleBar: Bar, Presets } = loadBars()
    this.#bar = new Bar(
      {
        stream: this.#output.stderr,
        format: (_options, { progress }, { shown, label }: { readonly shown: string; readonly label: string }) =>
          barLine(progress, shown, label, (this.#output.stderr.columns ?? 80) - 1),
        clearOnComplete: true,
        // The command handles signals itself.
        gracefulExit: false,
      },
      Presets.shades_classic,
    )
    this.#bar.start(total, 0, { label: '', shown: '' })
    return this.#bar
  }
}

/**
 * A bar, the numbers and the current unit in one line of a terminal. A narrow one has a shorter bar, then no bar, then not the
 * whole label; the id of the revision, with which it begins, is kept longest.
 *
 * @param share from 0 to 1
 */
export function barLine(share: number, shown: string, label: string, width: number): string {
  const text = `${shown} ${label}`
  const size = Math.min(24, width - displayWidth(text) - 1)
  if (size < 8) {
    const numbers = cut(shown, Math.max(0, width - 13))
    return cut(`${label.slice(0, 12)} ${displayWidth(text) <= width ? `${label.slice(13)} ${shown}` : numbers}`, width)
  }
  const filled = Math.floor(share * size)
  return `${'█'.repeat(filled)}${'░'.repeat(size - filled)} ${text}`
}

type Bars = typeof import('cli-progress')

/** Loaded synchronously, because events are, and lazily, because only a terminal needs it. */
function loadBars(): Bars {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- lazily and synchronously
  return require('cli-progress') as Bars
}

function count(value: number): string {
  return grouped(Math.round(value))
}

/** `45 s`, `12 min`, `3 h 05 min`. */
function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000)
  if (seconds < 100) return `${String(seconds)} s`
  const minutes = Math.ceil(seconds / 60)
  if (minutes < 100) return `${String(minutes)} min`
  return `${String(Math.floor(minutes / 60))} h ${String(minutes % 60).padStart(2, '0')} min`
}

/** `add priority: lock timeout, try 2 in 0.2 s; session 123 (psql) of bob holds ACCESS EXCLUSIVE on posts`. */
function retryText({ step, contention, try: number, delayMs, blockers }: Extract<RunEvent, { type: 'retry' }>): string {
  const who = blockers.map(
    ({ pid, application, user, holds }) =>
      `; session ${String(pid)}${application === null ? '' : ` (${application})`}${user === null ? '' : ` of ${user}`} holds ${holds}`,
  )
  return `${step.revision.id} ${step.revision.message}: ${contention}, try ${String(number)} in ${(delayMs / 1000).toFixed(1)} s${who.join('')}`
}
