import type { Place } from '../place'

/*
 * What the linter knows of the objects of a PostgreSQL database, from the statements of revisions. Values are never changed: a
 * statement that changes an object replaces its value.
 */

export type { Place }

/** A name as statements write it, resolved without a search path: without a schema it is in `public`. */
export interface Name {
  /** Identifies it. */
  readonly key: string
  /** As the database shows it: `orders`, `reports.orders`. */
  readonly text: string
  /** Quoted, for statements: `"orders"`. */
  readonly sql: string
  readonly schema: string
  readonly name: string
}

export interface Column {
  readonly name: string
  /** `character varying(50)`. */
  readonly type: string
  readonly notNull: boolean
  readonly hasDefault: boolean
  /** Stored generated, virtual, or an identity. */
  readonly generated?: 'stored' | 'virtual' | 'identity'
  readonly madeIn: Place
}

export type ConstraintKind = 'check' | 'unique' | 'primary key' | 'foreign key' | 'exclusion' | 'not null'

export interface Constraint {
  readonly name: string
  readonly kind: ConstraintKind
  /** Of this table; empty for a check. */
  readonly columns: readonly string[]
  /** The columns that a check mentions; empty for other kinds. */
  readonly mentions: readonly string[]
  /** The other table of a foreign key: its key. */
  readonly references?: string
  /** The columns of the other table; empty or absent: those of its primary key. */
  readonly referencedColumns?: readonly string[]
  readonly validated: boolean
  /** The columns that a check proves to be not null: `email IS NOT NULL`, alone or joined by AND. */
  readonly provesNotNull: readonly string[]
  readonly madeIn: Place
}

export interface Table {
  readonly name: Name
  readonly kind: 'table' | 'materialized view' | 'view' | 'foreign table'
  readonly columns: ReadonlyMap<string, Column>
  /** False if it may have columns or constraints that no statement shows: it existed before, or was made from another. */
  readonly complete: boolean
  readonly constraints: ReadonlyMap<string, Constraint>
  readonly partitioned: boolean
  /** Where it was made; undefined if it existed before the first revision that was read. */
  readonly madeIn?: Place
}

export interface Index {
  readonly name: Name
  /** Key of its table. */
  readonly table: string
  readonly unique: boolean
  /** Plain columns; undefined for an expression. In order, without those of INCLUDE. */
  readonly columns: readonly (string | undefined)[]
  readonly partial: boolean
  readonly madeIn: Place
}

export interface EnumType {
  readonly name: Name
  readonly values: readonly string[]
  /** Where the values were added that it was not created with. */
  readonly added: ReadonlyMap<string, Place>
  readonly madeIn: Place
}
