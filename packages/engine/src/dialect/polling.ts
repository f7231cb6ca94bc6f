import { setTimeout as wait } from 'node:timers/promises'

import { AludelError, refuseAborted } from '../errors'
import type { LockHolder, LockOptions } from './roles/locks'

/** Milliseconds between polls: short at first, then growing up to the longest. */
const shortestPoll = 25
const longestPoll = 500

/** Milliseconds between two lookups of the lock's holder. */
const holderInterval = 5000

interface Attempts<T> {
  /** Tries to take the lock; undefined when another session has it. */
  readonly attempt: () => Promise<T | undefined>
  /** The current holder, to report while waiting. */
  readonly holder: () => Promise<LockHolder | null>
}

/**
 * Polls for a lock instead of blocking on it: a waiting statement keeps a snapshot open, and CREATE INDEX CONCURRENTLY
 * in other sessions waits for that. Pauses are randomized, so that processes that started together do not collide each time.
 *
 * @throws AludelError `ALUDEL_LOCKED` when it takes longer than `timeoutMs`; `ALUDEL_INTERRUPTED`
 */
export async function poll<T>({ attempt, holder }: Attempts<T>, options: LockOptions): Promise<T> {
  const sleep =
    options.sleep ?? ((ms: number) => wait(ms, undefined, { signal: options.signal }).catch(() => undefined))
  const started = performance.now()
  // With an injected sleep the clock may not advance, so the time slept counts as well.
  let slept = 0
  let pause = shortestPoll
  let asked: { readonly at: number; readonly words: string | undefined } | undefined
  for (;;) {
    refuseAborted(options.signal, ' while waiting for the lock', 'Nothing was changed.')
    const taken = await attempt()
    if (taken !== undefined) return taken
    const waited = Math.max(performance.now() - started, slept)
    if (waited >= options.timeoutMs) throw lockedError(await holder().catch(() => null), options.timeoutMs)
    if (asked === undefined || waited - asked.at >= holderInterval) {
      const found = await holder().catch(() => null)
      asked = { at: waited, words: found === null ? asked?.words : holderWords(found) }
    }
    options.onWait?.(Math.round(waited), asked.words)
    const ms = Math.min(pause * (0.5 + Math.random()), options.timeoutMs - waited)
    await sleep(ms)
    slept += ms
    pause = Math.min(pause * 1.5, longestPoll)
  }
}

/**
 * The holder of a lock in words: who, and since when.
 *
 * @example holderWords(holder) // 'deploy@ci, process 4242, since 2026-11-27T10:00:00Z'
 */
export function holderWords({ owner, pid, since, live }: LockHolder): string {
  return [
    owner ?? 'unknown owner',
    ...(pid === null ? [] : [`process ${String(pid)}`]),
    ...(since === null ? [] : [`since ${since}`]),
    ...(live ? [] : ['without a heartbeat']),
  ].join(', ')
}

/** The error of a process that could not get the lock in time. */
export function lockedError(holder: LockHolder | null, timeoutMs: number): AludelError {
  const waited = timeoutMs === 0 ? '' : ` after ${String(timeoutMs / 1000)} s`
  const who = holder === null ? 'another session' : holderWords(holder)
  return new AludelError('ALUDEL_LOCKED', `another migrator is running on this database${waited}: ${who}`, {
    help: [
      'Nothing was changed. Wait for it, or give it more time with --lock-timeout.',
      ...(holder?.endWith === undefined ? [] : [`If it hangs: ${holder.endWith}`]),
      ...(holder?.kind === 'lease' ? ['If it hangs: `aludel migrate unlock`'] : []),
    ].join('\n'),
    details: holder === null ? {} : { ...holder },
  })
}

/** The error of a run that no longer holds its lock. */
export function lockLost(why: string, cause?: unknown): AludelError {
  return new AludelError('ALUDEL_LOCK_LOST', `the migration lock was lost: ${why}`, {
    help: 'Another migrator may be running now. Check with `aludel migrate current`, then run the same command again.',
    cause,
  })
}
