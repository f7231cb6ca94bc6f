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

/** What a run needs of whoever starts it. Nothing of it changes while it runs. */
export interface RunSettings {
  readonly dialect: Dialect
  /** Where a new connection comes from should the one of `queryRunner` be lost during COMMIT. */
  readonly dataSource: DataSource
  /** The session that does the work; the lock has another, where there is room for one. The caller releases it. */
  readonly queryRunner: QueryRunner
  readonly history: History
  /** Loads a revision's file: once for each step that runs, before the first statement, and again for another try. */
  readonly load: (revision: Revision) => Promise<MigrationInterface>
  /** What the journal keeps of a step's file. */
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

/** The lock under which everything is done that changes a database. */
export interface LockSettings {
  /** What is locked: one name for one history table. */
  readonly key: string
  /** Milliseconds to wait for it. 0: try once. */
  readonly timeoutMs: number
  readonly kind: LockKind
  /** Milliseconds that a lease lasts without a heartbeat; undefined: the default. */
  readonly leaseMs: number | undefined
}

/** What one call may set for itself; the rest is the project's. */
export interface OwnSettings extends LimitOptions {
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
  const history = await context.connection.history()
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
    limits: withoutUndefined({
      tableLockTimeoutMs: own.tableLockTimeoutMs ?? options.tableLockTimeoutMs,
      tableLockRetryMs: own.tableLockRetryMs ?? options.tableLockRetryMs,
      statementTimeoutMs: own.statementTimeoutMs ?? options.statementTimeoutMs,
    }),
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
      // Its own matter.
    }
  }
}

function withoutUndefined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
