import type { WrittenName } from '../reader'
import { withoutBrackets } from './copy'
import { Cursor } from './cursor'
import { fold, isIdentifier, nameOf, type Token, wordOf } from './tokens'

/** What happens to a row that violates a constraint: https://sqlite.org/lang_conflict.html */
export type Policy = 'ROLLBACK' | 'ABORT' | 'FAIL' | 'IGNORE' | 'REPLACE'

/** The columns that SET changes, and those of them that it changes only where they are NULL. */
export interface SetClause {
  readonly columns: readonly string[]
  /** Folded. */
  readonly gaps: ReadonlySet<string>
  readonly hasWhere: boolean
}

interface Insert {
  readonly target: WrittenName
  readonly policy: Policy | undefined
  readonly columns: readonly string[] | undefined
  /** From VALUES, SELECT or WITH to the end. */
  readonly body: readonly Token[]
  /** One for each ON CONFLICT … DO UPDATE. */
  readonly upserts: readonly SetClause[]
}

interface Update {
  readonly target: WrittenName
  readonly policy: Policy | undefined
  readonly set: SetClause
  /** It has a WHERE or a LIMIT. */
  readonly isPartial: boolean
}

interface Delete {
  readonly target: WrittenName
  readonly isPartial: boolean
}

/**
 * INSERT or REPLACE: https://sqlite.org/lang_insert.html. This and the functions below throw an AludelError for a
 * statement that cannot be read.
 */
export function readInsert(cursor: Cursor): Insert {
  const isReplace = cursor.take('REPLACE')
  if (!isReplace) cursor.expect('INSERT')
  const policy = isReplace ? 'REPLACE' : policyAt(cursor)
  cursor.expect('INTO')
  const target = cursor.qualifiedName()
  const alias = cursor.take('AS') ? cursor.name() : undefined
  const columns = cursor.isSymbol('(') ? namesIn(cursor.parenthesized()) : undefined
  const body = cursor.rest()
  const upserts = body.flatMap((token, at) =>
    wordOf(token) === 'DO' && wordOf(body[at + 1]) === 'UPDATE' && wordOf(body[at + 2]) === 'SET'
      ? [setAt(new Cursor(cursor.sql, body.slice(at + 3)), [alias ?? target.name])]
      : [],
  )
  return { target, policy, columns, body, upserts }
}

/** https://sqlite.org/lang_update.html */
export function readUpdate(cursor: Cursor): Update {
  cursor.expect('UPDATE')
  const policy = policyAt(cursor)
  const target = cursor.qualifiedName()
  const alias = cursor.take('AS') ? cursor.name() : undefined
  cursor.until((token) => wordOf(token) === 'SET')
  cursor.expect('SET')
  const set = setAt(cursor, [alias ?? target.name])
  cursor.until((token) => wordOf(token) === 'LIMIT')
  return { target, policy, set, isPartial: set.hasWhere || !cursor.done }
}

/** https://sqlite.org/lang_delete.html */
export function readDelete(cursor: Cursor): Delete {
  cursor.expect('DELETE', 'FROM')
  const target = cursor.qualifiedName()
  cursor.until((token) => ['WHERE', 'LIMIT'].includes(wordOf(token) ?? ''))
  return { target, isPartial: !cursor.done }
}

function policyAt(cursor: Cursor): Policy | undefined {
  if (!cursor.take('OR')) return undefined
  const policies = ['ROLLBACK', 'ABORT', 'FAIL', 'IGNORE', 'REPLACE'] as const
  const found = policies.find((policy) => cursor.take(policy))
  // The database refuses anything else.
  return found ?? 'REPLACE'
}

function namesIn(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token) => (token.kind === 'symbol' ? [] : [nameOf(token)]))
}

/**
 * @param cursor after SET
 * @param qualifiers by which a condition may name the table
 */
function setAt(cursor: Cursor, qualifiers: readonly string[]): SetClause {
  const columns: string[] = []
  do {
    columns.push(...(cursor.isSymbol('(') ? namesIn(cursor.parenthesized()) : [cursor.name()]))
    if (!cursor.takeSymbol('==')) cursor.expectSymbol('=')
    cursor.until(clause(',', 'FROM', 'WHERE', 'RETURNING', 'ORDER', 'LIMIT', 'ON'))
  } while (cursor.takeSymbol(','))
  if (cursor.is('FROM')) cursor.until(clause('WHERE', 'RETURNING', 'ORDER', 'LIMIT'))
  const where = cursor.take('WHERE') ? cursor.until(clause('RETURNING', 'ORDER', 'LIMIT', 'ON')) : []
  return { columns, gaps: new Set(isNullTests(where, qualifiers)), hasWhere: where.length > 0 }
}

/** Finds where a clause ends, ignoring the FROM of `IS DISTINCT FROM`. */
function clause(...ends: readonly string[]): (token: Token) => boolean {
  let before: string | undefined
  return (token) => {
    const word = wordOf(token) ?? (token.kind === 'symbol' ? token.text : '')
    const found = ends.includes(word) && !(word === 'FROM' && before === 'DISTINCT')
    before = word
    return found
  }
}

/** The columns, folded, that are NULL where a condition is true: `x IS NULL AND …`. */
function isNullTests(where: readonly Token[], qualifiers: readonly string[]): string[] {
  const parts = conjuncts(withoutBrackets(where))
  if (parts.length > 1) return parts.flatMap((part) => isNullTests(part, qualifiers))
  const tokens = parts[0] ?? []
  const isTest = wordOf(tokens.at(-2)) === 'IS' && wordOf(tokens.at(-1)) === 'NULL'
  const column = isTest ? tokens.slice(0, -2) : wordOf(tokens.at(-1)) === 'ISNULL' ? tokens.slice(0, -1) : []
  const last = column.at(-1)
  if (!isIdentifier(last)) return []
  if (column.length === 1) return [fold(nameOf(last))]
  const [table, point] = column
  const isOwn = column.length === 3 && point?.text === '.' && isIdentifier(table)
  return isOwn && qualifiers.some((name) => fold(name) === fold(nameOf(table))) ? [fold(nameOf(last))] : []
}

/** The parts of a condition that AND joins; none if OR joins some. */
function conjuncts(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]]
  let depth = 0
  let between = 0
  for (const token of tokens) {
    const word = wordOf(token)
    const symbol = token.kind === 'symbol' ? token.text : undefined
    if (symbol === '(' || word === 'CASE') depth += 1
    if (symbol === ')' || word === 'END') depth -= 1
    if (depth === 0 && word === 'OR') return []
    if (depth === 0 && word === 'BETWEEN') between += 1
    if (depth === 0 && word === 'AND' && between === 0) {
      parts.push([])
      continue
    }
    if (depth === 0 && word === 'AND') between -= 1
    parts.at(-1)?.push(token)
  }
  return parts
}
