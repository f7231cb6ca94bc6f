import { AludelError, projectCodeAtWork } from '@aludel/engine'

import type { Output } from './output/output'
import { printError } from './output/print-error'

/** Milliseconds that the process has for what the project left open, after the answer was printed. */
const grace = 2000

/** In words, what keeps a process alive: https://nodejs.org/api/process.html#processgetactiveresourcesinfo */
const resourceWords: Readonly<Record<string, string>> = {
  Timeout: 'a timer',
  Immediate: 'a timer',
  TCPSocketWrap: 'a connection',
  TLSWrap: 'a connection',
  PipeWrap: 'a pipe',
  TCPServerWrap: 'a server',
  PipeServerWrap: 'a server',
  UDPWrap: 'a UDP socket',
  ProcessWrap: 'a child process',
  MessagePort: 'a worker thread',
  Worker: 'a worker thread',
  FSEventWrap: 'a file watcher',
  StatWatcher: 'a file watcher',
}

/**
 * Sees to the end of the process: it must neither come before the command has answered (a promise that never settles,
 * `process.exit()` in a revision) nor fail to come afterwards (a server that the project has started).
 */
export class ProcessEnd {
  #answered = false
  #drained = false

  constructor(readonly output: Output) {
    process.on('beforeExit', () => {
      this.#drained = true
    })
    process.on('exit', () => {
      if (this.#answered) return
      // Whatever exit code was asked for, it is not that of the command.
      process.exitCode = printError(endedEarly(this.#drained ? undefined : Number(process.exitCode ?? 0)), output)
    })
  }

  /** Ends the process at once. */
  now(exitCode: number): void {
    this.#answered = true
    process.exit(exitCode)
  }

  /** The command has printed its answer: the process ends by itself, or a little later. */
  soon(exitCode: number): void {
    this.#answered = true
    process.exitCode = exitCode
    // Does not keep the process alive itself.
    setTimeout(() => {
      if (this.output.verbose)
        this.output.errorLines(`warning: ended although the project keeps open: ${openResources()}`)
      process.exit(exitCode)
    }, grace).unref()
  }
}

function endedEarly(exitCode: number | undefined): AludelError {
  const atWork = projectCodeAtWork()
  const who = atWork.at(-1)
  const message =
    exitCode === undefined
      ? `the process ended before the command did${who === undefined ? '' : `, in ${who}`}: nothing was left to wait for`
      : `process.exit(${String(exitCode)}) was called${who === undefined ? '' : ` by ${who}`} before the command ended`
  return new AludelError('ALUDEL_PROCESS_ENDED', message, {
    help: 'What was committed before stays. `aludel migrate current` shows it.',
    details: { atWork, ...(exitCode === undefined ? {} : { exitCode }) },
  })
}

function openResources(): string {
  const words = process.getActiveResourcesInfo().flatMap((name) => resourceWords[name] ?? [])
  return [...new Set(words)].join(', ') || 'something'
}
