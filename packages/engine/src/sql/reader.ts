import { lowerAscii } from './characters'
import { codeTokens, type Token, unquote, wordOf } from './lexer'
import { type Flavor, rulesOf } from './lexical-rules'

/** A name as a statement writes it. */
export interface WrittenName {
  readonly schema?: string
  readonly name: string
}

/**
 * Reads a statement word by word, without comments: enough to see what it creates and where, not whether it is valid.
 * PostgreSQL's names without quotes are returned in lower case, others as written.
 *
 * @example
 * const reader = new StatementReader('DROP TABLE IF EXISTS "a"', 'postgres')
 * reader.accept('DROP', 'TABLE') // true
 * reader.accept('IF', 'EXISTS')  // true
 * reader.name()                  // { name: 'a' }
 */
export class StatementReader {
  readonly #tokens: readonly Token[]
  readonly #foldsNames: boolean
  #at = 0

  constructor(sql: string, flavor: Flavor) {
    this.#tokens = [...codeTokens(sql, flavor)]
    this.#foldsNames = rulesOf[flavor].foldsNames
  }

  /** The current bare word in upper case; empty for any other token. */
  get word(): string {
    return wordOf(this.#tokens[this.#at]) ?? ''
  }

  get ended(): boolean {
    const token = this.#tokens[this.#at]
    return token === undefined || token.text === ';'
  }

  /** Skips these words if all of them follow. */
  accept(...words: readonly string[]): boolean {
    const found = words.every((word, index) => wordOf(this.#tokens[this.#at + index]) === word)
    if (found) this.#at += words.length
    return found
  }

  /** Skips the first of these words that follows, and returns it. */
  oneOf<const Word extends string>(...words: readonly Word[]): Word | undefined {
    return words.find((word) => this.accept(...word.split(' ')))
  }

  /** Skips a symbol such as a comma. */
  symbol(text: string): boolean {
    const found = this.#tokens[this.#at]?.text === text
    if (found) this.#at += 1
    return found
  }

  /** Skips a list in parentheses. */
  brackets(): boolean {
    if (!this.symbol('(')) return false
    for (let depth = 1; depth > 0 && this.#at < this.#tokens.length; this.#at += 1) {
      const { text } = this.#tokens[this.#at] ?? { text: ')' }
      if (text === '(') depth += 1
      else if (text === ')') depth -= 1
    }
    return true
  }

  /** Skips everything up to and including the word, ignoring what is in parentheses. */
  skipTo(word: string): boolean {
    while (!this.ended) {
      if (this.accept(word)) return true
      if (!this.brackets()) this.#at += 1
    }
    return false
  }

  /** A name, with its schema if one is written. */
  name(): WrittenName | undefined {
    const first = this.#identifier()
    if (first === undefined) return undefined
    if (!this.symbol('.')) return { name: first }
    const second = this.#identifier()
    return second === undefined ? undefined : { schema: first, name: second }
  }

  /** Names separated by commas. */
  names(): readonly WrittenName[] {
    const found: WrittenName[] = []
    do {
      const name = this.name()
      if (name === undefined) return found
      found.push(name)
    } while (this.symbol(','))
    return found
  }

  /** The text of a string without its quotes. */
  string(): string | undefined {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'string' || !token.text.startsWith("'")) return undefined
    this.#at += 1
    return token.text.slice(1, -1).replaceAll("''", "'")
  }

  /** Every name in the statement, including keywords. */
  everyName(): readonly WrittenName[] {
    const found: WrittenName[] = []
    for (this.#at = 0; this.#at < this.#tokens.length;) {
      const name = this.name()
      if (name === undefined) this.#at += 1
      else found.push(name)
    }
    return found
  }

  #identifier(): string | undefined {
    const token = this.#tokens[this.#at]
    if (token?.kind !== 'word' && token?.kind !== 'name') return undefined
    this.#at += 1
    return token.kind === 'word' && this.#foldsNames ? lowerAscii(token.text) : unquote(token)
  }
}

/**
 * The statement with one space between its tokens, words in upper case, strings as `''` and no comments: for patterns.
 *
 * @example
 * plainText(`create  index CONCURRENTLY "concurrently" on t`, 'postgres')
 * // 'CREATE INDEX CONCURRENTLY "concurrently" ON T'
 */
export function plainText(sql: string, flavor: Flavor): string {
  return Array.from(codeTokens(sql, flavor), (token) =>
    token.kind === 'string' ? "''" : (wordOf(token) ?? token.text),
  ).join(' ')
}
