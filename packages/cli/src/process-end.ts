import { fstatSync } from 'node:fs'
import path from 'node:path'

import { AludelError, failProjectCode, isAludelError, isDefect, projectCodeAtWork, projectFileOf } from '@aludel/engine'

import type { Worker } from 'node:worker_threads'

import type { Output } from './output/output'
import { printError } from './output/print-error'

/** Milliseconds that the process has for what the project left open, after the answer was printed. */
const grace = 2000

/** The folder of this package, whose code is not the project's. */
const own = [path.dirname(__dirname)]

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
  FSEventWrap: 'a file watcher',
  StatWatcher: 'a file watcher',
}

/** Worker threads of the project, which are not among the active resources. */
const workers = new Set<Worker>()

/**
 * Sees to the end of the process: it must neither come before the command has answered (a promise that never settles,
 * `process.exit()` in a revision) nor fail to come afterwards (a server that the project has started). Its exit code is that of
 * the command, whatever code of the project does.
 */
export class ProcessEnd {
  /** That of the command, once it has answered. */
  #exitCode: number | undefined
  #drained = false
  #failed = false

  constructor(readonly output: Output) {
    process.on('beforeExit', () => {
      this.#drained = true
    })
    process.on('worker', (worker) => {
      workers.add(worker)
      worker.once('exit', () => workers.delete(worker))
    })
    process.on('exit', () => {
      this.#exitCode ??= printError(endedEarly(this.#drained ? undefined : Number(process.exitCode ?? 0)), output)
      process.exitCode = this.#exitCode
      // Listeners of the project come after this one.
      process.exit = (() => undefined) as unknown as typeof process.exit
    })
  }

  /** Handles an error that nothing caught, or the reason of a promise that nothing awaits. */
  uncaught(reason: unknown): void {
    const error =
      reason instanceof Error ? reason : new Error(`nothing awaits a promise that rejects with ${String(reason)}`)
    const { message } = error
    if (this.#exitCode !== undefined || this.#failed) {
      const file = projectFileOf(error, own)
      const place = file === undefined ? '' : ` in ${file}`
      const when = this.#exitCode === undefined ? '' : ' after the command ended'
      this.output.warn(`uncaught error${place}${when}: ${message}`)
    } else if (reason === error && !isAludelError(error) && isDefect(error, own)) {
      this.now(printError(error, this.output))
    } else if (failProjectCode(error)) {
      this.#failed = true
    } else {
      // The state of the process is unknown; ending it releases its locks and transactions.
      this.now(printError(fromOutside(error), this.output))
    }
  }

  /** Ends the process at once. */
  now(exitCode: number): void {
    this.#answered(exitCode)
    process.exit(exitCode)
  }

  /** The command has printed its answer: the process ends by itself, or a little later. */
  soon(exitCode: number): void {
    this.#answered(exitCode)
    // Does not keep the process alive itself.
    setTimeout(() => {
      if (this.output.verbose)
        this.output.errorLines(`warning: ended although the project keeps open: ${openResources()}`)
      process.exit(exitCode)
    }, grace).unref()
  }

  #answered(exitCode: number): void {
    this.#exitCode = exitCode
    process.exitCode = exitCode
    // After the listeners of the project, which may set another one.
    process.on('exit', () => {
      process.exitCode = exitCode
    })
  }
}

function endedEarly(exitCode: number | undefined): AludelError {
  const atWork = projectCodeAtWork()
  const who = atWork.at(-1)
  const file = exitCode === undefined ? undefined : callerOfExit()
  const by = file === undefined ? '' : ` by ${file}`
  const during = who === undefined || who === file ? '' : ` during ${who}`
  const message =
    exitCode === undefined
      ? `the process ended before the command did${who === undefined ? '' : `, in ${who}`}: nothing was left to wait for`
      : `process.exit(${String(exitCode)}) was called${by}${during} before the command ended`
  return new AludelError('ALUDEL_PROCESS_ENDED', message, {
    help,
    details: { atWork, ...(file === undefined ? {} : { path: file }), ...(exitCode === undefined ? {} : { exitCode }) },
  })
}

const help = 'What was committed before stays. `aludel migrate current` shows it.'

/** `process.exit` calls its listeners at once, so that the stack of a listener shows who called it. */
function callerOfExit(): string | undefined {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 100
  const file = projectFileOf(new Error(), own)
  Error.stackTraceLimit = limit
  return file
}

/** An error that was thrown while no code of the project was at work, for example in a timer of an entity file. */
function fromOutside(error: Error): Error {
  const file = projectFileOf(error, own)
  if (isAludelError(error) || file === undefined) return error
  return new AludelError('ALUDEL_PROCESS_ENDED', `uncaught error in ${file}: ${error.message}`, {
    help,
    details: { atWork: [], path: file },
    cause: error,
  })
}

function openResources(): string {
  const words = process.getActiveResourcesInfo().flatMap((name) => resourceWords[name] ?? [])
  // Standard output and error are not the project's, though they may be pipes.
  for (const { fd } of [process.stdout, process.stderr]) {
    const file = fstatSync(fd)
    const index = file.isFIFO() || file.isSocket() ? words.indexOf('a pipe') : -1
    if (index !== -1) words.splice(index, 1)
  }
  if (workers.size > 0) words.push('a worker thread')
  return [...new Set(words)].join(', ') || 'something'
}
