import { TokenType } from '@streamparser/json'

/** Receives the parts of a JSON document while it is read. */
export interface JsonHandler {
  startObject(): void
  startArray(): void
  /** The end of the innermost object or array. */
  end(): void
  key(name: string): void
  value(value: string | number | boolean | null): void
}

/** Thrown for an unexpected token. */
export class JsonGrammarError extends Error {}

/** Valid files nest four levels; the limit protects the memory from hostile ones. */
const deepest = 500

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or ]' | ', or }' | 'the end of the file'

/**
 * Checks the grammar of a stream of tokens and passes the parts of the document to a handler.
 *
 * The library's own `TokenParser` builds JavaScript objects, in which a repeated key silently replaces the first one; here
 * the handler receives both.
 */
export class JsonWalker {
  readonly #handler: JsonHandler
  readonly #open: ('object' | 'array')[] = []
  #expected: Expected = 'value'

  constructor(handler: JsonHandler) {
    this.#handler = handler
  }

  /** True once the document is complete. */
  get isComplete(): boolean {
    return this.#expected === 'the end of the file'
  }

  /** @throws {JsonGrammarError} */
  next(token: TokenType, value: unknown): void {
    const expected = this.#expected
    const takesValue = expected === 'value' || expected === 'value or ]'
    switch (token) {
      case TokenType.LEFT_BRACE:
        if (!takesValue) break
        this.#push('object')
        this.#expected = 'key or }'
        return this.#handler.startObject()
      case TokenType.LEFT_BRACKET:
        if (!takesValue) break
        this.#push('array')
        this.#expected = 'value or ]'
        return this.#handler.startArray()
      case TokenType.RIGHT_BRACE:
        if (expected !== 'key or }' && expected !== ', or }') break
        return this.#pop()
      case TokenType.RIGHT_BRACKET:
        if (expected !== 'value or ]' && expected !== ', or ]') break
        return this.#pop()
      case TokenType.COLON:
        if (expected !== ':') break
        this.#expected = 'value'
        return
      case TokenType.COMMA:
        if (expected !== ', or }' && expected !== ', or ]') break
        this.#expected = expected === ', or }' ? 'key' : 'value'
        return
      case TokenType.STRING:
        if (expected === 'key' || expected === 'key or }') {
          this.#expected = ':'
          return this.#handler.key(String(value))
        }
        if (!takesValue) break
        this.#expectNext()
        return this.#handler.value(String(value))
      case TokenType.NUMBER:
      case TokenType.TRUE:
      case TokenType.FALSE:
      case TokenType.NULL:
        if (!takesValue) break
        this.#expectNext()
        return this.#handler.value(value as number | boolean | null)
      case TokenType.SEPARATOR:
        // only between several documents, which the tokenizer is not configured for
        break
    }
    throw new JsonGrammarError(`expected ${expected === 'key' || expected === 'key or }' ? `a ${expected}` : expected}`)
  }

  #push(container: 'object' | 'array'): void {
    if (this.#open.length >= deepest) throw new JsonGrammarError(`nested deeper than ${deepest} levels`)
    this.#open.push(container)
  }

  #pop(): void {
    this.#open.pop()
    this.#expectNext()
    this.#handler.end()
  }

  #expectNext(): void {
    const container = this.#open.at(-1)
    this.#expected = container === undefined ? 'the end of the file' : container === 'object' ? ', or }' : ', or ]'
  }
}
