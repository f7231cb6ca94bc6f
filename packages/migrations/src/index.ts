/**
 * `@aludel/migrations`: the revisions of the entities of `@aludel/models`.
 *
 * @module @aludel/migrations
 * @packageDocumentation
 */
import path from 'node:path'

/**
 * The directory of the compiled revisions of the Aludel entities, one file a revision.
 *
 * @example
 * // with Aludel
 * await initializeDatabase({ dataSource, revisions: revisionsDirectory })
 *
 * @example
 * // with TypeORM's own runner: every revision is a valid TypeORM migration
 * new DataSource({ type: 'postgres', entities, migrations: [`${revisionsDirectory}/*.js`] })
 */
export const revisionsDirectory: string = path.join(__dirname, 'revisions')
