import { isSymbol, withoutOuterParentheses } from './expression'
import { isIdentifier, nameOf, type Token, tokenize, wordOf } from '../../sql/sqlite/tokens'

/** The values that the checks of a column allow. */
export interface Bounds {
  /** Literals, if only these are allowed. */
  readonly values: readonly string[]
  readonly min: number
  readonly max: number
  readonly minLength: number
  readonly maxLength: number
  /** False if one of the checks has another form. */
  readonly understood: boolean
}

type Writable = { -readonly [K in keyof Bounds]: Bounds[K] }

/**
 * Reads checks that are conditions joined by AND: `"a" IN ('x', 'y')`, `"a" BETWEEN 0 AND 100`, `"a" >= 0`, `length("a") < 9`,
 * `"a" IS NOT NULL`, `"a" <> ''`.
 *
 * @param checks expressions that read only this column, as introspection spells them
 */
export function boundsOf(column: string, checks: readonly string[]): Bounds {
  const bounds: Writable = {
    values: [],
    min: -Infinity,
    max: Infinity,
    minLength: 0,
    maxLength: Infinity,
    understood: true,
  }
  for (const check of checks) {
    for (const condition of conjuncts(tokenize(check))) {
      if (!readCondition(condition, column, bounds)) bounds.understood = false
    }
  }
  return bounds
}

/** The parts of an AND, recursively; `BETWEEN … AND …` is one part. */
function conjuncts(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]]
  let depth = 0
  let between = false
  for (const token of withoutOuterParentheses(tokens)) {
    if (isSymbol(token, '(')) depth += 1
    if (isSymbol(token, ')')) depth -= 1
    const word = depth === 0 ? wordOf(token) : undefined
    if (word === 'AND' && !between) {
      parts.push([])
      continue
    }
    if (word === 'BETWEEN') between = true
    if (word === 'AND') between = false
    parts.at(-1)?.push(token)
  }
  return parts.length === 1 ? parts : parts.flatMap(conjuncts)
}

const mirrored: Readonly<Record<string, string>> = {
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
  '=': '=',
  '==': '=',
  '<>': '<>',
  '!=': '<>',
}

function readCondition(tokens: readonly Token[], column: string, bounds: Writable): boolean {
  const subject = subjectOf(tokens, column)
  if (subject === null) {
    // `-1 <= "a"`
    const at = tokens.findIndex((token) => token.text in mirrored)
    const turned = mirrored[tokens[at]?.text ?? '']
    const right = subjectOf(tokens.slice(at + 1), column)
    if (turned === undefined || right === null || right.rest.length > 0) return false
    return compare(right.kind, turned, tokens.slice(0, at), bounds)
  }
  const { kind, rest } = subject
  const [operator, ...operand] = rest
  const word = wordOf(operator)
  if (word === 'IS') return operand.map(wordOf).join(' ') === 'NOT NULL'
  if (word === 'NOTNULL') return true
  if (word === 'IN') return kind === 'value' && readList(operand, bounds)
  if (word === 'BETWEEN') {
    const at = operand.findIndex((token) => wordOf(token) === 'AND')
    return compare(kind, '>=', operand.slice(0, at), bounds) && compare(kind, '<=', operand.slice(at + 1), bounds)
  }
  const comparison = operator === undefined ? undefined : mirrored[mirrored[operator.text] ?? '']
  return comparison !== undefined && compare(kind, comparison, operand, bounds)
}

interface Subject {
  readonly kind: 'value' | 'length'
  readonly rest: readonly Token[]
}

/** `"a"` or `length("a")` at the beginning of a condition. */
function subjectOf(tokens: readonly Token[], column: string): Subject | null {
  const isColumn = (token: Token | undefined): boolean => isIdentifier(token) && nameOf(token) === column
  if (isColumn(tokens[0])) return { kind: 'value', rest: tokens.slice(1) }
  const isLength =
    wordOf(tokens[0]) === 'LENGTH' && isSymbol(tokens[1], '(') && isColumn(tokens[2]) && isSymbol(tokens[3], ')')
  return isLength ? { kind: 'length', rest: tokens.slice(4) } : null
}

function readList(operand: readonly Token[], bounds: Writable): boolean {
  const literals = withoutOuterParentheses(operand).filter((token) => !isSymbol(token, ','))
  const known = literals.every((token) => token.kind === 'string' || token.kind === 'number')
  if (!known || literals.length === 0) return false
  bounds.values = literals.map((token) => token.text)
  return true
}

function compare(kind: Subject['kind'], operator: string, operand: readonly Token[], bounds: Writable): boolean {
  const [only] = operand
  const isLiteral = kind === 'value' && operand.length === 1 && ['string', 'number'].includes(only?.kind ?? '')
  // A sample is never empty, and hardly ever the excluded value.
  if (operator === '<>') return isLiteral
  if (operator === '=' && isLiteral && only !== undefined) {
    bounds.values = [only.text]
    return true
  }
  const number = numberOf(operand)
  if (number === undefined) return false
  const step = kind === 'length' ? 1 : Number.isInteger(number) ? 1 : 0.01
  const low = operator === '>' ? number + step : operator === '>=' || operator === '=' ? number : -Infinity
  const high = operator === '<' ? number - step : operator === '<=' || operator === '=' ? number : Infinity
  if (kind === 'length') {
    bounds.minLength = Math.max(bounds.minLength, low)
    bounds.maxLength = Math.min(bounds.maxLength, high)
  } else {
    bounds.min = Math.max(bounds.min, low)
    bounds.max = Math.min(bounds.max, high)
  }
  return true
}

function numberOf(tokens: readonly Token[]): number | undefined {
  const [sign, digits] = tokens.length === 2 ? tokens : [undefined, tokens[0]]
  if (digits?.kind !== 'number' || tokens.length > 2 || (sign !== undefined && sign.text !== '-' && sign.text !== '+'))
    return undefined
  return Number(digits.text.replaceAll('_', '')) * (sign?.text === '-' ? -1 : 1)
}
