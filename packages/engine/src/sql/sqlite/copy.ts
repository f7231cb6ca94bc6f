import type { WrittenName } from '../reader'
import { Cursor, isComma } from './cursor'
import { closing, isRowByRow } from './functions'
import { fold, isIdentifier, nameOf, type Token, wordOf } from './tokens'

/** A query that returns every row of one table once. */
export interface Copy {
  readonly source: WrittenName
  /** See {@link halfOf}. */
  readonly half?: 'enforced' | 'unenforced'
  readonly columns: readonly CopiedColumn[]
}

/** `*`, or one column of the result. */
export type CopiedColumn = '*' | { readonly name: string | undefined; readonly kept: string | undefined }

/**
 * Reads `SELECT … FROM table`; undefined for a query that may omit or join rows: DISTINCT, WHERE, LIMIT, other tables,
 * aggregates, WITH …
 *
 * These expressions keep a column's values, and no others: the column; `CAST(… AS text)` and `AS blob`, which convert
 * between text and bytes; `ifnull(column, …)` and `coalesce(column, …)`, which fill gaps; `COLLATE`, parentheses. Other
 * casts turn `'abc'` into 0. A conversion by the affinity of the target column (`'12'` becomes 12 in an INTEGER column)
 * counts as kept: the types of the source table are not known here.
 */
export function readCopy(sql: string, tokens: readonly Token[]): Copy | undefined {
  const cursor = new Cursor(sql, tokens)
  if (!cursor.take('SELECT') || cursor.is('DISTINCT')) return undefined
  cursor.take('ALL')
  const items: Token[][] = []
  do items.push(cursor.until((token) => isComma(token) || wordOf(token) === 'FROM'))
  while (cursor.takeSymbol(','))
  if (!cursor.take('FROM') || !items.every(isRowByRow) || !isIdentifier(cursor.peek())) return undefined
  const source = cursor.qualifiedName()
  const qualifier = aliasAt(cursor) ?? source.name
  const isWhole = cursor.done
  const half = halfOf(cursor.rest())
  if (!isWhole && half === undefined) return undefined
  return { source, columns: items.map((item) => readItem(item, qualifier)), half }
}

/** Words that can follow a table and are not its alias. */
const clauses = new Set(
  (
    'CROSS EXCEPT FROM FULL GROUP HAVING INDEXED INNER INTERSECT JOIN LEFT LIMIT NATURAL NOT ON ORDER RETURNING RIGHT UNION ' +
    'USING WHERE WINDOW'
  ).split(' '),
)

function aliasAt(cursor: Cursor): string | undefined {
  if (!cursor.take('AS') && clauses.has(wordOf(cursor.peek()) ?? '')) return undefined
  return isIdentifier(cursor.peek()) ? cursor.name() : undefined
}

/**
 * A rebuild that must be correct with and without enforced foreign keys has two statements, of which one copies all rows
 * and the other none (`dialect/sqlite/rebuild.ts`): WHERE [NOT] (SELECT "foreign_keys" FROM pragma_foreign_keys).
 */
function halfOf(tokens: readonly Token[]): 'enforced' | 'unenforced' | undefined {
  const text = tokens.map((token) => (token.kind === 'symbol' ? token.text : fold(nameOf(token)))).join(' ')
  const found = /^where (not )?\( select foreign_keys from pragma_foreign_keys \)$/.exec(text)
  return found === null ? undefined : found[1] === undefined ? 'enforced' : 'unenforced'
}

function readItem(item: readonly Token[], qualifier: string): CopiedColumn {
  const [first, second, third] = item
  if (item.length === 1 && first?.text === '*') return '*'
  if (item.length === 3 && second?.text === '.' && third?.text === '*') return '*'
  const alias = wordOf(item.at(-2)) === 'AS' ? item.at(-1) : undefined
  const expression = alias === undefined ? item : item.slice(0, -2)
  const kept = keptColumn(expression, qualifier)
  const last = expression.at(-1)
  const isName = kept !== undefined && isIdentifier(last) && wordOf(expression.at(-2)) !== 'COLLATE'
  return { kept, name: alias !== undefined ? nameOf(alias) : isName ? nameOf(last) : undefined }
}

const noColumn = new Set(['NULL', 'TRUE', 'FALSE', 'CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIMESTAMP'])

/** The column whose values an expression returns unchanged, except for NULL. */
function keptColumn(expression: readonly Token[], qualifier: string): string | undefined {
  const inner = withoutBrackets(expression)
  const [first, second] = inner
  const last = inner.at(-1)
  if (wordOf(inner.at(-2)) === 'COLLATE') return keptColumn(inner.slice(0, -2), qualifier)
  if (isIdentifier(last) && isColumn(inner, qualifier))
    return noColumn.has(wordOf(last) ?? '') ? undefined : nameOf(last)
  if (second?.text !== '(' || closing(inner, 1) !== inner.length - 1 || first?.kind !== 'word') return undefined
  const list = inner.slice(2, -1)
  switch (first.text.toUpperCase()) {
    case 'CAST':
      return wordOf(list.at(-2)) === 'AS' && ['TEXT', 'BLOB'].includes(wordOf(list.at(-1)) ?? '')
        ? keptColumn(list.slice(0, -2), qualifier)
        : undefined
    case 'IFNULL':
    case 'COALESCE': {
      const value = new Cursor('', list).until(isComma)
      return value.length === list.length ? undefined : keptColumn(value, qualifier)
    }
    default:
      return undefined
  }
}

/** `column`, `table.column`. */
function isColumn(tokens: readonly Token[], qualifier: string): boolean {
  const [first, second] = tokens
  if (tokens.length === 1) return true
  return tokens.length === 3 && isIdentifier(first) && second?.text === '.' && fold(nameOf(first)) === fold(qualifier)
}

/** `((x))` is `x`. */
export function withoutBrackets(tokens: readonly Token[]): readonly Token[] {
  const isWhole = tokens[0]?.kind === 'symbol' && tokens[0].text === '(' && closing(tokens, 0) === tokens.length - 1
  return isWhole ? withoutBrackets(tokens.slice(1, -1)) : tokens
}
