/** One command line to run inside the worker of a test; see native.cjs. */
export interface Run {
  readonly installation: string
  readonly argv: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Called with what was printed on standard error so far. */
  readonly onStderr?: (text: string) => void
}

export interface Printed {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Both, in the order of a terminal. */
  readonly output: string
}

export function runCommandLine(run: Run): Promise<Printed>
