import { randomBytes } from 'node:crypto'
import { cpSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import { Client } from 'pg'

import { type EmbeddedServer, startEmbedded } from '../../packages/engine/src/dialect/postgres/embedded'
import { queryPostgres } from './databases'
import { serve, type StartedServer } from './serve'

/** A primary server, and a read-only standby that follows it. */
export interface Pair {
  /** The URL of the superuser on the database `postgres`. */
  readonly primary: string
  readonly standby: string
  /** Resolves when the standby has replayed everything that the primary had written by the time of the call. */
  followed(): Promise<void>
  /** Stops both and deletes their files. */
  close(): Promise<void>
}

/** Each commit is flushed to the log, so that tests can wait for the standby. */
const replication = { wal_level: 'logical', max_wal_senders: '4', wal_keep_size: '64MB', synchronous_commit: 'on' }

/** Starts a primary and a hot standby that streams from it. */
export async function startPair(): Promise<Pair> {
  const primary = await startEmbedded(replication)
  try {
    const follower = await startStandby(primary)
    const urls = { primary: urlOf(primary), standby: urlOf({ ...primary, port: follower.port }) }
    return {
      ...urls,
      followed: async () => {
        const [at] = await queryPostgres('SELECT pg_current_wal_flush_lsn()::text AS lsn', urls.primary)
        const behind = `SELECT pg_last_wal_replay_lsn() < '${String(at?.['lsn'])}'::pg_lsn AS behind`
        while ((await queryPostgres(behind, urls.standby))[0]?.['behind'] !== false)
          await new Promise((resolve) => setTimeout(resolve, 10))
      },
      close: async () => {
        await follower.close()
        await primary.close()
      },
    }
  } catch (error) {
    await primary.close()
    throw error
  }
}

function urlOf({ username, password, host, port, database }: Omit<EmbeddedServer, 'close'>): string {
  return `postgres://${username}:${password}@${host}:${String(port)}/${database}`
}

async function startStandby(primary: EmbeddedServer): Promise<StartedServer> {
  const follows = `host=${primary.host} port=${String(primary.port)} user=${primary.username} password=${primary.password}`
  return serve((data) => copyFrom(primary, data), { ...replication, hot_standby: 'on', primary_conninfo: follows })
}

/** https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP */
async function copyFrom(primary: EmbeddedServer, data: string): Promise<void> {
  const client = new Client({ connectionString: urlOf(primary) })
  await client.connect()
  try {
    const { rows } = await client.query<{ folder: string }>(`SELECT current_setting('data_directory') AS folder`)
    const from = rows[0]?.folder ?? ''
    await client.query(`SELECT pg_backup_start('${randomBytes(4).toString('hex')}', true)`)
    const left = ['postmaster.pid', 'postmaster.opts'].map((name) => path.join(from, name))
    // Copying a thousand small files one by one takes a third of the processor time of `cp`.
    cpSync(from, data, { recursive: true, filter: (file) => !left.includes(file) })
    const ended = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)')
    await writeFile(path.join(data, 'backup_label'), ended.rows[0]?.labelfile ?? '')
    await writeFile(path.join(data, 'standby.signal'), '')
  } finally {
    await client.end()
  }
}
