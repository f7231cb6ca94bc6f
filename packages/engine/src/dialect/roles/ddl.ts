import type { Need } from '../../difference/needs'
import type { Operation } from '../../operations/operation'
import type { Column, Schema, Table } from '../../schema/schema'

/** Turns operations on a schema into statements, and checks the rows against what those statements require. */
export interface DdlRole {
  /**
   * SQL for operations, which are given in an applicable order. SQLite rebuilds each table at most once per call.
   *
   * @param from the schema before the first operation
   */
  render(operations: readonly Operation[], from: Schema): readonly Statement[]

  /**
   * {@link render} for the upgrade and the downgrade. SQLite decides about both together, because one depends on the
   * result of the other; a dialect without that dependency uses {@link eachWay}.
   *
   * @param reverse the operations that lead from `to` back to `from`
   */
  renderBothWays(operations: readonly Operation[], reverse: readonly Operation[], from: Schema, to: Schema): BothWays

  /**
   * A SELECT of one number, `n`: how many rows violate the need, in the schema before the operations. `render` starts with
   * a statement that fails while there are any. Null where no condition expresses the need, because the database keeps
   * every value or refuses what it cannot convert.
   */
  countViolations(need: Need): string | null

  /**
   * The expression that gives the rows of a table their value in a new column that entities declare as generated. Undefined
   * where the database gives it (PostgreSQL), or nothing can.
   *
   * @param table the table with the column
   */
  generatedValue(column: Column, strategy: GenerationStrategy, table: Table): string | undefined

  /**
   * False where no value of one type is meaningful in the other, so that the user must provide a conversion. Always true
   * where any column may hold any value (SQLite).
   */
  converts(from: Column, to: Column): boolean
}

/** How a generated column gets its values: the names that TypeORM gives to them. */
export type GenerationStrategy = 'increment' | 'uuid' | 'rowid' | 'identity'

/** One statement of a revision. */
export interface Statement {
  readonly sql: string
  /** Describes the group of statements that starts here; absent on the following statements of the group. */
  readonly comment?: string
}

/** The statements of an upgrade and of its downgrade. */
export interface BothWays {
  readonly up: readonly Statement[]
  readonly down: readonly Statement[]
}

/**
 * `renderBothWays` for a dialect whose upgrade and downgrade are rendered independently.
 *
 * @example
 * const ddl: DdlRole = { render, renderBothWays: eachWay(render), countViolations, converts }
 */
export function eachWay(render: DdlRole['render']): DdlRole['renderBothWays'] {
  return (operations, reverse, from, to) => ({ up: render(operations, from), down: render(reverse, to) })
}
