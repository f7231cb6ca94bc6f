import type { DataSource, DataSourceOptions } from 'typeorm'

import type { Column, Schema } from '../../schema/schema'
import type { DialectName } from '../registry'

/** Scratch databases, in which entities are built, revisions are replayed and statements are proved. */
export interface ShadowRole {
  /**
   * A server that makes scratch databases: one in memory, a configured one, or one that is started for it.
   *
   * @throws AludelError when there is none, and none can be started
   */
  open(options: ShadowOptions): Promise<ShadowServer>

  /**
   * Creates the tables of a shadow's entities in it, by TypeORM's own schema sync. What TypeORM cannot create by a fault
   * of its own (a quote in a default, an enum type in another schema) is mended where that can be done.
   */
  createEntities(dataSource: DataSource): Promise<void>

  /** Statements that drop what entities describe (tables, views, enums), and with it what depends on them. */
  dropEntityObjects(schema: Schema): readonly string[]

  /**
   * True for a default that is a text, but that the database evaluates once, when the column is created: the text
   * `'now()'` of a time in PostgreSQL. Each shadow database has another value for it.
   */
  evaluatesOnce(type: string, text: string): boolean

  /**
   * A value for a column of a sample row, as SQL.
   *
   * @param seed makes values differ
   * @returns null when no value can be made for the column
   */
  sampleValue(column: Column, schema: Schema, seed: number): { readonly sql: string } | null
}

/** A place for scratch databases of one dialect. */
export interface ShadowServer {
  readonly dialect: DialectName
  /** Server version, part of the cache key of what is introspected there. */
  readonly version: string
  /**
   * An initialized DataSource on a new, empty database.
   *
   * @param overrides options that replace those of the template (for example `entities`)
   */
  open(overrides?: Partial<DataSourceOptions>): Promise<ShadowDatabase>
  /** Stops what was started for it and removes what is left. Never throws. */
  close(): Promise<void>
}

export interface ShadowDatabase {
  readonly dataSource: DataSource
  /** Disconnects and removes the database. Never throws. */
  drop(): Promise<void>
  /** Leaves the database to whoever asks the server for one next, who finds it as new, or removes it. Never throws. */
  giveBack(): Promise<void>
}

export interface ShadowOptions {
  /** Its constructor and its entities, naming strategy and so on are used; its connection only when it has this dialect. */
  readonly template: DataSource
  /** A server to use instead, for example from `DATABASE_URL` or the config. */
  readonly url?: string
  /** Progress for people: "starting an embedded PostgreSQL". */
  readonly onProgress?: (message: string) => void
}
