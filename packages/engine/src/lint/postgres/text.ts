import { wordOf } from '../../sql/lexer'
import { tokenize } from '../../sql/postgres/tokens'
import type { Token } from '../../sql/tokens'

/*
 * Parts of a statement as they are written. The parse tree has no text of an expression, and queries in the help of a finding
 * need one.
 */

/** Tokens of one line: a run of spaces and comments becomes one space. */
function lineOf(sql: string): readonly Token[] {
  const line: Token[] = []
  for (const token of tokenize(sql)) {
    const isCode = token.kind !== 'space' && token.kind !== 'comment'
    if (isCode || line.at(-1)?.kind !== 'space') line.push(isCode ? token : { ...token, kind: 'space', text: ' ' })
  }
  return line
}

function textOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ text }) => text)
    .join('')
    .trim()
}

/** Each token with the number of brackets around it; a bracket itself counts as outside. */
function withDepth(tokens: readonly Token[]): readonly (readonly [token: Token, depth: number])[] {
  let depth = 0
  return tokens.map((token) => {
    if (token.kind === 'symbol' && /^[)\]]$/.test(token.text)) depth -= 1
    const own = depth
    if (token.kind === 'symbol' && /^[([]$/.test(token.text)) depth += 1
    return [token, own] as const
  })
}

/** The parts between commas that are in no brackets. */
function splitAtCommas(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]]
  for (const [token, depth] of withDepth(tokens))
    if (depth === 0 && token.text === ',') parts.push([])
    else parts.at(-1)?.push(token)
  return parts
}

/**
 * The commands of an ALTER TABLE, each in one line; the first one has the beginning of the statement.
 *
 * @example
 * commandTexts('ALTER TABLE a DROP b, ALTER c TYPE numeric(4,2)') // ['ALTER TABLE a DROP b', 'ALTER c TYPE numeric(4,2)']
 */
export function commandTexts(sql: string): readonly string[] {
  return splitAtCommas(lineOf(sql)).map(textOf)
}

/**
 * What follows the first such word that is in no brackets; undefined without the word.
 *
 * @example
 * textAfter('ALTER c TYPE integer USING c::integer', 'USING') // 'c::integer'
 */
export function textAfter(sql: string, word: string): string | undefined {
  const tokens = lineOf(sql)
  const at = withDepth(tokens).findIndex(([token, depth]) => depth === 0 && wordOf(token) === word)
  return at === -1 ? undefined : textOf(tokens.slice(at + 1))
}

/**
 * What is in the first brackets after the first such word.
 *
 * @example
 * bracketsAfter('ADD CONSTRAINT c CHECK (a > (1)) NOT VALID', 'CHECK') // 'a > (1)'
 */
export function bracketsAfter(sql: string, word: string): string | undefined {
  const rest = textAfter(sql, word)
  return rest === undefined ? undefined : firstBrackets(lineOf(rest))
}

function firstBrackets(tokens: readonly Token[]): string | undefined {
  const deep = withDepth(tokens)
  const open = deep.findIndex(([{ text }, depth]) => depth === 0 && text === '(')
  const close = deep.findIndex(([{ text }, depth], index) => index > open && depth === 0 && text === ')')
  return open === -1 || close === -1 ? undefined : textOf(tokens.slice(open + 1, close))
}

/**
 * The keys of a CREATE INDEX, without their order and operator classes.
 *
 * @example
 * indexKeys('CREATE INDEX ON t USING btree (a DESC, lower(b), (c || d) text_pattern_ops)') // ['a', 'lower(b)', '(c || d)']
 */
export function indexKeys(sql: string): readonly string[] {
  const list = bracketsAfter(sql, 'ON')
  return list === undefined ? [] : splitAtCommas(lineOf(list)).map(keyOf)
}

/** The column, the call or the expression in brackets that a key begins with. */
function keyOf(tokens: readonly Token[]): string {
  const deep = withDepth(tokens)
  const first = deep.findIndex(([{ kind }]) => kind !== 'space')
  // A name may be qualified: pg_catalog.lower(a).
  let end = first + 1
  while (deep[end]?.[0].text === '.') end += 2
  const opening = deep[first]?.[0].text === '(' ? first : end
  if (deep[opening]?.[0].text !== '(') return textOf(tokens.slice(first, end))
  const close = deep.findIndex(([{ text }, depth], index) => index > opening && depth === 0 && text === ')')
  return textOf(tokens.slice(first, close + 1))
}
