import { AludelError } from '../errors'
import type { KeptEntry, Obstacle } from './roles/keeping'

interface Refusal extends Obstacle {
  /** The id of the revision that is undone. */
  readonly revision: string
  readonly table: string
  readonly column: string | null
  readonly cause?: unknown
}

/** The error of a downgrade that cannot give something back; its transaction is rolled back. */
export function cannotGiveBack({ message, help, cause, ...details }: Refusal): AludelError<'ALUDEL_GIVE_BACK'> {
  return new AludelError('ALUDEL_GIVE_BACK', message, { help, details, ...(cause !== undefined && { cause }) })
}

/** `table users`, `users.name`. */
export function nameOfKept({ kind, table, column }: Pick<KeptEntry, 'kind' | 'table' | 'column'>): string {
  return column === null ? `${kind} ${table}` : `${table}.${column}`
}

/**
 * Rows without a value for a column that is NOT NULL and has no default.
 *
 * @param filling the kind of statement that gives them one: `an UPDATE`
 */
export function gap(
  { table, column }: { readonly table: string; readonly column: string },
  rows: number,
  filling: string,
): Obstacle {
  const what = rows === 1 ? '1 row' : `${String(rows)} rows`
  return {
    message: `${what} of ${table} ${rows === 1 ? 'was' : 'were'} inserted since ${column} was dropped, and it is NOT NULL and has no default`,
    help: `Delete these rows, or let the downgrade give them a value: a default, or ${filling}.`,
    rows,
  }
}

/** Rows that share a value of a unique key. */
export interface Clash {
  readonly table: string
  readonly columns: readonly string[]
  /** Some of the values, each of all columns; empty if they are not known. */
  readonly values: readonly string[]
  /** How many rows have them. */
  readonly rows: number
}

/** How many values of a clash are read: one more than an error names. */
export const shownValues = 6

/** @param isForeseen whether nothing has been executed yet */
export function clash({ table, columns, values, rows }: Clash, isForeseen = false): Obstacle {
  const shown = values.slice(0, shownValues - 1).join('; ')
  const list = values.length === 0 ? '' : ` = ${shown}${values.length < shownValues ? '' : ' …'}`
  return {
    message: `rows of ${table} ${isForeseen ? 'would share' : 'share'} a value of a unique key: ${columns.join(', ')}${list}`,
    help: 'Delete or change the rows that were written since, or let the downgrade give each of them a value of its own, then run again.',
    rows,
  }
}

/** The column of a key of one column, for the details of an error. */
export function onlyColumn(columns: readonly string[]): string | null {
  const [column = null] = columns.length === 1 ? columns : []
  return column
}

/** The values of a clash as they are read: texts and numbers of rows. */
export function clashOf(
  table: string,
  columns: readonly string[],
  found: readonly { readonly value: string; readonly n: number }[],
): Clash {
  return {
    table,
    columns,
    values: found.map(({ value }) => value),
    rows: found.reduce((sum, { n }) => sum + n, 0),
  }
}
