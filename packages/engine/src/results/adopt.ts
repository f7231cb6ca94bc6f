import type { UnreadObject } from '../dialect/roles/introspection'
import type { CreateFinding } from './create'
import type { RunResult } from './runs'
import type { OperationJson } from './schema'

/** A tool that has kept a history in a database. */
export interface AdoptedTool {
  /** `Alembic`, `Flyway`, `TypeORM` … */
  readonly name: string
  /** The table of its history, with the schema where it is not the default one. */
  readonly table: string
  /** What it applied last, as it names it; null if that is not known. */
  readonly last: string | null
}

/** A difference between the schema of a revision and that of a database that others made. */
export interface AdoptDifference extends OperationJson {
  /** As `ahead` of a `Drift`. */
  readonly ahead: 'database' | 'revisions' | 'both'
  /** One line for display: `the database lacks column users.age integer`. */
  readonly explanation: string
}

/** A database that others made, as it was found, and what was done to take it over. */
export interface AdoptResult {
  /** Whose it is; null: nobody has kept a history. */
  readonly tool: AdoptedTool | null
  /** Further tools that have kept one. */
  readonly others: readonly AdoptedTool[]
  /** The tables of these tools. They stay, and are not compared. */
  readonly tables: readonly string[]
  /**
   * Patterns of `ignore` that match them: `table:alembic_version`. A configuration needs none of these, since the tables are recognized.
   */
  readonly ignore: readonly string[]
  /** The newest revision whose schema the database has, or has after `renames`; null: none. */
  readonly matches: string | null
  /** The revision with the fewest differences; null if there are no revisions. */
  readonly nearest: string | null
  /** Applied heads that were recorded. */
  readonly stamped: readonly string[]
  /**
   * Revisions that were recorded although the database cannot show whether they ever ran: they change rows, or nothing. The newest
   * first.
   */
  readonly unproved: readonly string[]
  /** Names that were removed from TypeORM's history, because no file has them. */
  readonly forgotten: readonly string[]
  /** The first revision, which was written from the database; null if there were revisions. */
  readonly created: { readonly revision: string; readonly path: string } | null
  /** Constraints and indexes that got the name of the revisions. */
  readonly renames: readonly OperationJson[]
  /** The statements of `renames`. */
  readonly sql: readonly string[]
  /** What `lint` finds in these statements; absent if nothing. */
  readonly findings?: readonly CreateFinding[]
  /**
   * What the first revision does not create, because no operation does: composite types, aggregates, inheritance … The database keeps
   * it; one that is made from the revisions lacks it. Absent: nothing.
   */
  readonly unread?: readonly UnreadObject[]
  /** The backup that was made before them, or before the conversion. */
  readonly backup: RunResult['backup']
  /** From the schema of `nearest` to that of the database; empty if the database was taken over. */
  readonly differences: readonly AdoptDifference[]
  /** How the database was converted, or would be; absent if it was not, or would not be. */
  readonly conversion?: AdoptConversion
  /** With `convert: 'offer'`: why the database cannot be converted; absent if it can, or was not to be. */
  readonly obstacles?: readonly AdoptObstacle[]
}

/** A conversion of a database to the schema of a revision, which keeps all rows and values. */
export interface AdoptConversion {
  /** From the database to the revision. */
  readonly operations: readonly OperationJson[]
  readonly sql: readonly string[]
  /** Tables whose rows it changes or copies. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
  /** Values of enums that get another spelling. */
  readonly values: readonly AdoptedValue[]
  /** Values of other columns that are computed. */
  readonly computed: readonly {
    /** `table.column` */
    readonly column: string
    readonly using: string
    /** Why: `the times are UTC`. */
    readonly reason: string
    readonly rows: number
  }[]
  /** What replaces NULL in columns that become NOT NULL. */
  readonly fills: readonly { readonly column: string; readonly value: string; readonly rows: number }[]
  /** `ACCESS EXCLUSIVE users`. Empty on SQLite, which locks the file. */
  readonly locks: readonly string[]
  /** Tables that are rebuilt or rewritten. */
  readonly rewrites: readonly string[]
  /** What `lint` finds in the statements; absent if nothing. */
  readonly findings?: readonly CreateFinding[]
}

/** A value of an enum that gets another spelling. */
export interface AdoptedValue {
  /** `table.column` */
  readonly column: string
  readonly from: string
  readonly to: string
  readonly rows: number
}

/** Why a database cannot be converted without a loss, and what to do about it. */
export interface AdoptObstacle {
  /**
   * `object`: only the database has it · `values`: values that the enum does not have · `nulls`: NULL without a default · `type`:
   * values that do not fit the new type · `unreadable`: values that no entity could read · `rule`: rows that violate a constraint
   */
  readonly kind: 'object' | 'values' | 'nulls' | 'type' | 'unreadable' | 'rule'
  /** `table.column`, or the name of the object. */
  readonly object: string
  /** One line for display. */
  readonly text: string
  /** How many rows; null where it is not about rows. */
  readonly rows: number | null
  /** Values with their number of rows, or the first keys. */
  readonly examples: readonly string[]
  /** What to do, each a line: an option, or a change of the configuration. */
  readonly ways: readonly string[]
}
