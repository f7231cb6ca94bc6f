import { hostname } from 'node:os'

/** True if a process with this number runs on this host, under any user. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs under another user.
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'EPERM'
  }
}

/**
 * Whether the process of an owner `user@host` runs; undefined if it belongs to another host, where nobody can look from
 * here.
 */
export function runsHere(owner: string | null, pid: number | null): boolean | undefined {
  if (owner === null || pid === null || owner.slice(owner.lastIndexOf('@') + 1) !== hostname()) return undefined
  return isRunning(pid)
}
