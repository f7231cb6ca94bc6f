import type { DataSourceOptions } from 'typeorm'

import type { ConnectionOptions } from '../connection-options'

/** How a database is reached, through which drivers of TypeORM. */
export interface ConnectionRole {
  /** Values of TypeORM's `type` option that the dialect serves. */
  readonly driverTypes: readonly string[]

  /** Options of a DataSource that are about its connection, and not about what its tables look like. */
  readonly options: ConnectionOptions

  /**
   * True when connecting creates nothing and does not wait long: checking must not create the file of a database that
   * does not exist yet, and a server that does not answer is not waited for.
   */
  isReachable(options: DataSourceOptions): Promise<boolean>

  /** Creates what must be there before a connection can create the rest (SQLite: the folder of its file). */
  makePlace(options: DataSourceOptions): Promise<void>
}
