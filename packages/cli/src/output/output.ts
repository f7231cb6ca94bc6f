import { redact, redactJson } from '@aludel/engine'
import { createColors } from 'picocolors'

import { wrapLine } from './wrap'

/** An output stream, possibly a terminal. */
export interface TextStream {
  write(text: string): unknown
  /** Resolves when more can be written: to false if nobody reads any more. Absent: more can always be written. */
  ready?(): Promise<boolean>
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Standard error, to which libraries write, too. */
type ErrorStream = NodeJS.WritableStream & Pick<TextStream, 'isTTY' | 'columns'>

interface OutputOptions {
  readonly stdout: TextStream
  readonly stderr: ErrorStream
  readonly env: Readonly<Record<string, string | undefined>>
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly noColor: boolean
}

export type Colors = ReturnType<typeof createColors>

/**
 * All output of the command line. Results are written to standard output, everything else to standard error; with
 * `--json`, standard output contains exactly one document.
 */
export class Output {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  /** Colors for standard output; without effect if it is not a terminal. */
  readonly colors: Colors
  /** The same for standard error. */
  readonly errorColors: Colors
  readonly stderr: ErrorStream
  readonly #stdout: TextStream

  constructor(options: OutputOptions) {
    this.json = options.json
    this.quiet = options.quiet
    this.verbose = options.verbose
    this.#stdout = options.stdout
    this.stderr = options.stderr
    this.colors = createColors(wantsColor(options, options.stdout))
    this.errorColors = createColors(wantsColor(options, options.stderr))
  }

  /** Width in cells if standard output is a terminal; null for a file or a pipe. */
  get terminalWidth(): number | null {
    return this.#stdout.isTTY === true ? (this.#stdout.columns ?? 80) : null
  }

  /** Lines of the result. In a terminal, longer ones are wrapped between words. */
  lines(...lines: readonly string[]): void {
    if (lines.length === 0) return
    // One write: each is a system call.
    const wrapped = lines.flatMap((line) => wrapLine(redact(line), this.terminalWidth))
    this.#stdout.write(`${wrapped.join('\n')}\n`)
  }

  /** Lines of the result that `--quiet` omits: summaries and next steps. */
  note(...lines: readonly string[]): void {
    if (!this.quiet) this.lines(...lines)
  }

  /** Text that must not be changed: SQL, scripts. */
  raw(text: string): void {
    this.#stdout.write(text)
  }

  /**
   * A part of a result that is too long to be kept in memory, which must not be changed. Waits for a slow reader.
   *
   * @returns false if nobody reads it any more
   */
  async flow(text: string): Promise<boolean> {
    this.#stdout.write(text)
    return (await this.#stdout.ready?.()) ?? true
  }

  /** The document of `--json`. */
  document(value: unknown): void {
    this.#stdout.write(`${JSON.stringify(value, redactJson, 2)}\n`)
  }

  /** Lines on standard error, also with `--quiet`. */
  errorLines(...lines: readonly string[]): void {
    const width = this.stderr.isTTY === true ? (this.stderr.columns ?? 80) : null
    for (const line of lines) this.stderr.write(`${wrapLine(redact(line), width).join('\n')}\n`)
  }

  /** A warning, also with `--quiet`. */
  warn(message: string): void {
    this.errorLines(`${this.errorColors.yellow('warning:')} ${message}`)
  }

  /** The current activity, on standard error; not with `--quiet`. */
  progress(message: string): void {
    if (!this.quiet) this.errorLines(this.errorColors.dim(message))
  }
}

/** https://no-color.org and https://force-color.org */
function wantsColor({ env, noColor }: OutputOptions, stream: TextStream): boolean {
  if (noColor || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false
  if ((env['FORCE_COLOR'] ?? '') !== '') return env['FORCE_COLOR'] !== '0'
  return stream.isTTY === true
}
