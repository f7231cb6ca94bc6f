import { codeTokens, type Token, unquote, wordOf } from '../../sql/lexer'
import { tablesMentioned } from '../../sql/mentions'

/** What statements change on purpose: they give another expression than the column, or choose the rows. */
export interface Intended {
  /** Names of columns, in lower case, in an expression that is more than a cast. */
  readonly columns: ReadonlySet<string>
  /** Tables, as they are displayed, of which a copy leaves out rows by a condition. */
  readonly tables: ReadonlySet<string>
}

const choosing = new Set(['WHERE', 'DISTINCT', 'GROUP', 'HAVING', 'LIMIT', 'EXCEPT', 'INTERSECT'])

/**
 * Reads what statements mean to change: `USING left("code", 5)`, `SELECT coalesce("name", '') FROM …`. A cast is no such expression: it
 * makes 0 of a text on SQLite, and 13 of 12.5 on PostgreSQL, and hardly anybody means that.
 *
 * @param tables those of the database, as they are displayed
 * @example
 * intendedBy(['ALTER TABLE "t" ALTER "a" TYPE int USING "a"::int, ALTER "b" TYPE int USING length("b")'], ['t']).columns // { 'b', 'length' }
 */
export function intendedBy(statements: readonly string[], tables: readonly string[]): Intended {
  const columns = new Set<string>()
  const chosen = new Set<string>()
  for (const sql of statements) {
    const tokens = [...codeTokens(sql, 'neutral')]
    for (const [at, token] of tokens.entries()) {
      const word = wordOf(token)
      if (word !== 'USING' && word !== 'SELECT') continue
      const { items, next } = itemsFrom(tokens, at + 1)
      for (const item of items.filter((one) => !isPlain(one)))
        for (const one of item) if (one.kind === 'word' || one.kind === 'name') columns.add(unquote(one).toLowerCase())
      const rest = tokens.slice(next)
      const isChoice = word === 'SELECT' && [...items.flat(), ...rest].some((one) => choosing.has(wordOf(one) ?? ''))
      if (isChoice && wordOf(tokens[0]) !== 'SELECT')
        for (const table of tablesMentioned(sql, tables)) chosen.add(table)
    }
  }
  return { columns, tables: chosen }
}

/** The items of a list, up to its end: a FROM, a closing parenthesis, or, after USING, a comma. */
function itemsFrom(
  tokens: readonly Token[],
  start: number,
): { readonly items: readonly Token[][]; readonly next: number } {
  const items: Token[][] = [[]]
  let depth = 0
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) break
    if (token.text === '(') depth += 1
    if (token.text === ')') depth -= 1
    if (depth < 0 || (depth === 0 && (wordOf(token) === 'FROM' || token.text === ';'))) return { items, next: at }
    if (depth === 0 && token.text === ',') items.push([])
    else items.at(-1)?.push(token)
  }
  return { items, next: tokens.length }
}

/** `a`, `t.a`, `a::int`, `CAST(a AS int)`, `(a)`, with an alias or without. */
function isPlain(item: readonly Token[]): boolean {
  const text = item
    .map((token) =>
      token.kind === 'name' ? 'x' : token.kind === 'word' ? wordOf(token) : token.kind === 'string' ? "''" : token.text,
    )
    .join(' ')
  const name = String.raw`(?:(?:x|\w+) \. )?(?:x|\w+|\*)`
  const type = String.raw`[\w\s.,()\[\]]+`
  return new RegExp(
    String.raw`^(?:\( )*(?:${name}|CAST \( ${name} AS ${type} \)|\(? ?${name}(?: \))?(?: ::? ?:? ${type})+)(?: \))*(?: AS (?:x|\w+))?$`,
    'i',
  ).test(text)
}
