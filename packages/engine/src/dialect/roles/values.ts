import type { Column, ObjectName } from '../../schema/schema'
import type { Queryable } from '../queryable'

/**
 * Rows as JavaScript values that are the same on every database; see `TestRow`. A column that is not known (of a table of another
 * project, for example) is left to the driver.
 */
export interface ValueRole {
  /**
   * A value as a parameter of INSERT.
   *
   * @param placeholder of the parameter
   * @returns what the driver gets, and the SQL around the placeholder
   */
  parameter(
    column: Column | undefined,
    value: unknown,
    placeholder: string,
  ): { readonly sql: string; readonly value: unknown }
  /**
   * An expression for a column in a SELECT, whose value {@link value} understands.
   *
   * @param quoted the column, quoted
   */
  selected(column: Column, quoted: string): string
  /** The value of a column that was read as {@link selected}. */
  value(column: Column, raw: unknown): unknown
  /** Called after values were inserted into columns that number their rows: the next numbers come after these. */
  numbered(database: Queryable, table: ObjectName, columns: readonly Column[]): Promise<void>
}
