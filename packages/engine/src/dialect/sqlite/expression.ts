import { isBeforeParenthesis, isExpressionWord, isKeyword, isReserved, isRowid } from './keywords'
import { quote } from './quote'
import { collationName, fold, isIdentifier, nameOf, sameIdentifier, type Token, wordOf } from '../../sql/sqlite/tokens'

/** The columns of one table, which an expression may name. */
export interface ExpressionScope {
  readonly table: string
  readonly columns: readonly string[]
}

const lookups = new WeakMap<readonly string[], ReadonlyMap<string, string>>()

/** The declared name of a column, found without regard to case. */
export function columnNamed(name: string, { columns }: ExpressionScope): string | undefined {
  const lookup = lookups.get(columns) ?? new Map(columns.map((column) => [fold(column), column]))
  lookups.set(columns, lookup)
  return lookup.get(fold(name))
}

/**
 * An expression in canonical spelling: no outer parentheses and no comments, single spaces, keywords in capitals, columns in
 * double quotes with the case of their declaration and without their table (`CREATE TABLE "aludel_new_t" (… CHECK
 * (t.a > 0))` would not work). Literals do not change.
 *
 * @example
 * printExpression(tokenize('([a]>0  and lower(B) in (\'x\'))'), { table: 't', columns: ['a', 'b'] })
 * // `"a" > 0 AND lower("b") IN ('x')`
 */
export function printExpression(tokens: readonly Token[], scope: ExpressionScope): string {
  const inner = withoutOuterParentheses(tokens)
  const own = inner.filter((_, index) => !isOwnQualifier(inner, index, scope.table))
  return print(own, (token, at) => spellInExpression(own, token, at, scope))
}

/**
 * A query in canonical spelling, as by {@link printExpression}; names keep their case and their tables.
 *
 * @example
 * printQuery(tokenize('select a.id as key from [a] order by 1')) // `SELECT "a"."id" AS "key" FROM "a" ORDER BY 1`
 */
export function printQuery(tokens: readonly Token[]): string {
  return print(tokens, (token, at) => spellInQuery(tokens, token, at))
}

/** The tokens without parentheses that enclose all of them. */
export function withoutOuterParentheses(tokens: readonly Token[]): readonly Token[] {
  let inner = tokens
  while (inner.length > 2 && isSymbol(inner[0], '(') && closingAt(inner, 0) === inner.length - 1)
    inner = inner.slice(1, -1)
  return inner
}

function closingAt(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (isSymbol(tokens[at], '(')) depth += 1
    if (isSymbol(tokens[at], ')')) depth -= 1
    if (depth === 0) return at
  }
  return -1
}

/** True for the name of the table, and for the dot after it, in `t.a`. */
function isOwnQualifier(tokens: readonly Token[], at: number, table: string): boolean {
  const isQualifier = (index: number): boolean => {
    const token = tokens[index]
    return isIdentifier(token) && isSymbol(tokens[index + 1], '.') && sameIdentifier(nameOf(token), table)
  }
  return isQualifier(at) || (isSymbol(tokens[at], '.') && isQualifier(at - 1))
}

function spellInExpression(tokens: readonly Token[], token: Token, at: number, scope: ExpressionScope): string {
  const column = isIdentifier(token) ? columnNamed(nameOf(token), scope) : undefined
  const word = wordOf(token)
  if (token.kind === 'name') return quote(column ?? nameOf(token))
  if (word === undefined) return token.kind === 'blob' ? token.text.toUpperCase() : token.text
  if (wordOf(tokens[at - 1]) === 'COLLATE') return collationName(token)
  if (isTypeAt(tokens, at)) return fold(token.text)
  if (isFunctionAt(tokens, at)) return isExpressionWord(word) ? word : fold(token.text)
  if (
    column !== undefined &&
    !isReserved(word) &&
    !isLiteralWord(word) &&
    (!isExpressionWord(word) || isOperandAt(tokens, at))
  ) {
    return quote(column)
  }
  return isKeyword(word) ? word : isRowid(word) ? fold(token.text) : quote(token.text)
}

function spellInQuery(tokens: readonly Token[], token: Token, at: number): string {
  const word = wordOf(token)
  if (token.kind === 'name') return quote(nameOf(token))
  if (word === undefined) return token.kind === 'blob' ? token.text.toUpperCase() : token.text
  if (wordOf(tokens[at - 1]) === 'COLLATE') return collationName(token)
  if (isSymbol(tokens[at - 1], '.')) return quote(token.text)
  if (isTypeAt(tokens, at)) return fold(token.text)
  if (isAlias(tokens, at)) return quote(token.text)
  if (isFunctionAt(tokens, at)) return isExpressionWord(word) ? word : fold(token.text)
  if (isExpressionWord(word)) return word
  if (isKeyword(word)) return word !== 'INDEXED' && isOperandAt(tokens, at) ? quote(token.text) : word
  return isRowid(word) ? fold(token.text) : quote(token.text)
}

/** Whether the word is in the place of an operand and not of an operator; then `key` or `match` is a column's name. */
function isOperandAt(tokens: readonly Token[], at: number): boolean {
  const before = tokens[at - 1]
  const after = tokens[at + 1]
  const opens =
    before === undefined || (before.kind === 'symbol' && before.text !== ')') || takesOperand(wordOf(before))
  const closes =
    after === undefined || (after.kind === 'symbol' && after.text !== '(') || isReserved(wordOf(after) ?? '')
  return opens && closes
}

/** Reserved words after which an operand may follow. */
function takesOperand(word: string | undefined): boolean {
  return word !== undefined && isReserved(word) && !['NULL', 'ISNULL', 'NOTNULL'].includes(word)
}

/** Unquoted, these are never a column, even if one has that name. */
function isLiteralWord(word: string): boolean {
  return ['CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIMESTAMP'].includes(word)
}

/** Within the type of `CAST(… AS varying character(5))`. */
function isTypeAt(tokens: readonly Token[], at: number): boolean {
  let index = at
  while (tokens[index]?.kind === 'word' && wordOf(tokens[index - 1]) !== 'AS') index -= 1
  if (wordOf(tokens[index - 1]) !== 'AS' || tokens[index]?.kind !== 'word') return false
  let depth = 0
  for (let open = index - 2; open >= 0; open--) {
    if (isSymbol(tokens[open], ')')) depth += 1
    if (isSymbol(tokens[open], '(')) depth -= 1
    if (depth < 0) return wordOf(tokens[open - 1]) === 'CAST'
  }
  return false
}

function isFunctionAt(tokens: readonly Token[], at: number): boolean {
  return isSymbol(tokens[at + 1], '(') && !isBeforeParenthesis(wordOf(tokens[at]) ?? '')
}

/** An unquoted word after `AS` is a new name, even if it is a keyword elsewhere; but not `AS MATERIALIZED (`. */
function isAlias(tokens: readonly Token[], at: number): boolean {
  return wordOf(tokens[at - 1]) === 'AS' && !isReserved(wordOf(tokens[at]) ?? '') && !isSymbol(tokens[at + 1], '(')
}

export function isSymbol(token: Token | undefined, symbol: string): boolean {
  return token?.kind === 'symbol' && token.text === symbol
}

function print(tokens: readonly Token[], spell: (token: Token, at: number) => string): string {
  return tokens.map((token, at) => (at > 0 && isSpaced(tokens, at) ? ' ' : '') + spell(token, at)).join('')
}

/** Whether a space is needed before the token. */
function isSpaced(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]
  const before = tokens[at - 1]
  if (isSymbol(before, '(') || isSymbol(before, '.')) return false
  if (isSymbol(token, ')') || isSymbol(token, ',') || isSymbol(token, '.')) return false
  if (isSymbol(token, '(') && isIdentifier(before)) {
    return before.kind === 'word' && isBeforeParenthesis(wordOf(before) ?? '')
  }
  // Two signs without a space between them would begin a comment.
  return isSymbol(token, '-') || !isSign(tokens, at - 1)
}

/** True for a `-`, `+` or `~` that belongs to the operand after it. */
function isSign(tokens: readonly Token[], at: number): boolean {
  if (!['-', '+', '~'].some((sign) => isSymbol(tokens[at], sign))) return false
  const before = tokens[at - 1]
  return before === undefined || (before.kind === 'symbol' ? before.text !== ')' : takesOperand(wordOf(before)))
}
