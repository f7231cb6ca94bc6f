/** A token of SQL, in the one spelling that all spellings of its meaning get. */
export interface Token {
  readonly text: string
  /** As it is written, without quotes. */
  readonly raw: string
  /** False for a quoted identifier, a literal and a sign, none of which is a keyword. */
  readonly word: boolean
}

const pattern =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|(?<blob>[xX]'[\da-fA-F]*')|(?<literal>'(?:[^']|'')*')|"(?<double>(?:[^"]|"")*)"|`(?<tick>(?:[^`]|``)*)`|\[(?<bracket>[^\]]*)\]|(?<word>[\w$\u0080-\u{10ffff}]+)|(?<sign>[\s\S])/gu

/** The tokens of a statement, without comments. Names and keywords are in lower case, because SQLite compares them so. */
export function tokensOf(sql: string): readonly Token[] {
  return [...sql.matchAll(pattern)].flatMap(({ groups = {} }): Token[] => {
    const { blob, literal, double, tick, bracket, word, sign } = groups
    if (word !== undefined) return [{ text: word.toLowerCase(), raw: word, word: true }]
    const name = double?.replaceAll('""', '"') ?? tick?.replaceAll('``', '`') ?? bracket
    if (name !== undefined) {
      const lower = name.toLowerCase()
      const text = /^[a-z_][\w$]*$/.test(lower) ? lower : `"${lower.replaceAll('"', '""')}"`
      return [{ text, raw: name, word: false }]
    }
    const text = blob?.toLowerCase() ?? literal ?? sign
    return text === undefined ? [] : [{ text, raw: text, word: false }]
  })
}

export function textOf(tokens: readonly Token[]): string {
  return tokens.map(({ text }) => text).join(' ')
}

/** The tokens without parentheses that surround all of them. */
export function withoutParentheses(tokens: readonly Token[]): readonly Token[] {
  let inner = tokens
  while (inner[0]?.text === '(' && closing(inner, 0) === inner.length - 1) inner = inner.slice(1, -1)
  return inner
}

/** The index of the parenthesis that closes the one at `open`; the length if there is none. */
export function closing(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]?.text === '(') depth += 1
    if (tokens[at]?.text === ')') depth -= 1
    if (depth === 0) return at
  }
  return tokens.length
}

/** The parts between commas outside parentheses. */
export function splitAtCommas(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.text === '(') depth += 1
    if (token.text === ')') depth -= 1
    if (token.text === ',' && depth === 0) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts.filter((part) => part.length > 0)
}
