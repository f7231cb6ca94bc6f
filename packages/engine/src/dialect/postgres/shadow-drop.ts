import { setTimeout as wait } from 'node:timers/promises'

import type { DataSource } from 'typeorm'

import { quote } from './names'

/** Number of checks, and milliseconds between them, whether the sessions of a database have ended before it is dropped. */
const maxChecks = 20
const checkMs = 5

export async function dropDatabase(admin: DataSource, name: string): Promise<void> {
  await awaitNoSessions(admin, name)
  await admin.query(`DROP DATABASE IF EXISTS ${quote(name)} WITH (FORCE)`)
}

/**
 * Waits a moment for the sessions to end that were just closed. When a session is left, DROP DATABASE checks again only
 * after a tenth of a second.
 */
export async function awaitNoSessions(admin: DataSource, name: string): Promise<void> {
  for (let checks = 0; checks < maxChecks; checks++) {
    const sessions = await admin.query<unknown[]>(
      'SELECT FROM pg_catalog.pg_stat_activity WHERE datname = $1 LIMIT 1',
      [name],
    )
    if (sessions.length === 0) return
    await wait(checkMs)
  }
}
