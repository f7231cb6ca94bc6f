import type { ColumnDef, Constraint } from 'libpg-query' with { 'resolution-mode': 'import' }

import { wordOf } from '../../sql/lexer'
import { bodiesIn } from '../../sql/postgres/nodes'
import { tokenize } from '../../sql/postgres/tokens'
import { significant, type Token } from '../../sql/tokens'
import type { PostgresSubject } from './subject'

/**
 * The statement with another word after the first `after` in it.
 *
 * @example
 * withWord('CREATE INDEX a ON b (c)', 'INDEX', 'CONCURRENTLY') // 'CREATE INDEX CONCURRENTLY a ON b (c)'
 */
export function withWord(sql: string, after: string, word: string): string {
  const token = tokenize(sql).find((one) => wordOf(one) === after)
  return token === undefined ? sql : `${sql.slice(0, token.end)} ${word}${sql.slice(token.end)}`
}

/** The text of an ALTER TABLE in parts. */
export interface AlterText {
  /** `ALTER TABLE IF EXISTS ONLY "orders"`. */
  readonly head: string
  readonly commands: readonly string[]
}

/**
 * @returns undefined if it is not an ALTER TABLE
 * @example
 * alterText('ALTER TABLE a ADD b integer, DROP c') // { head: 'ALTER TABLE a', commands: ['ADD b integer', 'DROP c'] }
 */
export function alterText(sql: string): AlterText | undefined {
  const all = tokenize(sql)
  const tokens = significant(all).flatMap((index) => all[index] ?? [])
  const first = endOfHead(tokens)
  const last = tokens[first - 1]
  if (last === undefined) return undefined
  const starts: Token[] = tokens.slice(first, first + 1)
  const ends: Token[] = []
  let depth = 0
  for (const [index, token] of tokens.entries()) {
    if (index < first) continue
    if (token.text === '(' || token.text === '[') depth += 1
    else if (token.text === ')' || token.text === ']') depth -= 1
    else if (token.text === ',' && depth === 0) {
      ends.push(...tokens.slice(index - 1, index))
      starts.push(...tokens.slice(index + 1, index + 2))
    }
  }
  ends.push(...tokens.slice(-1))
  return {
    head: sql.slice(tokens[0]?.start, last.end),
    commands: starts.map(({ start }, index) => sql.slice(start, ends[index]?.end)),
  }
}

/** The number of tokens of `ALTER TABLE [IF EXISTS] [ONLY] name [*]`; 0 for anything else. */
function endOfHead(tokens: readonly Token[]): number {
  const isWord = (at: number, word: string): boolean => wordOf(tokens[at]) === word
  if (!isWord(0, 'ALTER') || !isWord(1, 'TABLE')) return 0
  let at = 2
  if (isWord(at, 'IF')) at += 2
  if (isWord(at, 'ONLY')) at += 1
  at += 1
  while (tokens[at]?.text === '.') at += 2
  return tokens[at]?.text === '*' ? at + 1 : at
}

/**
 * The ALTER TABLE with another text for one of its commands; without one, it is left out.
 *
 * @returns empty if nothing remains
 */
export function withCommand({ head, commands }: AlterText, position: number, text?: string): readonly string[] {
  const rest = commands.flatMap((command, index) => (index === position ? (text ?? []) : [command]))
  return rest.length === 0 ? [] : [`${head} ${rest.join(', ')}`]
}

/** A command ADD COLUMN in parts. */
export interface ColumnText {
  /** `ADD COLUMN "email" text`. */
  readonly definition: string
  readonly constraints: readonly { readonly constraint: Constraint; readonly text: string }[]
}

/**
 * @param command its text, which is a part of the statement
 * @param column its definition in the parse tree
 */
export function columnText(
  { sql, start }: Pick<PostgresSubject, 'sql' | 'start'>,
  command: string,
  column: ColumnDef,
): ColumnText {
  const begin = sql.indexOf(command)
  const bytes = Buffer.from(sql)
  const offset = (location = 0): number => bytes.subarray(0, location - start).toString().length - begin
  const all = bodiesIn(column.constraints, 'Constraint').map((constraint) => ({
    constraint,
    at: offset(constraint.location),
  }))
  // DEFERRABLE, and NOT ENFORCED, belong to the constraint before them.
  const own = all.filter(({ constraint }) => constraint.contype?.startsWith('CONSTR_ATTR_') !== true)
  const collation = column.collClause?.location
  const stops = [
    ...own.map(({ at }) => at),
    ...(collation === undefined ? [] : [offset(collation)]),
    command.length,
  ].toSorted((a, b) => a - b)
  const textFrom = (at: number): string =>
    command
      .slice(
        at,
        stops.find((stop) => stop > at),
      )
      .trim()
  const before = command.slice(0, stops[0]).trim()
  return {
    definition: collation === undefined ? before : `${before} ${textFrom(offset(collation))}`,
    constraints: own.map(({ constraint, at }) => ({ constraint, text: textFrom(at) })),
  }
}

/**
 * The text of a constraint without its name.
 *
 * @example
 * withoutName('CONSTRAINT "positive" CHECK ("n" > 0)') // 'CHECK ("n" > 0)'
 */
export function withoutName(text: string): string {
  const all = tokenize(text)
  const [first, , third] = significant(all).flatMap((index) => all[index] ?? [])
  return wordOf(first) === 'CONSTRAINT' && third !== undefined ? text.slice(third.start) : text
}

/**
 * The statement without words that follow each other.
 *
 * @example
 * withoutWords('DROP TABLE IF EXISTS a', 'IF', 'EXISTS') // 'DROP TABLE a'
 */
export function withoutWords(sql: string, ...words: readonly string[]): string {
  const all = tokenize(sql)
  const tokens = significant(all).flatMap((index) => all[index] ?? [])
  const first = tokens.findIndex((_, at) => words.every((word, index) => wordOf(tokens[at + index]) === word))
  const start = tokens[first]?.start
  const after = tokens[first + words.length]?.start
  return start === undefined || after === undefined ? sql : sql.slice(0, start) + sql.slice(after)
}
