import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

const register = require.resolve('../../../../tools/testing/register.cjs')

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

/**
 * Starts a TypeScript file in a separate process, on the stack of the test.
 *
 * @param file absolute path
 */
export function startChild(
  file: string,
  args: readonly string[],
  options: {
    /** Default is the folder of the package. */
    readonly cwd?: string
    readonly env?: NodeJS.ProcessEnv
    readonly detached?: boolean
    /** Default is `ignore`. */
    readonly stdin?: 'ignore' | 'pipe'
  } = {},
): ChildProcess {
  const { NODE_OPTIONS: _options, ...inherited } = process.env
  const child = spawn(process.execPath, ['--require', register, file, ...args], {
    cwd: options.cwd ?? path.join(__dirname, '../..'),
    env: { ...inherited, ...options.env },
    detached: options.detached ?? false,
    stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
  })
  // A write to a process that was killed fails; the test reports how the process ended.
  child.stdin?.on('error', () => undefined)
  return child
}

/** Resolves when a process has ended. */
export function ended(child: ChildProcess): Promise<Ended> {
  return new Promise((resolve) => {
    let output = ''
    let errors = ''
    child.stdout?.on('data', (data: Buffer) => (output += data.toString()))
    child.stderr?.on('data', (data: Buffer) => (errors += data.toString()))
    child.on('close', (code, signal) => {
      resolve({ code, signal, output, errors })
    })
  })
}

/** The first line that a process prints. Rejects if it ends without one. */
export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    let errors = ''
    child.stderr?.on('data', (data: Buffer) => (errors += data.toString()))
    child.stdout?.on('data', (data: Buffer) => {
      text += data.toString()
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')))
    })
    child.on('close', () => {
      reject(new Error(`the process ended without output: ${errors}`))
    })
  })
}
