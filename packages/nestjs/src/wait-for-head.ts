import { setTimeout as sleep } from 'node:timers/promises'

import { AludelError, isAludelError, type Migrator } from '@aludel/engine'

const pollMs = 1000

/** How long to wait, and what hears of it. */
export interface WaitOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** Called once, if there is something to wait for. */
  readonly onWait: (text: string) => void
}

/**
 * Waits until another process has applied every revision. Only reads.
 *
 * @throws AludelError `ALUDEL_NOT_AT_HEAD` after the time, `ALUDEL_INTERRUPTED`
 */
export async function waitForHead(migrator: Migrator, { timeoutMs, signal, onWait }: WaitOptions): Promise<void> {
  const until = performance.now() + timeoutMs
  for (let polls = 0; ; polls += 1) {
    const left = until - performance.now()
    try {
      await migrator.current({ checkHeads: true })
      return
    } catch (error) {
      if (!isAludelError(error, 'ALUDEL_NOT_AT_HEAD') || left <= 0) throw error
      if (polls === 0) onWait(`waiting for another process to migrate: ${error.message}`)
    }
    await sleep(Math.min(pollMs, left), undefined, { signal }).catch(() => undefined)
    if (signal?.aborted === true) {
      throw new AludelError('ALUDEL_INTERRUPTED', 'interrupted while waiting for another process to migrate', {
        help: 'Nothing was changed.',
      })
    }
  }
}
