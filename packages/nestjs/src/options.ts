import type { InitializeOptions, MigratorOptions } from '@aludel/engine'
import type { FactoryProvider, ModuleMetadata, Type } from '@nestjs/common'

/**
 * Options of `AludelModule`: those of a `Migrator` and of `initializeDatabase`, and what only an application decides.
 *
 * @example
 * const options: AludelModuleOptions = { revisions: 'dist/migrations', lockTimeoutMs: 120_000 }
 */
export interface AludelModuleOptions
  extends Omit<MigratorOptions, 'dataSource' | 'readConnection'>, Omit<InitializeOptions, 'listener'> {
  /** The name of the DataSource, as `TypeOrmModule` has it. Default: the DataSource without a name. */
  readonly name?: string
  /**
   * What happens with `migrate: false` when revisions are pending. Default is `warn`.
   *
   * - `warn`: the application starts, and logs a warning.
   * - `fail`: it does not start (`ALUDEL_NOT_AT_HEAD`).
   * - `wait`: it starts when another process has applied them, or fails after `waitTimeoutMs` (`ALUDEL_WAIT_TIMEOUT`).
   */
  readonly behind?: 'warn' | 'fail' | 'wait'
  /** Milliseconds to wait with `behind: 'wait'`. Default is 300,000. */
  readonly waitTimeoutMs?: number
  /**
   * What happens when the database has revisions with no matching file: a later release has migrated it. Default is `warn`, because an
   * old process that is restarted during a release must start. `fail`: the application does not start (`ALUDEL_UNKNOWN_APPLIED`).
   */
  readonly ahead?: 'warn' | 'fail'
  /** Log the progress of runs with Nest's `Logger`. Warnings are always logged. Default is true. */
  readonly logging?: boolean
}

/** A class that makes the options of `AludelModule.forRootAsync`. */
export interface AludelOptionsFactory {
  /**
   * Makes the options.
   *
   * @param name of the DataSource, if it has one
   */
  createAludelOptions(name?: string): Promise<AludelModuleOptions> | AludelModuleOptions
}

/**
 * Where `AludelModule.forRootAsync` takes its options from: one of `useFactory`, `useClass` and `useExisting`.
 *
 * @example
 * const options: AludelModuleAsyncOptions = {
 *   inject: [ConfigService],
 *   useFactory: (config: ConfigService) => ({ revisions: config.getOrThrow('MIGRATIONS') }),
 * }
 */
export interface AludelModuleAsyncOptions
  extends
    Pick<ModuleMetadata, 'imports'>,
    Partial<Pick<FactoryProvider<AludelModuleOptions>, 'useFactory' | 'inject'>> {
  /**
   * The name of the DataSource, as `TypeOrmModule` has it. It is needed before the options are made, so a name in those must be the
   * same. Default: the DataSource without a name.
   */
  readonly name?: string
  /** A class to instantiate. */
  readonly useClass?: Type<AludelOptionsFactory>
  /** A class that one of `imports`, or a global module, provides. */
  readonly useExisting?: Type<AludelOptionsFactory>
}
