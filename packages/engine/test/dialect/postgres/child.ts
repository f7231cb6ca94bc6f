import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

/** Starts a TypeScript file of this folder in a separate process. */
export function startChild(
  file: string,
  args: readonly string[],
  options: {
    readonly cwd?: string
    readonly env?: NodeJS.ProcessEnv
    readonly detached?: boolean
    readonly stdin?: 'pipe'
  } = {},
): ChildProcess {
  const { NODE_OPTIONS: _options, ...inherited } = process.env
  const env = { ...inherited, ...options.env }
  return spawn(
    process.execPath,
    ['--require', require.resolve('../../../../../tools/testing/register.cjs'), path.join(__dirname, file), ...args],
    {
      cwd: options.cwd ?? path.join(__dirname, '../../..'),
      env,
      detached: options.detached ?? false,
      stdio: [options.stdin ?? 'ignore', 'pipe', 'pipe'],
    },
  )
}

export function finished(child: ChildProcess): Promise<Finished> {
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

/** The first line that a child prints. */
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
      reject(new Error(`it ended before it said anything: ${errors}`))
    })
  })
}
