import {
  initializeDatabase,
  type InitializeResult,
  Migrator,
  type MigratorOptions,
  type RunListener,
  type WaitStatus,
} from '@aludel/engine'
import { Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { DataSource } from 'typeorm'

import { eventLogger } from './log-events'
import type { AludelModuleOptions } from './options'
import { defaultName } from './tokens'

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
    const { migrate, behind = 'warn', ahead = 'warn', waitTimeoutMs, expectHead } = this.#options
    this.#warnOfTypeOrm()
    if (migrate === false && behind === 'wait') await this.#waitForOthers(waitTimeoutMs)
    const result = await initializeDatabase({
      ...this.#options,
      ...this.#common,
      // `heads` are those of the files: only the database is compared.
      ...(ahead === 'fail' ? { expectHead: expectHead ?? 'heads' } : {}),
    })
    if (migrate === false && behind === 'fail') await this.migrator.current({ checkHeads: true })
    if (this.#options.logging !== false) this.#logger.log(doneText(result))
  }

  async #waitForOthers(timeoutMs: number | undefined): Promise<void> {
    let last: string | undefined
    const onWait = ({ message }: WaitStatus): void => {
      if (message !== last) this.#logger.log(`waiting for another process to migrate: ${message}`)
      last = message
    }
    await this.migrator.wait({ onWait, ...(timeoutMs === undefined ? {} : { timeoutMs }) })
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
}

function doneText({ action, applied, to, upToDate }: InitializeResult): string {
  const place = to.join(', ') || 'base'
  if (!upToDate) return `the database is at ${place}`
  if (action === 'none') return `the database is at head: ${place}`
  return `the database is at head: ${place} (${action}, ${String(applied.length)} applied)`
}
