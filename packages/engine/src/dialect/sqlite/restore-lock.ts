import type { DataSource } from 'typeorm'

import { AludelError } from '../../errors'
import type { Queryable } from '../queryable'
import { type ConnectedSession, sessionText } from '../roles/restore'
import { errorCode, isBusy } from './errors'

/** Milliseconds to wait for a transaction of somebody else before the file is replaced. */
const patience = 5000

/** The old file, which nobody else can read or write, with nothing beside it that belongs to it. */
export class LockedFile {
  private constructor(
    readonly wasWal: boolean,
    /** Undefined if SQLite cannot read the file: then nobody else can either. */
    private readonly database: DataSource | undefined,
  ) {}

  /** @throws AludelError `ALUDEL_CONNECTED` when somebody is in a transaction, or connected in WAL mode */
  static async lock(
    connect: () => Promise<DataSource>,
    file: string,
    others: () => Promise<readonly ConnectedSession[]>,
  ): Promise<LockedFile> {
    let database: DataSource | undefined
    let wasWal = false
    try {
      database = await connect()
      await database.query(`PRAGMA busy_timeout = ${String(patience)}`)
      wasWal = (await pragma(database, 'journal_mode')) === 'wal'
      // Only the last connection can leave WAL mode, and writes the whole WAL into the file. If this process is killed before the
      // rename, the old database stays without the mode: it is whole, and whoever needs the mode sets it.
      if (wasWal) await database.query('PRAGMA journal_mode = DELETE')
      await database.query('BEGIN EXCLUSIVE')
      if ((await pragma(database, 'journal_mode')) === 'wal') throw Object.assign(new Error(), { code: 'SQLITE_BUSY' })
      return new LockedFile(wasWal, database)
    } catch (error) {
      if (database?.isInitialized === true) await database.destroy().catch(() => undefined)
      if (isUnreadable(error)) return new LockedFile(wasWal, undefined)
      throw isBusy(error) ? inUse(file, await others()) : error
    }
  }

  /** Gives a file that was not replaced its mode back. Never throws. */
  async undo(): Promise<void> {
    try {
      await this.database?.query('ROLLBACK')
      if (this.wasWal) await this.database?.query('PRAGMA journal_mode = WAL')
    } catch {
      // The file is whole, whatever its mode.
    }
  }

  async close(): Promise<void> {
    // Ends the transaction, which has changed nothing.
    if (this.database?.isInitialized === true) await this.database.destroy().catch(() => undefined)
  }
}

function inUse(file: string, others: readonly ConnectedSession[]): AludelError {
  return connectedError(file, others.length > 0 ? others : [unknownProcess])
}

const unknownProcess: ConnectedSession = {
  pid: null,
  user: null,
  application: null,
  client: null,
  canBeEnded: false,
}

/** The refusal to replace a file that others use. */
export function connectedError(file: string, others: readonly ConnectedSession[]): AludelError {
  return new AludelError(
    'ALUDEL_CONNECTED',
    `${JSON.stringify(file)} is in use by ${others.map(sessionText).join(', ')}`,
    {
      help: [
        'Nothing was changed. Stop them, then restore again: whoever has the old file open does not see the new one.',
        ...(others.every(({ canBeEnded }) => canBeEnded)
          ? ['--disconnect replaces it anyway: their next statement fails, and they must open the file again.']
          : ['--disconnect cannot end them: SQLite has no server that could.']),
      ].join('\n'),
      details: { database: file, sessions: others },
    },
  )
}

/** True if SQLite cannot read a file. */
export function isUnreadable(error: unknown): boolean {
  return /^SQLITE_(?:NOTADB|CORRUPT)/.test(errorCode(error))
}

/** The value of a pragma. */
export async function pragma(database: Queryable, name: string): Promise<unknown> {
  const [row] = (await database.query(`PRAGMA ${name}`)) as Record<string, unknown>[]
  return Object.values(row ?? {})[0]
}
