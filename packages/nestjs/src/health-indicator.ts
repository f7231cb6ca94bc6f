import { isAludelError, redact, type WaitStatus } from '@aludel/engine'
import { Inject, Injectable } from '@nestjs/common'
import { ModuleRef } from '@nestjs/core'

import type { StartUp } from './start-up'
import { startUpToken } from './tokens'

/** Options of {@link AludelHealthIndicator.isAtHead}. */
export interface AtHeadOptions {
  /** The name of the DataSource. Default: the DataSource without a name. */
  readonly name?: string
  /** Milliseconds after which a database that does not answer counts as down. Default is 1,000. */
  readonly timeout?: number
}

/** Where the database is, as a health check reports it. */
export interface HeadReport {
  /** `up` if no revision of this application is pending. */
  readonly status: 'up' | 'down'
  /** Why it is down. */
  readonly message?: string
  /** The same for programs: that of `Migrator.wait`, absent if the application starts or ends, or something else is wrong. */
  readonly reason?: WaitStatus['reason']
  /** Applied heads. */
  readonly current?: readonly string[]
  /** Heads of the files. */
  readonly heads?: readonly string[]
  /** Number of revisions that are not applied; absent if none. */
  readonly pending?: number
  /** Revisions with no matching file, which a later release has applied; absent if none. */
  readonly ahead?: readonly string[]
  // A report is a `Record<string, unknown>`, as terminus wants it.
  readonly [more: string]: unknown
}

/** A result for the `HealthCheckService` of `@nestjs/terminus`. */
export type HeadHealth<Key extends string = string> = Record<Key, HeadReport>

/**
 * A health indicator for a readiness probe: up only if no revision of this application is pending. A database that a later release
 * migrates, or has migrated, is up, so that old processes serve until they are replaced.
 *
 * It returns what the `HealthIndicatorService` of `@nestjs/terminus` 11 and later makes, and works without that package as well. Not
 * for a liveness probe: restarting a process does not migrate its database.
 *
 * @example
 * \@Get('ready')
 * \@HealthCheck()
 * ready() {
 *   return this.health.check([() => this.migrations.isAtHead('migrations')])
 * }
 */
@Injectable()
export class AludelHealthIndicator {
  /** Checks that have not been answered yet: a probe joins them instead of taking another connection. */
  readonly #open = new Map<StartUp, Promise<HeadReport>>()

  constructor(@Inject(ModuleRef) private readonly modules: ModuleRef) {}

  /**
   * Asks the database whether it is at head, with two queries at most.
   *
   * @param key under which the result is reported
   */
  async isAtHead<const Key extends string>(key: Key, options: AtHeadOptions = {}): Promise<HeadHealth<Key>> {
    const startUp = this.modules.get<StartUp>(startUpToken(options.name), { strict: false })
    const report = await within(options.timeout ?? 1000, this.#ask(startUp))
    return { [key]: report } as HeadHealth<Key>
  }

  #ask(startUp: StartUp): Promise<HeadReport> {
    const open = this.#open.get(startUp)
    if (open !== undefined) return open
    const asked = reportOf(startUp).finally(() => this.#open.delete(startUp))
    this.#open.set(startUp, asked)
    return asked
  }
}

/**
 * Looks as `aludel migrate wait` does, not as `current`: a later release that is migrating, and whose revision outside a transaction is
 * at work, does not take the old processes out of service.
 */
async function reportOf({ state, migrator }: StartUp): Promise<HeadReport> {
  if (state === 'starting') return { status: 'down', message: 'the application is starting' }
  if (state === 'ending') return { status: 'down', message: 'the application is shutting down' }
  let seen: WaitStatus | undefined
  const onWait = (status: WaitStatus): void => {
    seen = status
  }
  try {
    const { current, heads, unknown } = await migrator.wait({ timeoutMs: 0, onWait })
    return { status: 'up', current, heads, ...(unknown.length === 0 ? {} : { ahead: unknown }) }
  } catch (error) {
    return { status: 'down', ...(seen === undefined ? errorReport(error) : statusReport(seen)) }
  }
}

function statusReport({ reason, message, current, pending }: WaitStatus): Omit<HeadReport, 'status'> {
  return {
    reason,
    message: redact(message),
    ...(current === undefined ? {} : { current }),
    ...(pending === undefined || pending.length === 0 ? {} : { pending: pending.length }),
  }
}

function errorReport(error: unknown): Omit<HeadReport, 'status'> {
  const message = redact(error instanceof Error ? error.message : String(error))
  return { message, ...(isAludelError(error) ? { code: error.code } : {}) }
}

async function within(timeoutMs: number, report: Promise<HeadReport>): Promise<HeadReport> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<HeadReport>((resolve) => {
    timer = setTimeout(
      () => resolve({ status: 'down', message: `timeout of ${String(timeoutMs)}ms exceeded` }),
      timeoutMs,
    )
  })
  return Promise.race([report, late]).finally(() => clearTimeout(timer))
}
