/**
 * Reads SQL expressions as databases print them (checks, defaults, index conditions, generated columns) well enough to
 * find and to rename what they mention, in PostgreSQL's and in SQLite's spelling, without mistaking a literal,
 * a comment, a type or a function for a column.
 */

export interface SqlToken {
  /** `word`: a bare identifier or keyword; `name`: a quoted identifier. */
  readonly kind: 'space' | 'comment' | 'string' | 'number' | 'word' | 'name' | 'symbol'
  /** As written; the texts of all tokens joined are the input. */
  readonly text: string
}

const wordPattern = /[\p{L}_][\p{L}\p{N}_$]*/uy
const numberPattern = /(?:\d[\d_]*(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
const spacePattern = /\s+/y
const commentPattern = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y
const dollarPattern = /\$([\p{L}_][\p{L}\p{N}_]*)?\$/uy
const operatorPattern = /[-+*/<>=~!@#%^&|?:]+/y

/** Cuts an expression into tokens. Never throws: what is not closed reaches to the end. */
export function tokenize(sql: string): SqlToken[] {
  const tokens: SqlToken[] = []
  let at = 0
  let subscripts = 0
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(sql)?.[0]
  }
  while (at < sql.length) {
    const token = next()
    tokens.push(token)
    at += token.text.length
  }
  return tokens

  function next(): SqlToken {
    const character = sql[at] ?? ''
    const space = match(spacePattern)
    if (space !== undefined) return { kind: 'space', text: space }
    const comment = match(commentPattern)
    if (comment !== undefined) return { kind: 'comment', text: comment }
    if (character === "'") return { kind: 'string', text: closed("'") }
    if (/[eEbBxXnN]/.test(character) && sql[at + 1] === "'") {
      return { kind: 'string', text: closed("'", 1, /[eE]/.test(character)) }
    }
    if (character === '"' || character === '`') return { kind: 'name', text: closed(character) }
    if (character === '[') {
      if (isSubscript()) {
        subscripts += 1
        return { kind: 'symbol', text: '[' }
      }
      return { kind: 'name', text: closed(']') }
    }
    if (character === ']') subscripts = Math.max(0, subscripts - 1)
    const tag = match(dollarPattern)
    if (tag !== undefined) {
      const end = sql.indexOf(tag, at + tag.length)
      return { kind: 'string', text: sql.slice(at, end < 0 ? sql.length : end + tag.length) }
    }
    const word = match(wordPattern)
    if (word !== undefined) return { kind: 'word', text: word }
    const number = match(numberPattern)
    if (number !== undefined) return { kind: 'number', text: number }
    return { kind: 'symbol', text: operator() ?? String.fromCodePoint(sql.codePointAt(at) ?? 0) }
  }

  /** A run of operator characters, but not the beginning of a comment behind it. */
  function operator(): string | undefined {
    const run = match(operatorPattern)
    if (run === undefined) return undefined
    const comment = /--|\/\*/.exec(run)
    return comment === null || comment.index === 0 ? run : run.slice(0, comment.index)
  }

  /** The text up to the closing quote; a doubled quote stands for itself, and in `E''` a backslash escapes. */
  function closed(quote: string, prefix = 0, escapes = false): string {
    for (let end = at + prefix + 1; end < sql.length; end++) {
      if (escapes && sql[end] === '\\') end++
      else if (sql[end] === quote) {
        if (sql[end + 1] !== quote || quote === ']') return sql.slice(at, end + 1)
        end++
      }
    }
    return sql.slice(at)
  }

  /** PostgreSQL's `ARRAY[a]` and `x[1]` against SQLite's `[name]`. */
  function isSubscript(): boolean {
    const before = tokens.findLast((token) => token.kind !== 'space' && token.kind !== 'comment')
    if (before === undefined) return false
    if (before.text === '[' || (before.text === ',' && subscripts > 0)) return true
    if (before.kind === 'word') return !operators.has(before.text.toLowerCase())
    return before.kind === 'name' || before.text === ')' || before.text === ']'
  }
}

/** Words behind which an operand follows. */
const operators = new Set(
  'and or not is in like ilike between case when then else escape glob match regexp from distinct'.split(' '),
)

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

/** True when the name can be written without quotes and mean itself on both engines. */
export function isPlainName(name: string): boolean {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !reserved.has(name)
}

/** The name in double quotes. For texts inside a schema value; statements are quoted by their dialect. */
export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The name as PostgreSQL prints it: quoted where it must be. */
export function printedName(name: string): string {
  return isPlainName(name) ? name : quotedName(name)
}

/** The identifier that a `word` or `name` token stands for. */
export function unquote(token: SqlToken): string {
  if (token.kind !== 'name') return token.text
  const quote = token.text.slice(0, 1)
  const inner = token.text.slice(1, -1)
  return quote === '[' ? inner : inner.replaceAll(quote + quote, quote)
}

/** Places of tokens that are neither space nor comment. */
export function significant(tokens: readonly SqlToken[]): number[] {
  return tokens.flatMap((token, index) => (token.kind === 'space' || token.kind === 'comment' ? [] : [index]))
}

/** True for a bare keyword, which no column can be. */
export function isKeyword(word: string): boolean {
  return keywords.has(word.toLowerCase())
}
