import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly output: string
  readonly errors: string
}

/** A process that runs a TypeScript file of this folder, as the tests themselves run. */
export class TestProcess {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>

  constructor(file: string, args: readonly string[]) {
    const { NODE_OPTIONS: _options, ...env } = process.env
    const register = require.resolve('../../../../tools/testing/register.cjs')
    this.child = spawn(process.execPath, ['--require', register, path.join(__dirname, file), ...args], {
      cwd: path.join(__dirname, '../..'),
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.ended = new Promise((resolve) => {
      let output = ''
      let errors = ''
      this.child.stdout?.on('data', (data: Buffer) => (output += data.toString()))
      this.child.stderr?.on('data', (data: Buffer) => (errors += data.toString()))
      this.child.on('close', (code, signal) => {
        resolve({ code, signal, output, errors })
      })
    })
  }

  /** Resolves when it has printed something, or ended. */
  async speaks(): Promise<void> {
    await Promise.race([new Promise((resolve) => this.child.stdout?.once('data', resolve)), this.ended])
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }
}

/** The same numbers for the same seed: mulberry32, https://github.com/bryc/code/blob/master/jshash/PRNGs.md */
export function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}
