import type { QueryRunner } from 'typeorm'

import type { Schema } from '../../schema/schema'
import type { Queryable } from '../queryable'

/** Reads information about a database, without changing it. */
export interface IntrospectionRole {
  /** The whole schema. */
  read(database: Queryable, options: IntrospectOptions): Promise<Schema>

  /** A text that changes whenever a schema that {@link read} would return may have changed; cheap. */
  mark(database: Queryable): Promise<string>

  /** The database's name (file or database) without credentials, and the server's version. */
  describe(queryRunner: QueryRunner): Promise<DatabaseDescription>

  /** The names of all tables that the user may read, as they are displayed; cheap. */
  tableNames(database: Queryable): Promise<readonly string[]>

  /** All tables with their row counts and sizes. */
  tableSizes(queryRunner: QueryRunner): Promise<readonly TableSize[]>

  /**
   * What some tables probably hold, without counting them; cheap, and without waiting for who has locked one.
   *
   * @param tables as they are displayed; those that do not exist are left out
   */
  estimateSizes(database: Queryable, tables: readonly string[]): Promise<readonly TableEstimate[]>

  /** The estimated number of rows of a huge table; null for a table that can be counted, and without an estimate. */
  estimateRows(database: Queryable, table: string): Promise<number | null>

  /**
   * The views and triggers that the database cannot compile. Empty where the database itself refuses to drop what they
   * read (PostgreSQL).
   */
  brokenObjects(database: Queryable): Promise<readonly BrokenObject[]>

  /** The lag of the slowest replica; null when no replica is known. */
  replicationLag(database: Queryable): Promise<ReplicationLag | null>

  /** The objects that `read` leaves out although they belong to the schema of a project: no operation creates them. */
  unreadObjects(database: Queryable): Promise<readonly UnreadObject[]>
}

/** An object that is never compared. */
export interface UnreadObject {
  /** In words: `composite type`. */
  readonly kind: string
  /** With the schema where it is not the default one. */
  readonly name: string
}

export interface IntrospectOptions {
  /** Tables of this tool or of TypeORM to leave out (history, journal, metadata). */
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

/** The probable size of a table. */
export interface TableEstimate {
  readonly name: string
  /** Null if there is no estimate: nothing has analyzed the table, and it is too large to be counted. */
  readonly rows: number | null
  /** With its indexes; null where the database cannot tell. */
  readonly bytes: number | null
}

/** A view or trigger that does not compile. */
export interface BrokenObject {
  readonly kind: 'view' | 'trigger'
  readonly name: string
  /** The table or view of a trigger. */
  readonly table?: string
  /** The words of the database: `no such column: k`. */
  readonly error: string
}

/** The lag of the slowest replica. */
export interface ReplicationLag {
  readonly ms: number
  readonly bytes: number
}
