import type { DataSource, DataSourceOptions } from 'typeorm'

import { type ConnectionOptions, only, passive } from '../connection-options'
import { constructDataSource } from '../driver-error'

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

/** Options that open an existing file for reading only, for both drivers. */
export const readOnly = { readonly: true, fileMustExist: true, flags: openReadOnly } as const

/** Options of another DataSource for the same driver: without a database, entities, or anything that runs automatically. */
export function siblingOptions(options: DataSourceOptions): Record<string, unknown> {
  return { ...only(options, connectionOptions.driver), ...passive, type: options.type, entities: [] }
}

/** A DataSource of the same TypeORM as the template, which is the project's and may differ from the one that Aludel finds. */
export function newDataSource(template: DataSource, options: Record<string, unknown>): DataSource {
  return constructDataSource(template, options as unknown as DataSourceOptions)
}
