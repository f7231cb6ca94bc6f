import { fold, isIdentifier, nameOf, type Token, wordOf } from './tokens'

/** Words that end a list of tables. */
const endsTables = new Set('SELECT VALUES WITH WHERE GROUP HAVING ORDER LIMIT UNION EXCEPT INTERSECT WINDOW'.split(' '))

/** The folded names of tables and views that a query reads: names after `FROM`, `JOIN`, a comma between tables, or `IN`. */
export function relationsIn(tokens: readonly Token[]): Set<string> {
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
    else if (isIdentifier(token) && (isTable || wordOf(before) === 'IN'))
      found.add(fold(nameOf(relation(tokens, at) ?? token)))
  }
  return found
}

/** `main.t` is `t`. */
function relation(tokens: readonly Token[], at: number): Token | undefined {
  return isSymbol(tokens[at + 1], '.') ? tokens[at + 2] : undefined
}

function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text
}
