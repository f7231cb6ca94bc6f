import type { ChildProcess } from 'node:child_process'
import path from 'node:path'

import { startChild } from '../support/child-process'
import type { ProcessOptions } from './migrate-process'

/** A line that `migrate-process.ts` prints. */
export interface Line {
  readonly event: 'waiting' | 'paused' | 'done' | 'failed'
  readonly holder?: string
  readonly code?: string
  readonly messages?: readonly string[]
}

/** A process that runs `migrate-process.ts`. */
export class MigrateProcess {
  readonly child: ChildProcess
  readonly #lines: Line[] = []
  readonly #ended: Promise<void>
  #changed: (() => void)[] = []
  #over = false
  #errors = ''

  constructor(options: ProcessOptions) {
    this.child = startChild(path.join(__dirname, 'migrate-process.ts'), [JSON.stringify(options)], { stdin: 'pipe' })
    let text = ''
    this.child.stdout?.on('data', (data: Buffer) => {
      text += data.toString()
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      this.#lines.push(...lines.map((line) => JSON.parse(line) as Line))
      this.#notify()
    })
    this.child.stderr?.on('data', (data: Buffer) => (this.#errors += data.toString()))
    this.#ended = new Promise((resolve) => {
      this.child.on('close', () => {
        this.#over = true
        this.#notify()
        resolve()
      })
    })
  }

  /** Waits for the line of this event. */
  async said(event: Line['event']): Promise<Line> {
    for (;;) {
      const found = this.#lines.find((line) => line.event === event)
      if (found !== undefined) return found
      if (this.#over) throw new Error(`it ended without "${event}": ${JSON.stringify(this.#lines)} ${this.#errors}`)
      await new Promise<void>((resolve) => this.#changed.push(resolve))
    }
  }

  /** Waits for the end of the process and returns its last line. Throws if it wrote to standard error. */
  async end(): Promise<Line | undefined> {
    await this.#ended
    if (this.#errors !== '') throw new Error(this.#errors)
    return this.#lines.at(-1)
  }

  /** Ends a pause. */
  go(): void {
    this.child.stdin?.write('go\n')
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  #notify(): void {
    for (const resolve of this.#changed.splice(0)) resolve()
  }
}
