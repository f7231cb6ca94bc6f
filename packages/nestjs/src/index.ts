/**
 * `@aludel/nestjs`: migrates the database of a NestJS application before the application listens.
 *
 * {@link AludelModule} takes the DataSource of `@nestjs/typeorm`, {@link InjectMigrator} gives its `Migrator`, and
 * {@link AludelHealthIndicator} reports whether the database is at head.
 *
 * @module @aludel/nestjs
 * @packageDocumentation
 */
export { AludelModule } from './aludel.module'
export { AludelHealthIndicator, type AtHeadOptions, type HeadHealth, type HeadReport } from './health-indicator'
export { getMigratorToken, InjectMigrator } from './tokens'
export type { AludelModuleAsyncOptions, AludelModuleOptions, AludelOptionsFactory } from './options'

// So that an application needs no dependency on the engine to inject one and to recognize its errors.
export { AludelError, isAludelError, Migrator } from '@aludel/engine'
