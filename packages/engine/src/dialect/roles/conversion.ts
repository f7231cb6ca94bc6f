import type { Column, ObjectName } from '../../schema/schema'
import type { Queryable } from '../queryable'

/** Reads and converts rows that another program has written, so that entities read them. */
export interface ConversionRole {
  /**
   * The values of a column that TypeORM would read as other ones, or not at all. Null where the database itself keeps values in
   * one form.
   *
   * @param column as the revisions declare it
   * @param entityType the type that an entity declares for it: `simple-json`; undefined if no entity has the column
   */
  misread(column: Column, entityType: string | undefined): Misread | null

  /** A SELECT of `value`, as text, and `n`, its number of rows, for every value of a column but NULL; the most frequent first. */
  valuesIn(table: ObjectName, column: Column, limit: number): string

  /** The expression that replaces values by others and keeps those that are not named. */
  replaced(from: Column, to: Column, values: ReadonlyMap<string, string>): string

  /**
   * The expression that gives a value without a time zone the one it is meant in. Undefined where the types do not need it.
   *
   * @param zone `UTC`, `Europe/Berlin`
   */
  zoned(from: Column, to: Column, zone: string): string | undefined

  /** Whether a value that is not converted explicitly prints the same in both types. */
  printsTheSame(from: Column, to: Column): boolean

  /** Keeps others from writing to tables until the open transaction ends. */
  hold(database: Queryable, tables: readonly ObjectName[]): Promise<void>

  /** What the rows of a table are, for comparison with what they are later. */
  witness(database: Queryable, table: ObjectName, request: WitnessRequest): Promise<Witness>
}

/** Values that TypeORM does not read as they are meant. All conditions and expressions are SQL over the columns of the table. */
export interface Misread {
  /** Values that are written in another form: those that meet the condition become the expression. No two conditions overlap. */
  readonly mended: readonly { readonly condition: string; readonly becomes: string; readonly reason: string }[]
  /** True for values that nothing is known to convert. */
  readonly unreadable: string
  /** What these values are not: `a date`, `JSON`. */
  readonly expected: string
  /** Expressions that convert them, if they are what the words say. */
  readonly ways?: readonly { readonly using: string; readonly words: string }[]
}

/** What a {@link Witness} reports about a table. */
export interface WitnessRequest {
  /** Expressions that have the same text before and after. */
  readonly exact: readonly string[]
  /** Columns of which only the number of values is compared. */
  readonly counted: readonly string[]
}

/** The rows of a table in short: two are equal if the table has the same rows, in any order. */
export interface Witness {
  readonly rows: number
  /** Of the `exact` expressions of all rows. */
  readonly digest: string
  /** By column, the number of values that are not NULL. */
  readonly values: Readonly<Record<string, number>>
}
