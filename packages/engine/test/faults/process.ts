import type { ChildProcess } from 'node:child_process'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

import type { TestDatabase } from '../run/databases'
import { ended, type Ended, startChild } from '../support/child-process'

/** Application name of the sessions of a {@link TestProcess}, except that of the lock, which the engine names. */
const applicationName = 'test process'

/** A process that runs a TypeScript file of this folder, on the stack of the test. */
export class TestProcess {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>

  constructor(file: string, args: readonly string[], stdin: 'ignore' | 'pipe' = 'ignore') {
    this.child = startChild(path.join(__dirname, file), args, { env: { PGAPPNAME: applicationName }, stdin })
    this.ended = ended(this.child)
  }

  /** Resolves when it has printed something, or ended. */
  async firstOutput(): Promise<void> {
    await Promise.race([new Promise((resolve) => this.child.stdout?.once('data', resolve)), this.ended])
  }

  kill(): void {
    this.child.kill('SIGKILL')
  }
}

/**
 * Waits until the server has ended the sessions of killed processes: it completes a running statement, even a COMMIT, before it
 * notices that the client is gone. Without this wait, a test that reads twice may see two states.
 */
export async function serverIsDone({ dialect, rows }: TestDatabase): Promise<void> {
  if (dialect.name === 'sqlite') return
  const left = (): Promise<unknown[]> =>
    rows(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database()
       AND (application_name = '${applicationName}' OR application_name LIKE 'aludel %')`,
    )
  while ((await left()).length > 0) await delay(10)
}

/** Random numbers that depend only on the seed: mulberry32, https://github.com/bryc/code/blob/master/jshash/PRNGs.md */
export function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}
