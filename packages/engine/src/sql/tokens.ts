import { Lexer, type Token } from './lexer'

export { unquote } from './lexer'

/** A token of an expression or a statement whose dialect is not known. */
export type SqlToken = Token

/**
 * Reads SQL expressions as databases print them (checks, defaults, index conditions, generated columns) well enough to
 * find and to rename what they mention, in PostgreSQL's and in SQLite's spelling, without mistaking a literal,
 * a comment, a type or a function for a column.
 */
export function tokenize(sql: string): SqlToken[] {
  return allTokens(new Lexer(sql, 'neutral'))
}

/** What a lexer has left to read, as tokens. */
export function allTokens(lexer: Lexer): Token[] {
  const tokens: Token[] = []
  for (let token = lexer.next(); token !== undefined; token = lexer.next()) tokens.push(token)
  return tokens
}

/** Words that are never a column when they stand bare in an expression, on either engine. */
const keywords = new Set(
  (
    'and or not null is in like ilike between case when then else end cast collate isnull notnull exists select from ' +
    'where distinct escape glob match regexp as all any some array true false similar symmetric both leading trailing ' +
    'placing current_date current_time current_timestamp localtime localtimestamp current_user session_user unknown'
  ).split(' '),
)

/** What PostgreSQL quotes when it prints it, and the rest of what SQLite reserves. */
const reserved = new Set([
  ...keywords,
  ...(
    'add alter analyse analyze asc asymmetric authorization autoincrement between bigint binary bit boolean by char ' +
    'character check coalesce collation column commit concurrently constraint create cross current_catalog current_role ' +
    'current_schema dec decimal default deferrable delete desc do drop end except extract fetch float for foreign freeze ' +
    'full grant greatest group grouping having if index initially inner inout insert int integer intersect interval into ' +
    'join lateral least left limit natural national nchar none normalize nothing nullif numeric offset on only order out ' +
    'outer overlaps overlay position precision primary raise real references returning right row set setof smallint ' +
    'substring table tablesample then time timestamp to transaction treat trim union unique update user using values ' +
    'varchar variadic verbose when window with xmlattributes'
  ).split(' '),
])

/** True if the name needs no quotes in either database. */
export function isPlainName(name: string): boolean {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name)
}

/** The name in double quotes. For texts inside a schema value; statements are quoted by their dialect. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The name as PostgreSQL prints it: quoted only where needed. */
export function printedName(name: string): string {
  return isPlainName(name) ? name : quotedName(name)
}

/** Places of tokens that are neither space nor comment. */
export function significant(tokens: readonly SqlToken[]): number[] {
  return tokens.flatMap((token, index) => (token.kind === 'space' || token.kind === 'comment' ? [] : [index]))
}

/** True for a keyword that cannot be a column without quotes. */
export function isKeyword(word: string): boolean {
  return keywords.has(word.toLowerCase())
}
