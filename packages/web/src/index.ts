/**
 * `@aludel/web`: a page and an HTTP API over the migrations of a TypeORM DataSource.
 *
 * {@link createServer} makes a server of its own, {@link aludelWeb} is a plugin for an application with Fastify.
 *
 * @module @aludel/web
 * @packageDocumentation
 */
export type * from './api/types'
export type { Authentication, PluginOptions, ServerOptions, WebOptions } from './options'
export { aludelWeb } from './plugin'
export type { ReviewSource } from './review-source'
export type { SessionTimes } from './security/sessions'
export { isLoopback } from './security/addresses'
export { chosenToken } from './security/token'
export { createServer, defaultPort, type WebServer } from './server'
