import {
  backtick,
  closeBracket,
  closeParenthesis,
  colon,
  comma,
  dollar,
  dot,
  doubleQuote,
  endOfWord,
  isDigit,
  isLetter,
  isMark,
  isSpace,
  minus,
  openBracket,
  quote,
  slash,
  star,
  startOfWord,
} from './characters'
import { beforeNames, dollarQuote, type Flavor, number, operators, type Rules, rulesOf } from './lexical-rules'

/**
 * The lexical rules of SQL: where a string, a quoted name, a comment, a number or an operator ends. Everything here that
 * reads SQL text reads it through this lexer: `tokens.ts` and `sqlite/tokens.ts` as tokens, `text.ts` as pieces.
 *
 * - SQLite: https://sqlite.org/lang_keywords.html, https://sqlite.org/syntax/literal-value.html, and `tokenize.c`
 * - PostgreSQL: https://www.postgresql.org/docs/current/sql-syntax-lexical.html, and `scan.l`
 */

export interface Token {
  /** `word`: a bare identifier or keyword; `name`: a quoted identifier; `blob`: SQLite's `X'…'`. */
  readonly kind: 'space' | 'comment' | 'string' | 'blob' | 'number' | 'word' | 'name' | 'variable' | 'symbol'
  /** As written; the texts of all tokens joined are the input. */
  readonly text: string
  /** Offsets in the input: of the first character, and after the last. */
  readonly start: number
  readonly end: number
}

/** A token of quoted text or a comment, or all the code up to the next of those. */
export interface Piece {
  readonly kind: 'code' | 'quoted' | 'comment'
  readonly text: string
}

/** Reads a text from its beginning to its end. Never throws: what is not closed reaches to the end. */
export class Lexer {
  readonly #sql: string
  readonly #rules: Rules
  /** Where the next token begins. */
  #at = 0
  /** Where the last token that is neither space nor comment ends. */
  #codeEnd = 0
  #openSubscripts = 0

  constructor(sql: string, flavor: Flavor) {
    this.#sql = sql
    this.#rules = rulesOf[flavor]
  }

  /** Leaves out the text up to `at`, where a token must begin. */
  skipTo(at: number): void {
    this.#at = at
  }

  /** The next token; undefined at the end. */
  next(): Token | undefined {
    const start = this.#at
    if (start >= this.#sql.length) return undefined
    const kind = this.#read()
    return { kind, text: this.#sql.slice(start, this.#at), start, end: this.#at }
  }

  /** The next token that is neither space nor comment; undefined at the end. */
  nextCode(): Token | undefined {
    let token = this.next()
    while (token?.kind === 'space' || token?.kind === 'comment') token = this.next()
    return token
  }

  /** The rest of the text, with the tokens between quoted texts and comments joined. Fast for megabytes of values. */
  pieces(): Piece[] {
    const sql = this.#sql
    const pieces: Piece[] = []
    let codeStart = this.#at
    let readEnd = codeStart
    for (let at = codeStart; at < sql.length;) {
      const code = sql.charCodeAt(at)
      if (!isMark(code) || (isCommentMark(code) && !beginsComment(code, sql.charCodeAt(at + 1)))) {
        at += 1
        continue
      }
      // The quote may have a prefix, and the dollar sign may be part of a word.
      const start = code === quote || code === dollar ? startOfWord(sql, at, readEnd) : at
      if (code === openBracket) this.#codeEnd = endOfCode(sql, codeStart, start) ?? this.#codeEnd
      this.#at = start
      const kind = pieceKinds[this.#read()]
      at = readEnd = this.#at
      if (kind === 'code') continue
      if (start > codeStart) pieces.push({ kind: 'code', text: sql.slice(codeStart, start) })
      pieces.push({ kind, text: sql.slice(start, at) })
      codeStart = at
    }
    this.#at = sql.length
    if (codeStart < sql.length) pieces.push({ kind: 'code', text: sql.slice(codeStart) })
    return pieces
  }

  /** Moves to the end of the token that begins here. */
  #read(): Token['kind'] {
    const start = this.#at
    const code = this.#sql.charCodeAt(start)
    if (isSpace(code)) {
      this.#at += 1
      while (isSpace(this.#sql.charCodeAt(this.#at))) this.#at += 1
      return 'space'
    }
    if (this.#takeComment(code)) return 'comment'
    const kind = this.#readCode(code)
    this.#codeEnd = this.#at
    return kind
  }

  #readCode(code: number): Token['kind'] {
    if (isLetter(code)) {
      const prefixed = this.#sql.charCodeAt(this.#at + 1) === quote ? this.#takePrefixed() : undefined
      if (prefixed !== undefined) return prefixed
      this.#at = endOfWord(this.#sql, this.#at)
      return 'word'
    }
    switch (code) {
      case quote:
        return this.#takeQuoted("'", this.#at + 1, 'string')
      case doubleQuote:
        return this.#takeQuoted('"', this.#at + 1, 'name')
      case backtick:
        if (!this.#rules.hasBackticks) break
        return this.#takeQuoted('`', this.#at + 1, 'name')
      case openBracket:
        return this.#takeBracket()
      case closeBracket:
        this.#openSubscripts = Math.max(0, this.#openSubscripts - 1)
        break
      case dollar:
        if (this.#rules.hasDollarQuotes && this.#takeDollarQuoted()) return 'string'
        break
    }
    if ((isDigit(code) || (code === dot && isDigit(this.#sql.charCodeAt(this.#at + 1)))) && this.#take(number))
      return 'number'
    if (this.#take(this.#rules.variable)) return 'variable'
    if (!this.#takeOperator(code)) this.#at += 1
    return 'symbol'
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at
    if (!pattern.test(this.#sql)) return false
    this.#at = pattern.lastIndex
    return true
  }

  #takeComment(code: number): boolean {
    if (!beginsComment(code, this.#sql.charCodeAt(this.#at + 1))) return false
    const { lineEnd, nestsComments } = this.#rules
    if (code === minus) {
      lineEnd.lastIndex = this.#at
      this.#at = lineEnd.exec(this.#sql)?.index ?? this.#sql.length
    } else this.#at = nestsComments ? endOfNested(this.#sql, this.#at) : endAfter(this.#sql, '*/', this.#at + 2)
    return true
  }

  /** A doubled quote does not end the text. */
  #takeQuoted<const Kind>(mark: string, from: number, kind: Kind): Kind {
    let end = endAfter(this.#sql, mark, from)
    while (this.#sql[end] === mark) end = endAfter(this.#sql, mark, end + 1)
    this.#at = end
    return kind
  }

  /** `E'…'`, in which a backslash escapes, and what else a single letter before a quote can begin. */
  #takePrefixed(): 'string' | 'blob' | undefined {
    const letter = this.#sql.charAt(this.#at).toLowerCase()
    const kind = this.#rules.prefixes.get(letter)
    if (kind === undefined) return undefined
    const from = this.#at + 2
    if (letter === 'n') return this.#takeQuoted("'", from, kind)
    // No quote can be in X'…' and B'…', and none is doubled.
    this.#at = letter === 'e' ? endOfEscaped(this.#sql, from) : endAfter(this.#sql, "'", from)
    return kind
  }

  #takeDollarQuoted(): boolean {
    const start = this.#at
    if (!this.#take(dollarQuote)) return false
    this.#at = endAfter(this.#sql, this.#sql.slice(start, this.#at), this.#at)
    return true
  }

  #takeBracket(): 'name' | 'symbol' {
    const { brackets } = this.#rules
    if (brackets === 'name' || (brackets === 'either' && !this.#isSubscript())) {
      this.#at = endAfter(this.#sql, ']', this.#at + 1)
      return 'name'
    }
    this.#openSubscripts += 1
    this.#at += 1
    return 'symbol'
  }

  /** Distinguishes PostgreSQL's `ARRAY[a]` and `x[1]` from SQLite's `[name]`. */
  #isSubscript(): boolean {
    const end = this.#codeEnd
    const last = this.#sql.charCodeAt(end - 1)
    if (last === openBracket) return true
    if (last === comma) return this.#openSubscripts > 0
    if (last === closeParenthesis || last === closeBracket || last === doubleQuote || last === backtick) return true
    const start = startOfWord(this.#sql, end, 0)
    if (start === end || isDigit(this.#sql.charCodeAt(start))) return false
    const word = this.#sql.slice(start, end).toLowerCase()
    return !operators.has(word) && (this.#at === end || !beforeNames.has(word))
  }

  /**
   * Of a run of operator characters PostgreSQL leaves out a comment that begins in it, and signs at its end, unless one of
   * `~!@#%^&|`?` is in it: https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-OPERATORS
   */
  #takeOperator(code: number): boolean {
    const start = this.#at
    if (!this.#take(this.#rules.operator)) return false
    if (this.#at === start + 1 || code === colon) return true
    const run = this.#sql.slice(start, this.#at)
    const comment = run.search(/--|\/\*/)
    const text = comment > 0 ? run.slice(0, comment) : run
    this.#at = start + (/[~!@#%^&|`?]/.test(text) ? text : text.replace(/(?<=.)[-+]+$/, '')).length
    return true
  }
}

/** The tokens of a text without spaces and comments, read only as far as the caller needs them. */
export function* codeTokens(sql: string, flavor: Flavor): Generator<Token, undefined> {
  const lexer = new Lexer(sql, flavor)
  for (let token = lexer.nextCode(); token !== undefined; token = lexer.nextCode()) yield token
  return undefined
}

const pieceKinds: Readonly<Record<Token['kind'], Piece['kind']>> = {
  space: 'code',
  comment: 'comment',
  string: 'quoted',
  blob: 'quoted',
  number: 'code',
  word: 'code',
  name: 'quoted',
  variable: 'code',
  symbol: 'code',
}

function isCommentMark(code: number): boolean {
  return code === minus || code === slash
}

function beginsComment(code: number, following: number): boolean {
  return (code === minus && following === minus) || (code === slash && following === star)
}

/** Where the code between two places ends, without the spaces after it; undefined for nothing but spaces. */
function endOfCode(sql: string, start: number, end: number): number | undefined {
  let at = end
  while (at > start && isSpace(sql.charCodeAt(at - 1))) at -= 1
  return at > start ? at : undefined
}

function endAfter(sql: string, mark: string, from: number): number {
  const at = sql.indexOf(mark, from)
  return at < 0 ? sql.length : at + mark.length
}

/** Where a string with escapes ends. */
function endOfEscaped(sql: string, from: number): number {
  for (let at = from; at < sql.length; at += 1) {
    if (sql[at] === '\\') at += 1
    else if (sql[at] === "'") {
      if (sql[at + 1] !== "'") return at + 1
      at += 1
    }
  }
  return sql.length
}

/** Where a comment that may have others in it ends. */
function endOfNested(sql: string, from: number): number {
  let depth = 0
  for (const { 0: mark, index } of sql.slice(from).matchAll(/\/\*|\*\//g)) {
    depth += mark === '/*' ? 1 : -1
    if (depth === 0) return from + index + mark.length
  }
  return sql.length
}

/** The keyword or bare identifier that a token is, in upper case; undefined for anything quoted. */
export function wordOf(token: Token | undefined): string | undefined {
  return token?.kind === 'word' ? token.text.toUpperCase() : undefined
}

/** The identifier of a token, without its quotes where it is a `name`. */
export function unquote({ kind, text }: Token): string {
  if (kind !== 'name') return text
  const mark = text.charAt(0)
  const inner = text.slice(1, -1)
  return mark === '[' ? inner : inner.replaceAll(mark + mark, mark)
}

/** The identifier of a token, without its quotes. SQLite takes a string where a name must be, so that counts, too. */
export function nameOf(token: Token): string {
  return token.kind === 'string' ? token.text.slice(1, -1).replaceAll("''", "'") : unquote(token)
}
