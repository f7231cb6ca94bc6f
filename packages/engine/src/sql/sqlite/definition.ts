import { Cursor, isComma } from './cursor'
import { nameOf, type Token, wordOf } from './tokens'

/** The parts of a table's definition that matter for its rows. */
export interface Definition {
  /** The columns that store values, in order, without generated ones. */
  readonly columns: string[]
  /** A constraint has ON CONFLICT: a row that violates it may be omitted or replace others. */
  readonly hasConflictClause: boolean
}

/** @param cursor at the parenthesis that opens the list of columns and constraints */
export function readDefinition(cursor: Cursor): Definition {
  cursor.expectSymbol('(')
  const columns: string[] = []
  let hasConflictClause = false
  do {
    const item = cursor.until(isComma)
    const [first] = item
    if (first === undefined) continue
    if (item.some((token, at) => wordOf(token) === 'ON' && wordOf(item[at + 1]) === 'CONFLICT'))
      hasConflictClause = true
    if (!constraints.has(wordOf(first) ?? '') && !isGenerated(item)) columns.push(nameOf(first))
  } while (cursor.takeSymbol(','))
  cursor.expectSymbol(')')
  return { columns, hasConflictClause }
}

const constraints = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'])

/** True for the definition of a column that is computed: https://sqlite.org/gencol.html */
export function isGenerated(item: readonly Token[]): boolean {
  const cursor = new Cursor('', item)
  cursor.until((token) => wordOf(token) === 'AS')
  return cursor.take('AS') && cursor.isSymbol('(')
}
