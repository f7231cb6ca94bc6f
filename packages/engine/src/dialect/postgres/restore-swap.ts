import { setTimeout as wait } from 'node:timers/promises'

import type { DataSource, QueryRunner } from 'typeorm'

import { AludelError, isAludelError } from '../../errors'
import type { Queryable } from '../queryable'
import { type ConnectedSession, sessionText } from '../roles/restore'
import { errorText, sqlStateOf } from './errors'
import { quote } from './names'
import { type Users, usersOf } from './restore-server'

/** `object_in_use` */
const inUse = '55006'
/** `insufficient_privilege` */
const forbidden = '42501'

/** Milliseconds between two rounds of ending sessions. */
const endInterval = 50

/** How often a rename is tried; the server waits five seconds for sessions to end each time. */
const maxTries = 3

interface Swap {
  /** What was restored. */
  readonly fresh: string
  /** The name that it gets. */
  readonly name: string
  /** The database that has the name now, and its later name; undefined if there is none. */
  readonly old: { readonly name: string; readonly kept: string } | undefined
  /** Whether its sessions are ended. */
  readonly disconnect: boolean
}

/**
 * Gives `fresh` the name of `old`, in one transaction.
 *
 * RENAME locks out new sessions first, then waits five seconds for the others to leave. They are ended meanwhile, from a second
 * session, so that nobody comes back in between; and if this process dies, the transaction and its lock end with it: there is no
 * state to undo. See `RenameDatabase` and `CountOtherDBBackends` in the server's sources.
 *
 * @throws AludelError `ALUDEL_CONNECTED`, `ALUDEL_LOCKED` when a migrator has come, `ALUDEL_RESTORE`; nothing was changed then
 */
export async function swapNames(session: QueryRunner, admin: DataSource, swap: Swap): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await rename(session, admin, swap)
      return
    } catch (error) {
      if (sqlStateOf(error) !== inUse || swap.old === undefined) {
        if (isAludelError(error)) throw error
        throw new AludelError('ALUDEL_RESTORE', `"${swap.name}" could not be replaced: ${errorText(error)}`, {
          help: 'Nothing was changed.',
          cause: error,
        })
      }
      const users = await usersOf(session, swap.old.name)
      // A session may have ended right after the server gave up.
      const isOver = tries >= maxTries || !swap.disconnect
      if (isOver && (tries >= maxTries || count(users) > 0)) throw connectedError(swap.old.name, connected(users))
    }
  }
}

function count({ sessions, prepared }: Users): number {
  return sessions.length + prepared.length
}

async function rename(session: QueryRunner, admin: DataSource, { fresh, name, old, disconnect }: Swap): Promise<void> {
  await session.query('BEGIN')
  try {
    if (old !== undefined) {
      const renaming = session.query(`ALTER DATABASE ${quote(old.name)} RENAME TO ${quote(old.kept)}`)
      await (disconnect ? whileEnding(renaming, admin, old.name) : renaming)
    }
    // Nobody but this restore knows its name: sessions on it are ours, kept open by a pooler in session mode.
    await whileEnding(session.query(`ALTER DATABASE ${quote(fresh)} RENAME TO ${quote(name)}`), admin, fresh)
    await session.query('COMMIT')
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

/** Ends the sessions of a database until it is renamed. */
async function whileEnding(renaming: Promise<unknown>, admin: DataSource, database: string): Promise<void> {
  let isDone = false
  const done = renaming.finally(() => {
    isDone = true
  })
  // Handled below, also if ending fails first.
  done.catch(() => undefined)
  const side = admin.createQueryRunner()
  try {
    await Promise.race([done, wait(endInterval)])
    while (!isDone) {
      await endSessions(side, database)
      await Promise.race([done, wait(endInterval)])
    }
  } catch (error) {
    // Waits for the answer of the server, which comes after five seconds at most.
    await done.catch(() => undefined)
    throw error
  } finally {
    await side.release()
  }
  await done
}

/** @throws AludelError `ALUDEL_LOCKED` rather than end a run; `ALUDEL_PERMISSION` */
async function endSessions(side: Queryable, database: string): Promise<void> {
  const { sessions } = await usersOf(side, database)
  const migrator = sessions.find(({ isMigrator }) => isMigrator)
  if (migrator !== undefined) {
    throw new AludelError('ALUDEL_LOCKED', `${sessionText(migrator)} is migrating "${database}"`, {
      help: 'Nothing was changed. Wait until it has ended, then restore again.',
      details: { database },
    })
  }
  for (const one of sessions) {
    try {
      await side.query('SELECT pg_terminate_backend($1)', [one.pid])
    } catch (error) {
      if (sqlStateOf(error) !== forbidden) throw error
      throw new AludelError('ALUDEL_PERMISSION', `${sessionText(one)} cannot be ended: ${errorText(error)}`, {
        help: `Nothing was changed. End it as a superuser, or grant the right: GRANT pg_signal_backend TO CURRENT_ROLE`,
        details: { database },
        cause: error,
      })
    }
  }
}

/** The users of a database as a restore reports them. */
export function connected({ sessions, prepared }: Users): readonly ConnectedSession[] {
  return [
    ...sessions.map(({ isMigrator: _is, ...session }) => session),
    ...prepared.map((gid) => ({
      ...{ pid: null, user: null, client: null, canBeEnded: false },
      application: `prepared transaction ${gid}`,
    })),
  ]
}

/** The refusal to replace a database that others use. */
export function connectedError(database: string, others: readonly ConnectedSession[]): AludelError {
  const shown = others.slice(0, 8).map(sessionText)
  const more = others.length > shown.length ? ` and ${String(others.length - shown.length)} more` : ''
  const who = others.length === 0 ? 'others' : shown.join(', ') + more
  const canEnd = others.every(({ canBeEnded }) => canBeEnded)
  return new AludelError('ALUDEL_CONNECTED', `"${database}" is in use by ${who}`, {
    help: canEnd
      ? 'Nothing was changed. Stop them, or end their sessions: --disconnect'
      : 'Nothing was changed. Wait until they have ended: --disconnect ends neither migrators nor prepared transactions.',
    details: { database, sessions: others },
  })
}
