import type { DataSource, MigrationInterface, QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { LockKind } from '../dialect/roles/locks'
import { recordedChecksum } from '../files/checksum'
import type { History } from '../history/history'
import type { MigratorContext } from '../project/context'
import type { RunListener } from '../project/events'
import type { LimitOptions } from '../project/limits'
import type { Revision } from '../revision/revision'
import { toolVersion } from '../version'

/** The settings of a run; none of them changes while it runs. */
export interface RunSettings {
  readonly dialect: Dialect
  /** Gives a new connection if the one of `queryRunner` is lost during COMMIT. */
  readonly dataSource: DataSource
  /** The session that does the work; the lock uses another if the pool has room. The caller releases it. */
  readonly queryRunner: QueryRunner
  readonly history: History
  /** Loads a revision's file: once for each step, before the first statement, and again for each retry. */
  readonly load: (revision: Revision) => Promise<MigrationInterface>
  /** The checksum of a step's file, for the journal. */
  readonly checksumOf: (revision: Revision) => Promise<string>
  readonly lock: LockSettings
  /** How long statements may wait for tables and run. */
  readonly limits: LimitOptions
  readonly emit: RunListener
  readonly now: () => Date
  /** `user@host`, for the journal. */
  readonly actor: string
  readonly toolVersion: string
  /** Stops the run before its next statement. */
  readonly signal: AbortSignal | undefined
}

/** The lock that is held during every change of a database. */
interface LockSettings {
  /** The name of the history table. */
  readonly key: string
  /** Milliseconds to wait for it. 0: try once. */
  readonly timeoutMs: number
  readonly kind: LockKind
  /** Milliseconds that a lease lasts without a heartbeat; undefined: the default. */
  readonly leaseMs: number | undefined
}

/** Settings of one call, which override those of the project. */
interface OwnSettings extends LimitOptions {
  readonly lockTimeoutMs?: number
  readonly lock?: LockKind
}

/** The settings of a run of this project on `queryRunner`. */
export async function settingsOf(
  context: MigratorContext,
  dialect: Dialect,
  queryRunner: QueryRunner,
  own: OwnSettings = {},
): Promise<RunSettings> {
  const { options } = context
  const history = await (await context.connection.history()).located(queryRunner)
  return {
    dialect,
    dataSource: await context.connection.dataSource(),
    queryRunner,
    history,
    load: context.revisions.load,
    checksumOf: recordedChecksum,
    lock: {
      key: history.table,
      timeoutMs: own.lockTimeoutMs ?? options.lockTimeoutMs ?? 30_000,
      kind: own.lock ?? options.lock ?? 'session',
      leaseMs: options.leaseMs,
    },
    limits: {
      tableLockTimeoutMs: own.tableLockTimeoutMs ?? options.tableLockTimeoutMs,
      tableLockRetryMs: own.tableLockRetryMs ?? options.tableLockRetryMs,
      statementTimeoutMs: own.statementTimeoutMs ?? options.statementTimeoutMs,
    },
    emit: quietly(context.reporter.emit),
    now: () => context.now(),
    actor: context.actor,
    toolVersion,
    signal: context.signal,
  }
}

/** A listener that fails must not fail the run. */
export function quietly(listener: RunListener): RunListener {
  return (event) => {
    try {
      listener(event)
    } catch {
      // The listener has to handle its own errors.
    }
  }
}
