import { isComma, type Cursor } from './cursor'
import { nameOf, type Token, wordOf } from './tokens'

/** What of the definition of a new table matters for its rows. */
export interface Definition {
  /** Those that hold values of their own, in their order: not the generated ones. */
  readonly columns: string[]
  /** A constraint says what happens to a row that violates it: the row may be left out, or replace others. */
  readonly hasConflictClause: boolean
}

/** @param cursor at the bracket that opens the list of columns and constraints */
export function readDefinition(cursor: Cursor): Definition {
  cursor.expectSymbol('(')
  const columns: string[] = []
  let hasConflictClause = false
  do {
    const item = cursor.until(isComma)
    const [first] = item
    if (first === undefined) continue
    if (hasWords(item, 'ON', 'CONFLICT')) hasConflictClause = true
    if (!constraints.has(wordOf(first) ?? '') && !isGenerated(item)) columns.push(nameOf(first))
  } while (cursor.takeSymbol(','))
  cursor.expectSymbol(')')
  return { columns, hasConflictClause }
}

const constraints = new Set(['CONSTRAINT', 'PRIMARY', 'UNIQUE', 'CHECK', 'FOREIGN'])

/** True for the definition of a column that is computed: https://sqlite.org/gencol.html */
export function isGenerated(item: readonly Token[]): boolean {
  let depth = 0
  return item.some((token, at) => {
    if (token.kind === 'symbol' && token.text === '(') depth += 1
    if (token.kind === 'symbol' && token.text === ')') depth -= 1
    return depth === 0 && wordOf(token) === 'AS' && item[at + 1]?.text === '('
  })
}

function hasWords(tokens: readonly Token[], first: string, second: string): boolean {
  return tokens.some((token, at) => wordOf(token) === first && wordOf(tokens[at + 1]) === second)
}
