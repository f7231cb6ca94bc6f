import { AludelError } from '../../errors'
import type { WrittenName } from '../reader'
import { nameOf, type Token, tokenize, wordOf } from './tokens'

/** Reads a statement token by token, for the parsers of tables, indexes and views. */
export class Cursor {
  readonly #tokens: readonly Token[]
  #at = 0

  /** @param tokens of one statement of `sql`. Default is all tokens. */
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

  /** True if the keywords follow, without quotes. */
  is(...words: readonly string[]): boolean {
    return words.every((word, step) => wordOf(this.peek(step)) === word)
  }

  /** Skips the keywords if they follow. */
  take(...words: readonly string[]): boolean {
    const found = this.is(...words)
    if (found) this.#at += words.length
    return found
  }

  /** Skips the keywords, which must follow. */
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

  /** An identifier, in any quotes or none. */
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
  qualifiedName(): WrittenName {
    const name = this.name()
    return this.takeSymbol('.') ? { schema: name, name: this.name() } : { name }
  }

  /** Skips a list in parentheses, and returns the tokens in them. */
  parenthesized(): Token[] {
    this.expectSymbol('(')
    const tokens = this.until(() => false)
    this.expectSymbol(')')
    return tokens
  }

  /** Skips to a token that ends them at this depth, to the next unmatched `)`, or to the end; returns the tokens before. */
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

  /** Skips to the end, and returns the tokens before. */
  rest(): Token[] {
    const tokens = this.#tokens.slice(this.#at)
    this.#at = this.#tokens.length
    return tokens
  }

  #unexpected(): AludelError {
    const token = this.peek()
    const where =
      token === undefined ? 'at its end' : `at ${JSON.stringify(token.text)} (character ${String(token.start + 1)})`
    const excerpt = this.sql.length <= 80 ? this.sql : `${this.sql.slice(0, 79)}…`
    return new AludelError('ALUDEL_INTERNAL', `cannot read the definition ${JSON.stringify(excerpt)} ${where}`, {
      details: { sql: this.sql },
    })
  }
}

/** True for a comma. */
export function isComma(token: Token): boolean {
  return token.kind === 'symbol' && token.text === ','
}
