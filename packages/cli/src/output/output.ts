import { createColors } from 'picocolors'

import { redact, redactJson } from './redact'

/** Where text can be written, perhaps a terminal. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Standard error, on which libraries draw as well. */
export type ErrorStream = NodeJS.WritableStream & Pick<TextStream, 'isTTY' | 'columns'>

export interface OutputOptions {
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
 * Where everything that is printed goes through. Results go to standard output, all else to standard error;
 * with `--json` the only thing on standard output is one document.
 */
export class Output {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  /** Colors for standard output; they do nothing where it is no terminal. */
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

  /** Cells of the terminal that results go to; null where they go to a file or a program, which cut nothing. */
  get terminalWidth(): number | null {
    return this.#stdout.isTTY === true ? (this.#stdout.columns ?? 80) : null
  }

  /** Result lines, for people. */
  lines(...lines: readonly string[]): void {
    for (const line of lines) this.#stdout.write(`${redact(line)}\n`)
  }

  /** What was done and what to do next: part of the result, but not with `--quiet`. */
  note(...lines: readonly string[]): void {
    if (!this.quiet) this.lines(...lines)
  }

  /** Text that must arrive as it is: SQL, scripts. */
  raw(text: string): void {
    this.#stdout.write(text)
  }

  /** The document of `--json`. */
  document(value: unknown): void {
    this.#stdout.write(`${JSON.stringify(value, redactJson, 2)}\n`)
  }

  /** Lines on standard error, never swallowed. */
  errorLines(...lines: readonly string[]): void {
    for (const line of lines) this.stderr.write(`${redact(line)}\n`)
  }

  /** Something to know that stops nothing. */
  warn(message: string): void {
    this.errorLines(`${this.errorColors.yellow('warning:')} ${message}`)
  }

  /** What is going on, for people that wait; not with `--quiet`. */
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
