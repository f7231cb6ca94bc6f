import type { QueryRunner } from 'typeorm'

import type { Schema } from '../../schema/schema'
import type { Queryable } from '../queryable'

/** What a database reports about itself. Nothing here changes it. */
export interface IntrospectionRole {
  /** The whole schema. */
  read(database: Queryable, options: IntrospectOptions): Promise<Schema>

  /** The database's name (file or database) without credentials, and the server's version. */
  describe(queryRunner: QueryRunner): Promise<DatabaseDescription>

  /** All tables with the number of their rows and their size. */
  tableSizes(queryRunner: QueryRunner): Promise<readonly TableSize[]>

  /** Roughly how many rows a huge table has; null for one that can be counted, and where the database has no estimate. */
  estimateRows(database: Queryable, table: string): Promise<number | null>

  /** How far the slowest replica lags; null when no replica is known. */
  replicationLag(database: Queryable): Promise<ReplicationLag | null>
}

export interface IntrospectOptions {
  /** Tables that are the tool's or TypeORM's own and are left out (history, journal, metadata). */
  readonly ignoreTables: readonly string[]
}

export interface DatabaseDescription {
  readonly name: string
  readonly version: string
}

export interface TableSize {
  readonly name: string
  readonly rows: number
  /** Null where the database cannot tell. */
  readonly bytes: number | null
}

/** How far the slowest replica lags. */
export interface ReplicationLag {
  readonly ms: number
  readonly bytes: number
}
