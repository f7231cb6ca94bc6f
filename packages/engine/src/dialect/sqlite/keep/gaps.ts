import { fold } from '../../../sql/sqlite/tokens'
import { gap } from '../../kept-errors'
import type { KeepingStep, Obstacle } from '../../roles/keeping'
import { readCopying } from './copying'
import type { ColumnEntry } from './entries'

/** Whether rows that were inserted since find no value for the column. */
export function needsValue(one: ColumnEntry, { statements }: KeepingStep): boolean {
  if (!one.wasNotNull || one.default !== null || one.converted !== undefined) return false
  // Statements that are known only when they run may fill the column: the database refuses them if they do not.
  return statements !== null && !statements.some((sql) => fillsColumn(sql, one.column))
}

/** Whether a statement gives values to the column: of rows that have none, it must be the revision that knows them. */
export function fillsColumn(sql: string, column: string): boolean {
  const copying = readCopying(sql)
  if (copying !== undefined) return copying.columns?.some((name) => fold(name) === fold(column)) === true
  return /^\s*update\b/i.test(sql) && fold(sql).includes(fold(column))
}

/** Rows that would have no value. */
export function gapOf({ table, column }: ColumnEntry, rows: number): Obstacle {
  return gap({ table, column }, rows, 'an expression in the statement that fills the new table')
}
