import { Cursor } from './cursor'
import { printQuery } from './expression'
import { quote, quoteList } from './quote'
import { fold, isIdentifier, nameOf, type Token, tokenize, wordOf } from './tokens'

/**
 * Reads a `CREATE VIEW` statement as SQLite keeps it and gives its query, in the spelling that equal queries share.
 * A view with a list of column names becomes a query that names its columns itself.
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
  const query = printQuery(cursor.rest())
  const definition =
    columns.length === 0 ? query : `WITH ${quote(name)}(${quoteList(columns)}) AS (${query}) SELECT * FROM ${quote(name)}`
  return { name, definition }
}

/** Words behind which a list of tables ends. */
const endsTables = new Set('SELECT VALUES WITH WHERE GROUP HAVING ORDER LIMIT UNION EXCEPT INTERSECT WINDOW'.split(' '))

/** The names of tables and views that a query reads, folded to lower case: what follows `FROM`, `JOIN`, a comma between tables, or `IN`. */
export function relationsIn(sql: string): Set<string> {
  const tokens = tokenize(sql)
  const found = new Set<string>()
  // Per parenthesis: whether a table's name may follow a comma there.
  const lists: boolean[] = [false]
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1]
    const word = wordOf(token)
    const isListed = lists.at(-1) === true && (isSymbol(before, ',') || isSymbol(before, '('))
    const isTable = isListed || ['FROM', 'JOIN'].includes(wordOf(before) ?? '')
    if (isSymbol(token, '(')) lists.push(isTable)
    else if (isSymbol(token, ')')) lists.pop()
    else if (word === 'FROM' || word === 'JOIN') lists[lists.length - 1] = true
    else if (word !== undefined && endsTables.has(word)) lists[lists.length - 1] = false
    else if (isIdentifier(token) && (isTable || wordOf(before) === 'IN')) found.add(fold(nameOf(relation(tokens, at) ?? token)))
  }
  return found
}

/** `main.t` is `t`. */
function relation(tokens: readonly Token[], at: number): Token | undefined {
  return isSymbol(tokens[at + 1], '.') ? tokens[at + 2] : undefined
}

function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol
}
