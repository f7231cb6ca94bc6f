import { nameOf, type Token, tokenize, wordOf } from '../../../sql/sqlite/tokens'
import { quote } from '../quote'
import { type ColumnEntry, unchanged } from './entries'

/**
 * A guard of the tool (`../guard.ts`) without the rows that get a kept value: a downgrade refuses rows that have no value for a column
 * that it creates, or one that does not fit, and these have one.
 *
 * @returns undefined for any other statement
 */
export function withoutKeptRows(sql: string, entries: readonly ColumnEntry[]): string | undefined {
  if (!/^\s*SELECT json_extract\('\{\}',/.test(sql)) return undefined
  let text = sql
  for (const one of entries) {
    // One column may have several needs.
    const needs = tokenize(sql).flatMap((token) =>
      token.kind === 'string' && isAbout(nameOf(token), one) ? nameOf(token) : [],
    )
    for (const need of needs) text = exclude(text, need, one) ?? text
  }
  return text === sql ? undefined : text
}

function exclude(sql: string, need: string, one: ColumnEntry): string | undefined {
  const tokens = tokenize(sql)
  const at = tokens.findIndex((token) => token.kind === 'string' && nameOf(token) === need)
  // `'…: ' || count(*)`, or `'…: ' || n2`
  const counted = at < 0 ? undefined : tokens.slice(at + 1).find(({ kind }) => kind === 'word')
  if (counted === undefined) return undefined
  return wordOf(counted) === 'COUNT' ? inWhere(sql, tokens, at, one) : inCount(sql, tokens, counted, one)
}

/** See `violationText`. */
function isAbout(text: string, { table, column, converted }: ColumnEntry): boolean {
  if (converted === undefined) {
    return text === `rows of ${table} without a value for its new NOT NULL column ${column}: `
  }
  return (
    text.startsWith(`rows with NULL in ${table}.${converted}, which becomes`) ||
    text.startsWith(`rows of ${table}.${converted} that `) ||
    text.startsWith(`rows of ${table}.${converted} with a removed value`)
  )
}

/** `FROM table [WHERE condition] HAVING count(*) > 0` */
function inWhere(sql: string, tokens: readonly Token[], after: number, one: ColumnEntry): string | undefined {
  const from = tokens.findIndex((token, at) => at > after && wordOf(token) === 'FROM')
  const [name, next] = [tokens[from + 1], tokens[from + 2]]
  const having = tokens.findLast((token) => wordOf(token) === 'HAVING')
  if (from < 0 || name === undefined || next === undefined || having === undefined) return undefined
  const condition = wordOf(next) === 'WHERE' ? `(${sql.slice(next.end, having.start).trim()}) AND ` : ''
  return `${sql.slice(0, name.end)} AS t WHERE ${condition}${hasNoValue(one)} ${sql.slice(having.start)}`
}

/** `count(CASE WHEN condition THEN 1 END) AS n2`, or `count(*) AS n2` */
function inCount(sql: string, tokens: readonly Token[], counted: Token, one: ColumnEntry): string | undefined {
  const alias = tokens.findIndex((token, at) => token.text === counted.text && wordOf(tokens[at - 1]) === 'AS')
  const start = tokens.findLastIndex(
    (token, at) => at < alias && wordOf(token) === 'COUNT' && tokens[at + 1]?.text === '(',
  )
  const [count, close] = [tokens[start], tokens[alias - 2]]
  const table = fromAfter(tokens, alias)
  const name = tokens[table + 1]
  if (alias < 0 || count === undefined || close === undefined || table < 0 || name === undefined) return undefined
  const inner = tokens.slice(start + 2, alias - 2)
  const [first, second] = inner
  const isCase = wordOf(first) === 'CASE' && wordOf(second) === 'WHEN'
  const then = inner.findLast((token) => wordOf(token) === 'THEN')
  const condition =
    isCase && second !== undefined && then !== undefined ? `(${sql.slice(second.end, then.start).trim()}) AND ` : ''
  const other = `count(CASE WHEN ${condition}${hasNoValue(one)} THEN 1 END)`
  const isNamed = wordOf(tokens[table + 2]) === 'AS'
  return (
    sql.slice(0, count.start) + other + sql.slice(close.end, name.end) + (isNamed ? '' : ' AS t') + sql.slice(name.end)
  )
}

/** Where the FROM of the same query is; the expressions between may have queries of their own. */
function fromAfter(tokens: readonly Token[], start: number): number {
  let depth = 0
  for (let at = start; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token?.text === '(') depth += 1
    if (token?.text === ')') depth -= 1
    if (depth === 0 && wordOf(token) === 'FROM') return at
  }
  return -1
}

function hasNoValue(one: ColumnEntry): string {
  return `NOT EXISTS (SELECT 1 FROM main.${quote(one.entry.place)} AS k WHERE ${unchanged(one)})`
}
