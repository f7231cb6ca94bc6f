import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'

import { isRunning } from '../processes'
import type { LockHolder } from '../roles/locks'

/**
 * The holder of the lock of a SQLite database, in a small file beside it. It locks nothing and is read only while the lock
 * is taken, so a note that a killed process left does no harm.
 */
interface Note {
  readonly owner: string
  readonly pid: number
  readonly host: string
  readonly since: string
}

function noteFileOf(lockFile: string): string {
  return `${lockFile}.holder`
}

/** Call it with the lock held. If the file cannot be written, there is no note. */
export function writeNote(lockFile: string, owner = 'somebody'): void {
  const note: Note = {
    owner,
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
  }
  try {
    writeFileSync(noteFileOf(lockFile), `${JSON.stringify(note)}\n`)
  } catch {
    // It is only information.
  }
}

/** Call it with the lock still held. */
export function removeNote(lockFile: string): void {
  try {
    rmSync(noteFileOf(lockFile), { force: true })
  } catch {
    // It is only information.
  }
}

/** The holder of the lock, as far as it is known. A note of a process that has ended is from an earlier holder. */
export function readNote(lockFile: string): LockHolder {
  const note = parse(noteFileOf(lockFile))
  if (note === undefined || (note.host === hostname() && !isRunning(note.pid))) return unknown
  return {
    ...unknown,
    owner: note.owner,
    pid: note.pid,
    since: note.since,
    ageMs: Math.max(0, Date.now() - Date.parse(note.since)),
  }
}

const unknown: LockHolder = { kind: 'session', owner: null, pid: null, since: null, ageMs: null, live: true }

function parse(file: string): Note | undefined {
  try {
    const { owner, pid, host, since } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<keyof Note, unknown>>
    if (typeof owner !== 'string' || typeof host !== 'string' || typeof since !== 'string') return undefined
    return typeof pid === 'number' && !Number.isNaN(Date.parse(since)) ? { owner, pid, host, since } : undefined
  } catch {
    return undefined
  }
}
