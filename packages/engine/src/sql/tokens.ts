import { Lexer, type Token } from './lexer'
import type { Flavor } from './lexical-rules'

export { type Token, unquote } from './lexer'

/** All tokens of a text, including spaces and comments. Enough to find and rename what an expression mentions. */
export function tokenize(sql: string, flavor: Flavor = 'neutral'): Token[] {
  const tokens: Token[] = []
  const lexer = new Lexer(sql, flavor)
  for (let token = lexer.next(); token !== undefined; token = lexer.next()) tokens.push(token)
  return tokens
}

/** Words that, without quotes, are never a column in an expression of either database. */
const keywords = new Set(
  (
    'and or not null is in like ilike between case when then else end cast collate isnull notnull exists select from ' +
    'where distinct escape glob match regexp as all any some array true false similar symmetric both leading trailing ' +
    'placing current_date current_time current_timestamp localtime localtimestamp current_user session_user unknown'
  ).split(' '),
)

/** The words that PostgreSQL quotes when it prints a name, and the other words that SQLite reserves. */
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

/** The name in double quotes, for texts inside a schema value. The names in statements are quoted by their dialect. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The name as PostgreSQL prints it: quoted only where needed. */
export function printedName(name: string): string {
  return isPlainName(name) ? name : quotedName(name)
}

/** The indexes of the tokens that are neither space nor comment. */
export function significant(tokens: readonly Token[]): number[] {
  return tokens.flatMap((token, index) => (token.kind === 'space' || token.kind === 'comment' ? [] : [index]))
}

/** True for a keyword that cannot be a column without quotes. */
export function isKeyword(word: string): boolean {
  return keywords.has(word.toLowerCase())
}
