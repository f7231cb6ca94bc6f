import type { DataSource, DataSourceOptions } from 'typeorm'

import { type ConnectionOptions, only, passive } from '../connection-options'

/**
 * Values of TypeORM's `type`: the package better-sqlite3, and (TypeORM 0.3 only) the package sqlite3. The same SQLite, built
 * with other options, behind other words for the same things:
 *
 * | | better-sqlite3 | sqlite |
 * | --- | --- | --- |
 * | for reading only | `readonly` | `flags` |
 * | waiting for others | `timeout`, 5 s when it is not given | `busyTimeout`, 1 s; 0 counts as not given |
 * | `"x"` where no column is called x | an error | the text x |
 * | an error | `code` with SQLite's extended code | the primary code only, which the message repeats |
 */
export const driverTypes = ['better-sqlite3', 'sqlite'] as const

/** The npm package behind each of them. */
export const packages: Readonly<Record<string, string>> = { 'better-sqlite3': 'better-sqlite3', sqlite: 'sqlite3' }

export const connectionOptions: ConnectionOptions = {
  place: [
    'database',
    'key',
    'enableWAL',
    'verbose',
    ...['readonly', 'fileMustExist', 'timeout'],
    ...['flags', 'busyTimeout', 'busyErrorRetry'],
  ],
  driver: ['driver', 'nativeBinding', 'prepareDatabase', 'statementCacheSize'],
}

/** `OPEN_READONLY` of the package sqlite3, whose constants are those of SQLite. */
const openReadOnly = 1

/** Options to open a file that is there, for reading only, in the words of both drivers. */
export const readOnly = { readonly: true, fileMustExist: true, flags: openReadOnly } as const

/** Options of another DataSource for the same driver: no database yet, no entities, nothing that happens by itself. */
export function siblingOptions(options: DataSourceOptions): Record<string, unknown> {
  return { ...only(options, connectionOptions.driver), ...passive, type: options.type, entities: [] }
}

/** A DataSource of the same TypeORM as the template: the project's, which need not be the one that Aludel would find. */
export function newDataSource(template: DataSource, options: Record<string, unknown>): DataSource {
  const Constructor = template.constructor as new (options: DataSourceOptions) => DataSource
  return new Constructor(options as unknown as DataSourceOptions)
}
