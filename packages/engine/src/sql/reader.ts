import { wordOf } from './lexer'
import { significant, type SqlToken, tokenize, unquote } from './tokens'

/** A name as a statement writes it. */
export interface WrittenName {
  readonly schema?: string
  readonly name: string
}

/**
 * Reads a statement word by word, without comments: enough to see what it creates and where, not whether it is valid.
 *
 * @example
 * const reader = new StatementReader('DROP TABLE IF EXISTS "a"', (name) => name.toLowerCase())
 * reader.accept('DROP', 'TABLE') // true
 * reader.accept('IF', 'EXISTS')  // true
 * reader.name()                  // { name: 'a' }
 */
export class StatementReader {
  readonly #tokens: readonly SqlToken[]
  #at = 0

  /** @param fold how the database folds a name without quotes */
  constructor(
    sql: string,
    private readonly fold: (name: string) => string,
  ) {
    const tokens = tokenize(sql)
    this.#tokens = significant(tokens).flatMap((index) => tokens[index] ?? [])
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

  /** A name, with its schema where one is written. */
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
    return token.kind === 'name' ? unquote(token) : this.fold(token.text)
  }
}

/**
 * The statement with one space between its tokens, words in upper case, strings as `''` and no comments: for patterns.
 *
 * @example plainText(`create  index CONCURRENTLY "concurrently" on t`) // 'CREATE INDEX CONCURRENTLY "concurrently" ON T'
 */
export function plainText(sql: string): string {
  const tokens = tokenize(sql)
  return significant(tokens)
    .map((index) => {
      const token = tokens[index]
      if (token?.kind === 'word') return token.text.toUpperCase()
      return token?.kind === 'string' ? "''" : (token?.text ?? '')
    })
    .join(' ')
}
