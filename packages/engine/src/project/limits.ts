import type { MigrationInterface } from 'typeorm'

import type { StatementLimits } from '../dialect/roles/running'
import { AludelError } from '../errors'
import type { Revision } from '../revision/revision'

/** How long statements may wait for tables and run. */
export interface LimitOptions {
  /**
   * Milliseconds that a statement waits for the lock on a table before its transaction is rolled back and tried again;
   * 0: for ever. While it waits for ACCESS EXCLUSIVE everybody else who wants the table, readers too, waits behind it,
   * so this is how long a migration may hold up an application. Default 5000: below the 10 s that strong_migrations
   * recommends (https://github.com/ankane/strong_migrations#migration-timeouts), and long enough to outlast the ordinary
   * transactions of an application. A revision may have its own: `lockTimeout = '500ms'`.
   *
   * Statements that say CONCURRENTLY wait without limit, unless their revision says otherwise: nobody waits behind them,
   * and what they have done so far would be lost.
   */
  readonly tableLockTimeoutMs?: number
  /**
   * Milliseconds, from the first refused try on, in which further tries begin; 0: one try. Applies to lock timeouts,
   * deadlocks, serialization failures and, on SQLite, a file that is in use. Default 60,000. GitLab's helper goes on for
   * longer with shorter waits (https://docs.gitlab.com/development/migration_style_guide/#retry-mechanism-when-acquiring-database-locks);
   * a deploy rather wants an answer.
   */
  readonly tableLockRetryMs?: number
  /**
   * Milliseconds that one statement may run; 0: no limit. Default: what the role or the database has
   * (`ALTER ROLE … SET statement_timeout`), because nobody but the author knows how long an index takes. A revision may
   * have its own: `statementTimeout = '30min'`.
   */
  readonly statementTimeoutMs?: number
}

export const defaultLimits = { tableLockTimeoutMs: 5000, tableLockRetryMs: 60_000 } as const

/** The limits of one step, those that its revision has given itself before those of the run. */
export interface StepLimits extends StatementLimits {
  readonly retryMs: number
  /** For statements that wait without anybody having to wait for them. */
  readonly alone: StatementLimits
}

/**
 * @throws AludelError `ALUDEL_REVISION_INVALID` when the revision has a `lockTimeout` or `statementTimeout` that is no duration
 */
export function limitsOf(options: LimitOptions, migration: MigrationInterface, revision: Revision): StepLimits {
  const own = {
    lock: durationOf(migration, revision, 'lockTimeout'),
    statement: durationOf(migration, revision, 'statementTimeout'),
  }
  const statement = own.statement ?? options.statementTimeoutMs
  const rest = statement === undefined ? {} : { statementTimeoutMs: statement }
  return {
    lockTimeoutMs: own.lock ?? options.tableLockTimeoutMs ?? defaultLimits.tableLockTimeoutMs,
    ...rest,
    retryMs: options.tableLockRetryMs ?? defaultLimits.tableLockRetryMs,
    alone: { lockTimeoutMs: own.lock ?? 0, ...rest },
  }
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, m: 60_000, h: 3_600_000 }

function durationOf(migration: MigrationInterface, revision: Revision, field: string): number | undefined {
  const value: unknown = Reflect.get(migration, field)
  if (value === undefined || value === null) return undefined
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h)$/.exec(text) ?? []
  const factor = units[unit]
  if (typeof value === 'string' && digits !== undefined && factor !== undefined)
    return Math.round(Number(digits) * factor)
  if (value === 0 || value === '0') return 0
  throw new AludelError(
    'ALUDEL_REVISION_INVALID',
    `revision ${revision.id} has an invalid duration for ${field}: ${text} (${revision.path})`,
    {
      help: `Write for example ${field} = '500ms', '10s', '30min' or '2h'; '0' for no limit.`,
      details: { revision: revision.id, path: revision.path, field },
    },
  )
}
