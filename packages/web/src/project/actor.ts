import { hostname, userInfo } from 'node:os'

/**
 * Who works through this server, as the journal records it: `ana via web@build-3`. The host comes last, because by it the lock tells
 * whether its owner's process runs on this machine.
 *
 * @param user default: the user of this process
 */
export function actorOf(user: string = processUser()): string {
  return `${user} via web@${hostname()}`
}

/** The user that this process runs as. */
export function processUser(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a user id that has no name.
    return `uid${String(process.getuid?.() ?? '')}`
  }
}
