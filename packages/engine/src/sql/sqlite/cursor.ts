import { AludelError } from '../../errors'
import { nameOf, type Token, tokenize, wordOf } from './tokens'

/** A name as a statement writes it. */
export interface QualifiedName {
  readonly schema?: string
  readonly name: string
}

/** Reads a statement token by token; what the parsers of tables, indexes and views have in common. */
export class Cursor {
  readonly #tokens: readonly Token[]
  #at = 0

  /** @param tokens of one statement of `sql`; default: of all of it */
  constructor(
    readonly sql: string,
    tokens: readonly Token[] = tokenize(sql),
  ) {
    this.#tokens = tokens.at(-1)?.text === ';' ? tokens.slice(0, -1) : tokens
  }

  peek(step = 0): Token | undefined {
    return this.#tokens[this.#at + step]
  }

  next(): Token {
    const token = this.peek()
    if (token === undefined) throw this.#unexpected()
    this.#at += 1
    return token
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length
  }

  /** True when the keywords stand next, bare. */
  is(...words: readonly string[]): boolean {
    return words.every((word, step) => wordOf(this.peek(step)) === word)
  }

  /** Steps over the keywords when they stand next. */
  take(...words: readonly string[]): boolean {
    const found = this.is(...words)
    if (found) this.#at += words.length
    return found
  }

  /** Steps over the keywords, which must stand next. */
  expect(...words: readonly string[]): void {
    if (!this.take(...words)) throw this.#unexpected()
  }

  isSymbol(symbol: string): boolean {
    const token = this.peek()
    return token?.kind === 'symbol' && token.text === symbol
  }

  takeSymbol(symbol: string): boolean {
    const found = this.isSymbol(symbol)
    if (found) this.#at += 1
    return found
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.#unexpected()
  }

  /** An identifier, however it is quoted. */
  name(): string {
    const token = this.peek()
    if (token === undefined || !['word', 'name', 'string'].includes(token.kind)) throw this.#unexpected()
    this.#at += 1
    return nameOf(token)
  }

  /** `[IF NOT EXISTS] [schema.]name`: the name. */
  objectName(): string {
    this.take('IF', 'NOT', 'EXISTS')
    return this.qualifiedName().name
  }

  /** `[schema.]name`. */
  qualifiedName(): QualifiedName {
    const name = this.name()
    return this.takeSymbol('.') ? { schema: name, name: this.name() } : { name }
  }

  /** The tokens between a `(` that stands next and its `)`, which are stepped over. */
  parenthesized(): Token[] {
    this.expectSymbol('(')
    const tokens = this.until(() => false)
    this.expectSymbol(')')
    return tokens
  }

  /** The tokens up to one that ends them, or to the `)` that closes what is around them, or to the end of the text. */
  until(ends: (token: Token) => boolean): Token[] {
    const tokens: Token[] = []
    let depth = 0
    for (;;) {
      const token = this.peek()
      if (token === undefined) return tokens
      const { kind, text } = token
      if (depth === 0 && ((kind === 'symbol' && text === ')') || ends(token))) return tokens
      if (kind === 'symbol' && text === '(') depth += 1
      if (kind === 'symbol' && text === ')') depth -= 1
      tokens.push(token)
      this.#at += 1
    }
  }

  /** Everything that is left. */
  rest(): Token[] {
    const tokens = this.#tokens.slice(this.#at)
    this.#at = this.#tokens.length
    return tokens
  }

  #unexpected(): AludelError {
    const token = this.peek()
    const where =
      token === undefined ? 'at its end' : `at ${JSON.stringify(token.text)} (character ${String(token.start + 1)})`
    return new AludelError(
      'ALUDEL_INTERNAL',
      `cannot read the definition ${JSON.stringify(excerpt(this.sql))} ${where}`,
      {
        details: { sql: this.sql },
      },
    )
  }
}

/** True for a comma at the place of the cursor's own depth. */
export function isComma(token: Token): boolean {
  return token.kind === 'symbol' && token.text === ','
}

function excerpt(sql: string): string {
  return sql.length <= 80 ? sql : `${sql.slice(0, 79)}…`
}
