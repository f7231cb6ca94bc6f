import type { QueryRunner } from 'typeorm'

import type { TableLock } from '../../sql/effects'
import type { Column, ObjectName, Table } from '../../schema/schema'
import type { Queryable } from '../queryable'

/**
 * What a dialect contributes to a scale model: a scratch database whose rows are like those of a live one, but fewer. Statements
 * that run on it tell how long they would take on the live one.
 */
export interface ScaleRole {
  /** Most rows of a table in a small model and in a larger one: what each row costs shows in the difference. */
  readonly sizes: readonly [few: number, many: number]

  /**
   * How what a statement costs grows with the rows: `sorting` a little faster than they do, n log n.
   */
  growth(sql: string): Growth

  /**
   * What the catalog knows of a live database. Counts nothing that is large, and no value of a row leaves the database.
   *
   * @param tables as they are displayed; those that do not exist are left out
   */
  profile(queryRunner: QueryRunner, tables: readonly string[]): Promise<LiveProfile>

  /**
   * Why the speed of this scratch database says nothing about the live one: it is on another server. Null: it does. Gives the
   * session the memory of a run on the live database.
   */
  fit(scratch: Queryable, live: LiveProfile): Promise<string | null>

  /** `INSERT … SELECT` of rows whose expressions read `n`, a whole number from 1 to `rows`. */
  insert(table: Table, values: readonly ColumnValue[], rows: number): string

  /**
   * An expression for the value number `v` of a column, where different numbers give different values; null for a type of which no
   * such values can be made.
   *
   * @param v SQL of a whole number, 0 or more
   */
  value(column: Column, v: string, shape: ValueShape): string | null

  /**
   * Whether {@link settle} can make the planner of this scratch database believe that its tables have as many rows as the live ones: it
   * plans as on the live database then, whatever their sizes are to each other.
   */
  plansAsLive(scratch: Queryable): Promise<boolean>

  /** Leaves the tables as those of a database at rest: with statistics, and on disk. */
  settle(scratch: Queryable, tables: readonly ObjectName[], live: LiveProfile): Promise<void>

  /** Whom a lock keeps waiting while it is held. Null: nobody that reads or writes rows. */
  blocks(lock: TableLock): Blocks | null

  /** Whom the transaction of a revision keeps waiting, whatever it does: SQLite has one lock for a file. Null: nobody. */
  blocksAll(live: LiveProfile): Blocks | null
}

/**
 * `writes`: whoever writes the table · `reads and writes`: whoever uses it · `changed rows`: whoever writes a row that the statement
 * has changed
 */
export type Blocks = 'writes' | 'reads and writes' | 'changed rows'

export type Growth = 'linear' | 'sorting'

export interface ColumnValue {
  readonly column: Column
  /** An expression that reads `n`. */
  readonly sql: string
}

/** A live database, as far as its catalog knows it. */
export interface LiveProfile {
  readonly tables: ReadonlyMap<string, TableProfile>
  /** Tells whether another database is on the same server. */
  readonly server: string
  /** The file of a database that is one. */
  readonly file?: string
  /** Settings of the session that decide about the speed of statements. */
  readonly settings: Readonly<Record<string, string>>
}

/** The rows of a table. */
export interface TableProfile {
  /** Null if nobody knows: nothing has analyzed a large table. */
  readonly rows: number | null
  readonly columns: ReadonlyMap<string, ColumnProfile>
  /** Names of the indexes, those of keys among them. */
  readonly indexes: readonly string[]
  /** Why rows like its own cannot be made: their large values are stored elsewhere. Absent: they can. */
  readonly unlike?: string
}

/** What the values of a column look like. */
export interface ValueShape {
  /** Average width; null if it is not known. */
  readonly bytes: number | null
  /** The number of characters with which most texts begin: to sort them, the rest must be compared. */
  readonly prefix: number
}

/** The values of a column. */
export interface ColumnProfile extends ValueShape {
  /** Share of the rows that have none, from 0 to 1. */
  readonly nulls: number
  /** The number of different values; null if it is not known. */
  readonly distinct: number | null
  /** Whether they grow in the order in which the rows are stored. */
  readonly ordered: boolean
}

/** For a dialect of which nothing can be foretold: it has no models. */
export const nothingForetold: ScaleRole = {
  sizes: [0, 0],
  growth: () => 'linear',
  profile: () => Promise.resolve({ tables: new Map(), server: '', settings: {} }),
  fit: () => Promise.resolve('it has no models'),
  insert: () => '',
  value: () => null,
  plansAsLive: () => Promise.resolve(false),
  settle: () => Promise.resolve(),
  blocks: () => null,
  blocksAll: () => null,
}

/** A scale role whose code is loaded on first use. */
export function scaleLoadedLater(load: () => ScaleRole): ScaleRole {
  return {
    get sizes() {
      return load().sizes
    },
    growth: (sql) => load().growth(sql),
    profile: async (queryRunner, tables) => load().profile(queryRunner, tables),
    fit: async (scratch, live) => load().fit(scratch, live),
    insert: (table, values, rows) => load().insert(table, values, rows),
    value: (column, v, shape) => load().value(column, v, shape),
    plansAsLive: async (scratch) => load().plansAsLive(scratch),
    settle: async (scratch, tables, live) => load().settle(scratch, tables, live),
    blocks: (lock) => load().blocks(lock),
    blocksAll: (live) => load().blocksAll(live),
  }
}
