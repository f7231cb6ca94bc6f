import type { KeyColumn } from '../dialect/roles/batches'
import type { Dialect } from '../dialect/dialect'
import { quotePath } from '../history/history'
import { inlineParameters } from '../sql/text'
import type { Definition } from './options'

/** A position in a table: the values of the key, each as the text that the dialect's `exact` returns. */
export type Position = readonly string[]

export interface Sql {
  readonly sql: string
  readonly parameters: readonly unknown[]
}

/** Column names of {@link BatchStatements.next}. */
export const nextColumn = (index: number): string => `k${String(index)}`

/**
 * The statements of one call of `batched`; pure.
 *
 * @example
 * new BatchStatements(sqlite, define({ table: 't', key: 'id', update: { n: '1' } }), columns).next(null).sql
 * // 'SELECT … FROM (SELECT "id" FROM "t" ORDER BY "id" LIMIT 1000) AS "aludel_batch" ORDER BY "id" DESC LIMIT 1'
 */
export class BatchStatements {
  readonly table: string

  constructor(
    readonly dialect: Dialect,
    readonly definition: Definition,
    readonly columns: readonly KeyColumn[],
  ) {
    this.table = quotePath(dialect, definition.table)
  }

  /** The number of rows to update, as `n`. */
  count(): Sql {
    const { sql, parameters } = this.#condition(null, null)
    return { sql: `SELECT count(*) AS "n" FROM ${this.table}${sql}`, parameters }
  }

  /** The last key of the next batch, as `k0`, `k1` …, and its number of rows, as `n`. No row: there is no next batch. */
  next(from: Position | null): Sql {
    const { dialect, definition, columns, table } = this
    const { sql, parameters } = this.#condition(from, null)
    const names = columns.map(({ name }) => dialect.sql.quote(name)).join(', ')
    const exact = columns.map((column, index) => `${dialect.batches.exact(column)} AS "${nextColumn(index)}"`)
    return {
      sql:
        `SELECT ${exact.join(', ')}, count(*) OVER () AS "n" FROM (SELECT ${names} FROM ${table}${sql} ` +
        `ORDER BY ${this.#order('')} LIMIT ${String(definition.size)}) AS "aludel_batch" ` +
        `ORDER BY ${this.#order(' DESC')} LIMIT 1`,
      parameters,
    }
  }

  /** The condition for the rows of a batch that match `where`. */
  batch(from: Position | null, to: Position): Sql {
    const { sql, parameters } = this.#condition(from, to)
    return { sql: sql.slice(' WHERE '.length), parameters }
  }

  /** The number of rows of a batch that match `where`, as `n`. */
  countBatch(from: Position | null, to: Position): Sql {
    const { sql, parameters } = this.#condition(from, to)
    return { sql: `SELECT count(*) AS "n" FROM ${this.table}${sql}`, parameters }
  }

  /** The keys of a batch, in order; locks these rows. */
  keys(from: Position | null, to: Position): Sql {
    const { sql, parameters } = this.#condition(from, to)
    const names = this.columns.map(({ name }) => this.dialect.sql.quote(name)).join(', ')
    return {
      sql: `SELECT ${names} FROM ${this.table}${sql} ORDER BY ${this.#order('')}${this.dialect.batches.lockRows}`,
      parameters,
    }
  }

  /** The range of a batch, with inlined values. */
  range(from: Position | null, to: Position): string {
    const bound = (operator: string, position: Position): string =>
      `${this.#key()} ${operator} ${tuple(this.#literals(position))}`
    return `(${[...(from === null ? [] : [bound('>', from)]), bound('<=', to)].join(' AND ')})`
  }

  /** Selects the values of a position, as `k0`, `k1` … */
  values(position: Position): string {
    const columns = this.#literals(position).map((literal, index) => `${literal} AS "${nextColumn(index)}"`)
    return `SELECT ${columns.join(', ')}`
  }

  #literals(position: Position): readonly string[] {
    return this.columns.map((column, index) => this.dialect.batches.literal(column, position[index] ?? ''))
  }

  #order(direction: string): string {
    return this.columns.map(({ sql }) => sql + direction).join(', ')
  }

  #key(): string {
    return tuple(this.columns.map(({ sql }) => sql))
  }

  /** ` WHERE …`, or nothing for all rows. `where` is first, because its placeholders may be plain `?`. */
  #condition(from: Position | null, to: Position | null): Sql {
    const { where, parameters: given } = this.definition
    const parameters: unknown[] = [...given]
    const bound = (operator: string, position: Position): string => {
      const values = this.columns.map((column, index) => {
        const placeholder = this.dialect.sql.placeholder(parameters.length + 1)
        const { sql, value } = this.dialect.batches.parameter(column, position[index] ?? '', placeholder)
        parameters.push(value)
        return sql
      })
      return `${this.#key()} ${operator} ${tuple(values)}`
    }
    const parts = [
      ...(where === undefined ? [] : [inBrackets(where)]),
      ...(from === null ? [] : [bound('>', from)]),
      ...(to === null ? [] : [bound('<=', to)]),
    ]
    return { sql: parts.length === 0 ? '' : ` WHERE ${parts.join(' AND ')}`, parameters }
  }
}

/** A statement or condition with inlined parameters; undefined if they do not match its placeholders. */
export function inlined({ sql: role }: Dialect, sql: string, parameters: readonly unknown[]): string | undefined {
  return inlineParameters(sql, parameters, role.placeholder(1), (value) => role.literal(value))
}

/** The text after SET. */
export function assignments(dialect: Dialect, update: Readonly<Record<string, string>>): string {
  return Object.entries(update)
    .map(([column, expression]) => `${dialect.sql.quote(column)} = ${expression}`)
    .join(', ')
}

/**
 * All batches in one statement, for a script, which has no loops. It leaves the same rows, and holds its locks until the
 * end.
 */
export function wholeUpdate(dialect: Dialect, definition: Definition, update: Readonly<Record<string, string>>): Sql {
  const { table, key, size, where, parameters } = definition
  const by = key.join(', ').replaceAll('*/', '')
  const condition = where === undefined ? '' : ` WHERE ${where.trim()}`
  return {
    sql:
      `/* one statement instead of batches of ${String(size)} by ${by} */ ` +
      `UPDATE ${quotePath(dialect, table)} SET ${assignments(dialect, update)}${condition}`,
    parameters,
  }
}

/** The condition in brackets; the closing one is on a new line if a comment may precede it. */
function inBrackets(condition: string): string {
  return condition.includes('--') ? `(${condition}\n)` : `(${condition})`
}

/** One value alone, several as a row: https://www.postgresql.org/docs/current/functions-comparisons.html#ROW-WISE-COMPARISON */
function tuple(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(', ')})`
}
