import { Cursor, isComma } from '../../sql/sqlite/cursor'
import { isSymbol, printQuery, withoutOuterParentheses } from './expression'
import { isExpressionWord } from './keywords'
import { quote, quoteList } from './quote'
import { isIdentifier, type Token, wordOf } from '../../sql/sqlite/tokens'

/**
 * Reads a `CREATE VIEW` statement as SQLite keeps it, with its query in canonical spelling. For a view with a list of column
 * names, the query is changed to name its columns.
 *
 * @example
 * parseView('CREATE VIEW v(a) AS select 1') // { name: 'v', definition: 'WITH "v"("a") AS (SELECT 1) SELECT * FROM "v"' }
 */
export function parseView(sql: string): { readonly name: string; readonly definition: string } {
  const cursor = new Cursor(sql)
  cursor.expect('CREATE')
  if (!cursor.take('TEMP')) cursor.take('TEMPORARY')
  cursor.expect('VIEW')
  const name = cursor.objectName()
  const columns: string[] = []
  if (cursor.takeSymbol('(')) {
    while (!cursor.takeSymbol(')')) {
      columns.push(cursor.name())
      cursor.takeSymbol(',')
    }
  }
  cursor.expect('AS')
  const tokens = cursor.rest()
  const query = printQuery(columns.length === 0 ? withColumnNames(tokens, sql) : tokens)
  const definition =
    columns.length === 0
      ? query
      : `WITH ${quote(name)}(${quoteList(columns)}) AS (${query}) SELECT * FROM ${quote(name)}`
  return { name, definition }
}

/** Words that end the list of a query's columns. */
const endsColumns = new Set('FROM WHERE GROUP HAVING ORDER LIMIT UNION EXCEPT INTERSECT WINDOW'.split(' '))

/**
 * The query with a name for every unnamed expression: SQLite names such a column by its text, so canonical spelling would
 * rename it.
 */
function withColumnNames(tokens: readonly Token[], sql: string): Token[] {
  const depths = depthsOf(tokens)
  const select = tokens.findIndex((token, at) => wordOf(token) === 'SELECT' && depths[at] === 0)
  if (select < 0) return [...tokens]
  const first = ['DISTINCT', 'ALL'].includes(wordOf(tokens[select + 1]) ?? '') ? select + 2 : select + 1
  const end = tokens.findIndex((token, at) => at >= first && depths[at] === 0 && endsColumns.has(wordOf(token) ?? ''))
  const result = tokens.slice(0, first)
  let column: Token[] = []
  const finish = (): void => {
    result.push(...column, ...nameFor(column, sql))
    column = []
  }
  const last = end < 0 ? tokens.length : end
  for (const [at, token] of tokens.entries()) {
    if (at < first || at >= last) continue
    if (depths[at] === 0 && isComma(token)) {
      finish()
      result.push(token)
    } else column.push(token)
  }
  finish()
  return [...result, ...tokens.slice(last)]
}

/** For each token, the number of open parentheses around it. */
function depthsOf(tokens: readonly Token[]): number[] {
  let depth = 0
  return tokens.map((token) => {
    if (isSymbol(token, ')')) depth -= 1
    const own = depth
    if (isSymbol(token, '(')) depth += 1
    return own
  })
}

/** `AS "…"` for an expression; nothing for a column, `*`, or an expression with a name. */
function nameFor(column: readonly Token[], sql: string): Token[] {
  const [first, last, before] = [column[0], column.at(-1), column.at(-2)]
  if (first === undefined || last === undefined) return []
  const text = sql.slice(first.start, last.end)
  if (isColumn(column) || isNamed(last, before) || printQuery(column) === text) return []
  const as: Token = { kind: 'word', text: 'AS', start: last.end, end: last.end }
  return [as, { ...as, kind: 'name', text: quote(text) }]
}

/** True for `a`, `t.a`, `*` and `t.*`, also with a collation or in parentheses. */
function isColumn(tokens: readonly Token[]): boolean {
  const bare = withoutOuterParentheses(wordOf(tokens.at(-2)) === 'COLLATE' ? tokens.slice(0, -2) : tokens)
  if (bare.length !== tokens.length) return isColumn(bare)
  return tokens.every((token, at) =>
    at % 2 === 0 ? isIdentifier(token) || isSymbol(token, '*') : isSymbol(token, '.'),
  )
}

/** Whether the last token is a name, with or without `AS`: it follows a complete expression. */
function isNamed(last: Token, before: Token | undefined): boolean {
  if (before === undefined || !['word', 'name', 'string'].includes(last.kind)) return false
  const word = wordOf(before)
  if (word === 'AS') return true
  if (isExpressionWord(wordOf(last) ?? '')) return false
  return before.kind === 'symbol'
    ? before.text === ')'
    : word === undefined || word === 'END' || !isExpressionWord(word)
}
