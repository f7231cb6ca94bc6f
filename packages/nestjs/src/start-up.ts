import {
  AludelError,
  initializeDatabase,
  type InitializeResult,
  Migrator,
  type MigratorOptions,
  type RunListener,
} from '@aludel/engine'
import { Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { DataSource } from 'typeorm'

import { eventLogger } from './log-events'
import type { AludelModuleOptions } from './options'
import { defaultName } from './tokens'
import { waitForHead } from './wait-for-head'

/**
 * What an `AludelModule` does with one DataSource while the application starts and ends. Nest calls its hooks.
 *
 * The work is done in `onModuleInit`, not in a provider's factory: Nest ends the process when a factory fails, and listens to signals
 * only after all factories. And not in `onApplicationBootstrap`, before which the hooks of other modules may use the tables.
 */
export class StartUp implements OnModuleInit, OnModuleDestroy {
  readonly migrator: Migrator
  readonly #options: AludelModuleOptions
  readonly #dataSource: DataSource
  readonly #logger: Logger
  readonly #ending = new AbortController()
  readonly #common: MigratorOptions
  #run: Promise<void> | undefined
  #state: 'starting' | 'started' | 'ending' = 'starting'

  /** @param name of the DataSource, for the log */
  constructor(name: string, options: AludelModuleOptions, dataSource: DataSource) {
    this.#options = options
    this.#dataSource = dataSource
    this.#logger = new Logger(name === defaultName ? 'Aludel' : `Aludel ${name}`)
    const { signal } = this.#ending
    const log = eventLogger(this.#logger, { progress: options.logging !== false })
    const onEvent: RunListener = (event) => {
      log(event)
      options.onEvent?.(event)
    }
    this.#common = {
      ...options,
      dataSource,
      onEvent,
      signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]),
    }
    this.migrator = new Migrator(this.#common)
  }

  /** `started` when the application may use the database, and does not end yet. */
  get state(): 'starting' | 'started' | 'ending' {
    return this.#state
  }

  async onModuleInit(): Promise<void> {
    this.#run = this.#bringUp()
    await this.#run
    if (this.#state === 'starting') this.#state = 'started'
  }

  /** Stops a run after its current statement, and waits until it has given back what it holds: Nest closes the DataSource next. */
  async onModuleDestroy(): Promise<void> {
    this.#state = 'ending'
    this.#ending.abort()
    // Its error went to whoever called `listen`.
    await this.#run?.catch(() => undefined)
    await this.migrator.close()
  }

  async #bringUp(): Promise<void> {
    const { migrate, behind = 'warn', ahead = 'warn', waitTimeoutMs = 300_000 } = this.#options
    this.#warnOfTypeOrm()
    const waits = migrate === false && behind === 'wait'
    if (waits) {
      await waitForHead(this.migrator, {
        timeoutMs: waitTimeoutMs,
        signal: this.#common.signal,
        onWait: (text) => this.#logger.log(text),
      })
    }
    const result = await initializeDatabase({ ...this.#options, ...this.#common, migrate: waits ? false : migrate })
    if (migrate === false && behind === 'fail') await this.migrator.current({ checkHeads: true })
    if (ahead === 'fail') await this.#refuseAhead()
    if (this.#options.logging !== false) this.#logger.log(doneText(result))
  }

  /** What `@nestjs/typeorm` lets TypeORM do when it connects, before the first revision runs. */
  #warnOfTypeOrm(): void {
    const { synchronize, migrationsRun, dropSchema } = this.#dataSource.options
    const on = Object.entries({ synchronize, migrationsRun, dropSchema }).flatMap(([key, value]) =>
      value ? [key] : [],
    )
    if (on.length === 0) return
    this.#logger.warn(
      `TypeORM changes the database by itself when it connects (${on.join(', ')}), without a lock, a backup or a history: ` +
        'remove that from the options of TypeOrmModule',
    )
  }

  async #refuseAhead(): Promise<void> {
    const { unknown, current, heads } = await this.migrator.current()
    if (unknown.length === 0) return
    throw new AludelError(
      'ALUDEL_UNKNOWN_APPLIED',
      `the database has revisions with no matching file: ${unknown.join(', ')}`,
      {
        help: 'A later release has migrated this database. Start that release, or set `ahead: "warn"`.',
        details: { unknown, current, heads },
      },
    )
  }
}

function doneText({ action, applied, to, upToDate }: InitializeResult): string {
  const place = to.join(', ') || 'base'
  if (!upToDate) return `the database is at ${place}`
  if (action === 'none') return `the database is at head: ${place}`
  return `the database is at head: ${place} (${action}, ${String(applied.length)} applied)`
}
