import { AludelError } from '@aludel/engine'
import { type DynamicModule, Module, type Provider } from '@nestjs/common'
import { getDataSourceToken } from '@nestjs/typeorm'
import type { DataSource } from 'typeorm'

import { AludelHealthIndicator } from './health-indicator'
import type { AludelModuleAsyncOptions, AludelModuleOptions, AludelOptionsFactory } from './options'
import { StartUp } from './start-up'
import { defaultName, getMigratorToken, optionsToken, startUpToken } from './tokens'

/**
 * Migrates a DataSource of `@nestjs/typeorm` before the application listens, and provides its `Migrator` and
 * `AludelHealthIndicator`.
 *
 * The module is global: Nest calls the `onModuleInit` of global modules first, so the database is at head before that of any other
 * module is called. `app.listen` and `app.init` wait for it, and reject when it fails, with the error of
 * `initializeDatabase`. Nothing listens then.
 *
 * @example
 * \@Module({
 *   imports: [
 *     TypeOrmModule.forRoot({ type: 'postgres', url: process.env.DATABASE_URL, entities }),
 *     AludelModule.forRoot({ revisions: 'dist/migrations' }),
 *   ],
 * })
 * class AppModule {}
 */
@Module({})
export class AludelModule {
  /**
   * The module with options that are known.
   *
   * @param options `revisions`, and what else is not as by default. For several DataSources, import the module once for each `name`.
   */
  static forRoot(options: AludelModuleOptions): DynamicModule {
    return moduleOf(options.name, [{ provide: optionsToken, useValue: options }])
  }

  /**
   * The module with options that depend on other providers.
   *
   * @throws AludelError `ALUDEL_USAGE` unless there is one of `useFactory`, `useClass` and `useExisting`
   */
  static forRootAsync(options: AludelModuleAsyncOptions): DynamicModule {
    return { ...moduleOf(options.name, optionsProviders(options)), imports: options.imports ?? [] }
  }
}

function moduleOf(name: string = defaultName, options: readonly Provider[]): DynamicModule {
  const migrator = getMigratorToken(name)
  return {
    module: AludelModule,
    global: true,
    providers: [
      ...options,
      {
        provide: startUpToken(name),
        useFactory: (chosen: AludelModuleOptions, dataSource: DataSource) => new StartUp(name, chosen, dataSource),
        inject: [optionsToken, getDataSourceToken(name)],
      },
      { provide: migrator, useFactory: ({ migrator }: StartUp) => migrator, inject: [startUpToken(name)] },
      AludelHealthIndicator,
    ],
    exports: [migrator, AludelHealthIndicator],
  }
}

function optionsProviders({ name, useFactory, inject, useClass, useExisting }: AludelModuleAsyncOptions): Provider[] {
  const given = [useFactory, useClass, useExisting].filter((one) => one !== undefined)
  const factory = useClass ?? useExisting
  if (given.length === 1 && useFactory !== undefined) {
    return [{ provide: optionsToken, useFactory, inject: inject ?? [] }]
  }
  if (given.length !== 1 || factory === undefined) {
    throw new AludelError(
      'ALUDEL_USAGE',
      'AludelModule.forRootAsync needs one of useFactory, useClass and useExisting',
      {
        help: 'For example: AludelModule.forRootAsync({ useFactory: () => ({ revisions: "dist/migrations" }) })',
      },
    )
  }
  return [
    ...(useClass === undefined ? [] : [useClass]),
    {
      provide: optionsToken,
      useFactory: (made: AludelOptionsFactory) => made.createAludelOptions(name),
      inject: [factory],
    },
  ]
}
