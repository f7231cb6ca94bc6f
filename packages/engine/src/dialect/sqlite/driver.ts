import type { DataSource, DataSourceOptions } from 'typeorm'

import { type ConnectionOptions, only, passive } from '../connection-options'

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
