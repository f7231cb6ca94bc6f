import type { ReferentialAction } from '../../sql/clauses'
import type { Place } from '../place'

/*
 * What the linter knows of the objects of a SQLite database, from the statements of revisions. Values are never changed: a
 * statement that changes an object replaces its value. SQLite compares names without regard to case, so names of columns in sets
 * and keys of maps are folded.
 */

/** A name as statements write it; without a schema it is that of a temporary table, if there is one, or in `main`. */
export interface SqliteName {
  /** Identifies it. */
  readonly key: string
  /** As it was first written: `orders`, `temp.orders`. */
  readonly text: string
  /** Quoted, for statements: `"orders"`. */
  readonly sql: string
  readonly schema: string
  readonly name: string
}

export interface SqliteColumn {
  /** As it was first written. */
  readonly name: string
  /** In lower case, with single spaces: `varchar(50)`. Empty if there is none. */
  readonly type: string
  readonly notNull: boolean
  readonly hasDefault: boolean
  readonly generated?: 'stored' | 'virtual'
  readonly autoincrement: boolean
  /** The names in the expression of a generated column. */
  readonly mentions: ReadonlySet<string>
  /** Where it was made; undefined if it existed before the first revision that was read. */
  readonly madeIn?: Place
}

export interface SqliteConstraint {
  readonly name?: string
  readonly kind: 'primary key' | 'unique' | 'check' | 'foreign key'
  /** Of this table; for a check, all names in it. */
  readonly columns: ReadonlySet<string>
  /** The column after which it is written. */
  readonly inline?: string
  /** The other table of a foreign key: its key. */
  readonly references?: string
  readonly onDelete?: ReferentialAction
  /** What tells it from others of its kind on the table. */
  readonly signature: string
  /** Of a check `column IN ('a', 'b')`: the values. */
  readonly allowed?: { readonly column: string; readonly values: readonly string[] }
  /** Where it was made; undefined if it existed before the first revision that was read. */
  readonly madeIn?: Place
}

export interface SqliteTable {
  readonly name: SqliteName
  readonly kind: 'table' | 'virtual'
  readonly columns: ReadonlyMap<string, SqliteColumn>
  readonly constraints: readonly SqliteConstraint[]
  /** False if it may have columns or constraints that no statement shows. */
  readonly complete: boolean
  readonly strict: boolean
  /** Where it was made; undefined if it existed before the first revision that was read. */
  readonly madeIn?: Place
}

/** An index, a trigger or a view. */
export interface SqliteObject {
  readonly name: SqliteName
  /** Every name in its definition. */
  readonly mentions: ReadonlySet<string>
  /** The statement that made it. */
  readonly sql: string
  readonly madeIn: Place
}

export interface SqliteIndex extends SqliteObject {
  /** Key of its table. */
  readonly table: string
  readonly unique: boolean
  /** Plain columns; undefined for an expression. */
  readonly columns: readonly (string | undefined)[]
  readonly partial: boolean
}

export interface SqliteTrigger extends SqliteObject {
  /** Key of its table or view. */
  readonly table: string
}

export interface SqliteView extends SqliteObject {
  /** The names of the tables and views that it reads, folded. */
  readonly reads: ReadonlySet<string>
}

/** That some of the columns of a table have the values of another. */
export interface Copied {
  /** The table that had them when the step began: its key then. */
  readonly from: string
  /** Column → the column that had the values, and where that was made. */
  readonly columns: ReadonlyMap<string, { readonly was: string; readonly madeIn: Place | undefined }>
  /** Where that table was made. */
  readonly madeIn: Place | undefined
}

/** A table that a step has replaced by a copy with the same name. */
export interface Rebuild {
  /** As it was before the step; undefined if nothing was known of it. */
  readonly before: SqliteTable | undefined
  /** Column → the column before that its values come from. Not those that are computed. */
  readonly columns: ReadonlyMap<string, string>
  /** It is a rebuild as the tool writes it. */
  readonly isOwn: boolean
  /** The position in the revision of the text with which the copy became the table. */
  readonly index: number
}
