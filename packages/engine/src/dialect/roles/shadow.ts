import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm'

import type { Column, Schema } from '../../schema/schema'
import type { DialectName } from '../registry'

/** Scratch databases, to build entities, replay revisions and prove statements in. */
export interface ShadowRole {
  /**
   * A server for scratch databases: in memory, configured, or started for this purpose.
   *
   * @throws AludelError when none is available and none can be started
   */
  open(options: ShadowOptions): Promise<ShadowServer>

  /** Whether scratch databases are made elsewhere than on the server of the database itself: in memory, or on another server. */
  isApart(options: Pick<ShadowOptions, 'template' | 'url'>): boolean

  /**
   * Creates the tables of the entities in a shadow, with TypeORM's own schema sync. Works around bugs of TypeORM where
   * possible (a quote in a default, an enum type in another schema).
   */
  createEntities(dataSource: DataSource): Promise<void>

  /**
   * Does something on a shadow, whose definitions may travel together: a server answers each of hundreds, and nobody needs the
   * answers. A failure may so be that of an earlier statement: if some did, the caller does the same again one by one.
   *
   * @returns the failure; never throws
   */
  together(queryRunner: QueryRunner, work: () => Promise<unknown>): Promise<Together>

  /** Statements that drop all objects that entities describe (tables, views, enums), with their dependents. */
  dropEntityObjects(schema: Schema): readonly string[]

  /**
   * True for a default that is a text, but that the database evaluates once, when the column is created: the text
   * `'now()'` of a time in PostgreSQL. Each shadow database has another value for it.
   */
  evaluatesOnce(type: string, text: string): boolean

  /**
   * An SQL value for a column of a sample row.
   *
   * @param seed another seed gives another value
   * @param stored the type that the column has in the database, where `column` has the one that the value must fit later
   * @returns null when the type of the column is not supported
   */
  sampleValue(column: Column, schema: Schema, seed: number, stored?: string): { readonly sql: string } | null

  /** True where rows may reference none, although a key forbids it: a connection of SQLite need not check keys. */
  readonly mayHaveOrphans: boolean

  /**
   * SQL values that rows of production may have in a column, and those of a developer hardly ever: an empty text, a number below
   * zero, a JSON `null`.
   *
   * @param becomes the column after a change of its type: then also values at the edges of the type, and those that the new type
   *   refuses or reads in its own way
   * @returns nothing for a type that is not supported; some of the values may be refused by the database
   */
  hostileValues(column: Column, schema: Schema, becomes?: Column): readonly string[]
}

/** See {@link ShadowRole.together}. */
export interface Together {
  /** The number of statements that did not wait for their answer. */
  readonly joined: number
  readonly error?: unknown
}

/** {@link ShadowRole.together} of a database without a network. */
export async function oneByOne(_queryRunner: QueryRunner, work: () => Promise<unknown>): Promise<Together> {
  try {
    await work()
    return { joined: 0 }
  } catch (error) {
    return { joined: 0, error }
  }
}

/** A place for scratch databases of one dialect. */
export interface ShadowServer {
  readonly dialect: DialectName
  /**
   * What decides, besides revisions and entities, what is made in its databases: the version of the server, and where it matters the
   * schemas in which names are found. Part of the cache keys of introspected schemas.
   */
  readonly setting: string
  /**
   * A DataSource with the options of the databases here, which knows the entities and is not connected.
   *
   * @throws whatever TypeORM throws for entities that it rejects
   */
  describe(): Promise<{ readonly dataSource: DataSource; readonly options: Partial<DataSourceOptions> }>
  /**
   * An initialized DataSource on a new, empty database.
   *
   * @param overrides options that replace those of the template (for example `entities`)
   */
  open(overrides?: Partial<DataSourceOptions>): Promise<ShadowDatabase>
  /**
   * As {@link open}, but stored as a live database is: where a database is a file, on the disk of that file.
   *
   * @param file the file of the live database; absent where a database is not one
   */
  openBeside(file?: string): Promise<ShadowDatabase>
  /**
   * Keeps a database as it is, as the origin of copies. The database itself is disconnected, and is not to be used any more.
   *
   * @returns undefined where none can be copied; nothing was done to the database then
   */
  keep(database: ShadowDatabase): Promise<ShadowOrigin | undefined>
  /** Stops a server that was started for it and removes all leftovers. Never throws. */
  close(): Promise<void>
}

/** A database that is kept as it was. */
export interface ShadowOrigin {
  /** A new database with the same content, and an initialized DataSource on it. */
  copy(): Promise<ShadowDatabase>
  /** Removes the origin; its copies stay. Never throws. */
  drop(): Promise<void>
}

export interface ShadowDatabase {
  readonly dataSource: DataSource
  /** Disconnects and removes the database. Never throws. */
  drop(): Promise<void>
  /** Returns the database to the server for reuse after it is emptied, or removes it. Never throws. */
  giveBack(): Promise<void>
}

export interface ShadowOptions {
  /** Provides the constructor, the entities, the naming strategy and so on; its connection only when it has this dialect. */
  readonly template: DataSource
  /** A server to use instead, for example from `DATABASE_URL` or the config. */
  readonly url?: string
  /** Called with progress messages: "starting an embedded PostgreSQL". */
  readonly onProgress?: (message: string) => void
}
