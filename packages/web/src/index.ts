/**
 * `@aludel/web`: a page and an HTTP API over the migrations of a TypeORM DataSource.
 *
 * @module @aludel/web
 * @packageDocumentation
 */
export type * from './api/types'
