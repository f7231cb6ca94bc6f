import type { Need } from '../../difference/needs'
import type { Operation } from '../../operations/operation'
import type { Column, Schema } from '../../schema/schema'

/** Turns operations on a schema into statements, and reports what such statements ask of the rows. */
export interface DdlRole {
  /**
   * SQL for operations, in an order that applies. SQLite rebuilds each table at most once per call.
   *
   * @param from the schema before the first operation
   */
  render(operations: readonly Operation[], from: Schema): readonly Statement[]

  /**
   * {@link render} there and back. A database where one way depends on what the other leaves decides about both
   * together (SQLite); any other uses {@link eachWay}.
   *
   * @param reverse the operations back, which lead from `to` to `from`
   */
  renderBothWays(operations: readonly Operation[], reverse: readonly Operation[], from: Schema, to: Schema): BothWays

  /**
   * A SELECT of one number, `n`: how many rows violate the need, in the schema before the operations. `render` puts a
   * statement before all others that fails while there are such rows. Null where no condition expresses the need: the
   * database keeps every value, or refuses what it cannot convert.
   */
  countViolations(need: Need): string | null

  /**
   * False where no value of one type means anything in the other, so that somebody has to say how to convert it. Always
   * true where any value may be in any column (SQLite).
   */
  converts(from: Column, to: Column): boolean
}

/** One statement of a revision. */
export interface Statement {
  readonly sql: string
  /** What the group of statements that starts here does, in words; absent on a continuation. */
  readonly comment?: string
}

/** The statements of an upgrade and of its downgrade. */
export interface BothWays {
  readonly up: readonly Statement[]
  readonly down: readonly Statement[]
}

/**
 * `renderBothWays` of a dialect whose two ways do not depend on each other: each is rendered alone.
 *
 * @example
 * const ddl: DdlRole = { render, renderBothWays: eachWay(render), countViolations, converts }
 */
export function eachWay(render: DdlRole['render']): DdlRole['renderBothWays'] {
  return (operations, reverse, from, to) => ({ up: render(operations, from), down: render(reverse, to) })
}
