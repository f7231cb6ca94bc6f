import { tokenize } from '../../sql/postgres/tokens'
import { type Token, unquote } from '../../sql/tokens'

/**
 * The expression as PostgreSQL prints it after reading back its own print.
 *
 * An expression that PostgreSQL has printed once usually prints the same again, with one common exception:
 * `c IN ('a', 'b')` on a varchar column prints `ARRAY['a'::character varying, …]::text[]`, and that text, read back, prints
 * with the cast on each element. All introspected expressions get the second form, so that a schema built from entities
 * equals the one built from the revision that was written for them.
 *
 * @example
 * canonicalExpression("c = ANY (ARRAY['a'::character varying]::text[])")
 * // "c = ANY (ARRAY['a'::character varying::text])"
 */
export function canonicalExpression(expression: string): string {
  const trimmed = expression.trim()
  if (!trimmed.includes('ARRAY[')) return trimmed
  return distribute(tokenize(trimmed).filter((token) => token.text !== ''))
}

/** Every identifier in the expression, quoted or bare, including keywords, types and functions. */
export function identifiersIn(expression: string): ReadonlySet<string> {
  const words = tokenize(expression).filter((token) => token.kind === 'word' || token.kind === 'name')
  return new Set(words.map(unquote))
}

/** The values of the string literals in an expression. */
export function stringsIn(expression: string): string[] {
  return tokenize(expression)
    .filter((token) => token.kind === 'string')
    .map((token) => token.text.replace(/^[eE]?'|'$/g, '').replaceAll("''", "'"))
}

function distribute(tokens: readonly Token[]): string {
  let result = ''
  for (let at = 0; at < tokens.length; at++) {
    const array = arrayAt(tokens, at)
    if (array === undefined) {
      result += tokens[at]?.text ?? ''
      continue
    }
    const elements = array.elements.map(distribute)
    result += array.cast === undefined ? joinElements(elements) : castElements(elements, array.cast)
    at = array.end
  }
  return result
}

interface ArrayLiteral {
  readonly elements: readonly (readonly Token[])[]
  /** The element type of the cast that follows. */
  readonly cast?: string
  /** Index of the last token. */
  readonly end: number
}

function arrayAt(tokens: readonly Token[], at: number): ArrayLiteral | undefined {
  if (tokens[at]?.text !== 'ARRAY' || tokens[at + 1]?.text !== '[') return undefined
  const elements: Token[][] = [[]]
  let depth = 0
  let end = at + 1
  for (; end < tokens.length; end++) {
    const token = tokens[end]
    if (token === undefined) return undefined
    if (token.text === '[' || token.text === '(') depth += 1
    else if (token.text === ']' || token.text === ')') depth -= 1
    if (depth === 0) break
    if (depth === 1 && token.text === ',') elements.push([])
    else if (end > at + 1) elements.at(-1)?.push(token)
  }
  const trimmed = elements.map(withoutSeparator).filter((element) => element.length > 0)
  // An empty array needs the cast to have a type at all.
  const cast = trimmed.length === 0 ? undefined : castAt(tokens, end + 1)
  return { elements: trimmed, end: cast?.end ?? end, cast: cast?.type }
}

/** Removes the space after a comma, but keeps the line break that PostgreSQL prints before a CASE. */
function withoutSeparator(element: readonly Token[]): readonly Token[] {
  const [first, ...rest] = element
  return first?.kind === 'space' && !first.text.includes('\n') ? rest : element
}

function joinElements(elements: readonly string[]): string {
  const separated = elements.map(
    (element, index) => (index === 0 ? '' : element.startsWith('\n') ? ',' : ', ') + element,
  )
  return `ARRAY[${separated.join('')}]`
}

const castPattern =
  /^::((?:"(?:[^"]|"")*"|[a-z_][\w$]*)(?:[ .](?:"(?:[^"]|"")*"|[a-z_][\w$]*))*(?:\(\d+(?:,-?\d+)?\))?(?: with(?:out)? time zone)?)\[\]/i

/** The element type of `::type[]` at an index, and the index of its last token. */
function castAt(tokens: readonly Token[], at: number): { type: string; end: number } | undefined {
  if (tokens[at]?.text !== '::') return undefined
  // A type is at most a dozen tokens long.
  const rest = tokens.slice(at, at + 16)
  const match = castPattern.exec(rest.map((token) => token.text).join(''))
  if (match?.[1] === undefined) return undefined
  let length = 0
  const count = rest.findIndex((token) => (length += token.text.length) === match[0].length)
  return count < 0 ? undefined : { type: match[1], end: at + count }
}

function castElements(elements: readonly string[], type: string): string {
  const cast = elements.map((element) => {
    if (element.startsWith('ARRAY[') && element.endsWith(']')) {
      return distribute(tokenize(`${element}::${type}[]`))
    }
    return `${isOperand(element) ? element : `(${element})`}::${type}`
  })
  return joinElements(cast)
}

/** True when a cast can follow without parentheses: a literal, a name, a call or a CASE, with or without a cast. */
export function isOperand(element: string): boolean {
  let depth = 0
  let afterCast = false
  for (const token of tokenize(element.trimStart())) {
    if (token.text === '(' || token.text === '[' || token.text === 'CASE') depth += 1
    else if (token.text === ')' || token.text === ']' || token.text === 'END') depth -= 1
    else if (depth === 0 && token.kind === 'space' && !afterCast) return false
    else if (depth === 0 && token.kind === 'symbol' && token.text !== '.' && token.text !== '::') return false
    if (token.text === '::') afterCast = true
  }
  return true
}
