import type { MigrationInterface } from 'typeorm'

import type { StatementLimits } from '../dialect/roles/running'
import { AludelError } from '../errors'
import type { Revision } from '../revision/revision'

/** How long statements may wait for table locks, and how long they may run. */
export interface LimitOptions {
  /**
   * Milliseconds that a statement waits for a table lock before its transaction is rolled back and retried;
   * 0: without limit. While it waits for ACCESS EXCLUSIVE, all other sessions that need the table, readers too, wait
   * after it, so this is how long a migration may block an application. Default is 5,000: below the 10 s that
   * strong_migrations recommends (https://github.com/ankane/strong_migrations#migration-timeouts), and longer than the
   * usual transactions of an application. A revision can override it: `lockTimeout = '500ms'`.
   *
   * Statements with CONCURRENTLY wait without limit unless their revision sets one: they block no other session, and
   * a timeout would lose their work.
   */
  readonly tableLockTimeoutMs?: number
  /**
   * Milliseconds after the first failed try in which further tries may start; 0: one try. Applies to lock timeouts,
   * deadlocks, serialization failures and, on SQLite, a locked file. Default is 60,000. GitLab's helper retries for
   * longer with shorter waits (https://docs.gitlab.com/development/migration_style_guide/#retry-mechanism-when-acquiring-database-locks);
   * a deploy needs a result earlier.
   */
  readonly tableLockRetryMs?: number
  /**
   * Milliseconds that one statement may run; 0: no limit. Default: the setting of the role or the database
   * (`ALTER ROLE … SET statement_timeout`), because only the author knows how long an index takes. A revision can
   * override it: `statementTimeout = '30min'`.
   */
  readonly statementTimeoutMs?: number
}

const defaultLimits = { tableLockTimeoutMs: 5000, tableLockRetryMs: 60_000 } as const

/** The limits of one step. Those of its revision override those of the run. */
export interface StepLimits extends StatementLimits {
  readonly retryMs: number
  /** For statements whose waiting blocks no other session. */
  readonly alone: StatementLimits
}

/** The limits of statements that belong to no revision. */
export function limitsOfRun({ tableLockTimeoutMs, statementTimeoutMs }: LimitOptions): StatementLimits {
  return { lockTimeoutMs: tableLockTimeoutMs ?? defaultLimits.tableLockTimeoutMs, statementTimeoutMs }
}

/**
 * The limits of one step, from the options and the fields of its revision.
 *
 * @throws AludelError `ALUDEL_REVISION_INVALID` when `lockTimeout` or `statementTimeout` of the revision is not a duration
 */
export function limitsOf(options: LimitOptions, migration: MigrationInterface, revision: Revision): StepLimits {
  const own = {
    lock: durationOf(migration, revision, 'lockTimeout'),
    statement: durationOf(migration, revision, 'statementTimeout'),
  }
  const statementTimeoutMs = own.statement ?? options.statementTimeoutMs
  return {
    lockTimeoutMs: own.lock ?? options.tableLockTimeoutMs ?? defaultLimits.tableLockTimeoutMs,
    statementTimeoutMs,
    retryMs: options.tableLockRetryMs ?? defaultLimits.tableLockRetryMs,
    alone: { lockTimeoutMs: own.lock ?? 0, statementTimeoutMs },
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
