import type { DataSourceOptions, QueryRunner } from 'typeorm'

import type { AludelError } from '../../errors'
import type { ConnectionOptions } from '../connection-options'

/** How to connect to a database, and through which drivers of TypeORM. */
export interface ConnectionRole {
  /** Values of TypeORM's `type` option that the dialect serves. */
  readonly driverTypes: readonly string[]

  /** Names of the DataSource options that concern the connection and not the tables. */
  readonly options: ConnectionOptions

  /**
   * Names of DataSource options, at any depth, that may be functions of the project, and are called while connecting; with a
   * test for errors of theirs that concern the database anyway. All others must not be explained as errors of a server.
   */
  readonly functions: Readonly<Record<string, (error: unknown) => boolean>>

  /**
   * True when connecting creates nothing and does not wait long. A check must not create the file of a missing database,
   * nor wait for a server that does not answer.
   */
  isReachable(options: DataSourceOptions): Promise<boolean>

  /**
   * The error for a database that is not there although connecting would succeed, because connecting would create it; undefined
   * otherwise.
   */
  missing(options: DataSourceOptions): AludelError | undefined

  /** Creates what a connection requires (SQLite: the folder of its file). */
  makePlace(options: DataSourceOptions): Promise<void>

  /**
   * Connects a query runner of an application's DataSource.
   *
   * @throws AludelError `ALUDEL_CONNECT` when others keep all its connections
   */
  connect(queryRunner: QueryRunner): Promise<void>
}
