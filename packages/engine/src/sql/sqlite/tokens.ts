/**
 * SQLite's own lexical rules: what a database keeps in `sqlite_master.sql` is text, and only a tokenizer tells a comma
 * in a list from one in a literal. See https://sqlite.org/syntax/literal-value.html and `tokenize.c`.
 */

export interface Token {
  /** `word`: a bare identifier or keyword; `name`: a quoted identifier; `blob`: `X'…'`. */
  readonly kind: 'word' | 'name' | 'string' | 'blob' | 'number' | 'variable' | 'symbol'
  /** As written. */
  readonly text: string
  /** Offsets in the text: of the first character, and behind the last. */
  readonly start: number
  readonly end: number
}

const skipped = /(?:[ \t\n\f\r]+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?(?:\*\/|$))+/y
const rules: readonly (readonly [Token['kind'], RegExp])[] = [
  ['blob', /[xX]'[^']*(?:'|$)/y],
  ['string', /'[^']*(?:''[^']*)*(?:'|$)/y],
  ['name', /"[^"]*(?:""[^"]*)*(?:"|$)|`[^`]*(?:``[^`]*)*(?:`|$)|\[[^\]]*(?:\]|$)/y],
  ['number', /0[xX][0-9a-fA-F][0-9a-fA-F_]*|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?/y],
  ['word', /[A-Za-z_\u{80}-\u{10ffff}][A-Za-z0-9_$\u{80}-\u{10ffff}]*/uy],
  ['variable', /[?@:#$][A-Za-z0-9_$\u{80}-\u{10ffff}]*/uy],
  ['symbol', /->>|->|\|\||<<|>>|<=|>=|<>|==|!=|[\s\S]/uy],
]

/** A row of literals with the comma behind it. No literal repeats into itself, so a long one needs no long way back. */
const literalRow =
  /\s*\(\s*(?:[xX]?'[^']*(?:''[^']*)*'|[+-]?\d+(?:\.\d+)?|null)(?:\s*,\s*(?:[xX]?'[^']*(?:''[^']*)*'|[+-]?\d+(?:\.\d+)?|null))*\s*\)\s*,(?=\s*\()/iy

/**
 * The tokens of a statement without spaces and comments. Never throws: what is not closed reaches to the end.
 *
 * @param rows `last` leaves out rows of literals behind VALUES that other rows follow: nobody who asks what a statement
 *   does needs a token for each value of a megabyte of them
 */
export function tokenize(sql: string, rows: 'all' | 'last' = 'all'): Token[] {
  const tokens: Token[] = []
  let at = 0
  for (;;) {
    at += matchAt(skipped, sql, at)?.length ?? 0
    if (at >= sql.length) return tokens
    for (const [kind, rule] of rules) {
      const text = matchAt(rule, sql, at)
      if (text === undefined) continue
      tokens.push({ kind, text, start: at, end: at + text.length })
      at += text.length
      if (rows === 'last' && kind === 'word' && /^values$/i.test(text)) at = behindRows(sql, at)
      break
    }
  }
}

function behindRows(sql: string, start: number): number {
  let at = start
  for (;;) {
    const row = matchAt(literalRow, sql, at)
    if (row === undefined) return at
    at += row.length
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

/** The keyword that a token is when it stands bare, in upper case; undefined for anything quoted. */
export function wordOf(token: Token | undefined): string | undefined {
  return token?.kind === 'word' ? token.text.toUpperCase() : undefined
}

/** The identifier that a token stands for. SQLite takes a string where a name must be, so that counts too. */
export function nameOf(token: Token): string {
  const inner = token.text.slice(1, -1)
  if (token.kind === 'string') return inner.replaceAll("''", "'")
  if (token.kind !== 'name') return token.text
  const quote = token.text.charAt(0)
  return quote === '[' ? inner : inner.replaceAll(quote + quote, quote)
}

/** True for a token that can be an identifier somewhere. */
export function isIdentifier(token: Token | undefined): token is Token {
  return token?.kind === 'word' || token?.kind === 'name'
}

/** SQLite compares names without regard to the case of ASCII letters. */
export function fold(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

export function sameIdentifier(a: string, b: string): boolean {
  return a === b || (a.length === b.length && fold(a) === fold(b))
}
