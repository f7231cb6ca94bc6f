import { withoutBrackets } from './copy'
import { type Token, wordOf } from './tokens'

const literalWords = ['NULL', 'TRUE', 'FALSE', 'CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIMESTAMP']

/** True for a default that needs no parentheses: a literal, a signed number, `CURRENT_TIMESTAMP` and the like. */
export function isPlainDefault(tokens: readonly Token[]): boolean {
  const isSigned =
    tokens.length === 2 && (tokens[0]?.text === '-' || tokens[0]?.text === '+') && tokens[1]?.kind === 'number'
  const [only, ...others] = tokens
  if (only === undefined || others.length > 0) return isSigned
  return ['string', 'number', 'blob'].includes(only.kind) || literalWords.includes(wordOf(only) ?? '')
}

/** True for a default that is the same for every row, so that SQLite can add a column with it to a table with rows. */
export function isConstantDefault(tokens: readonly Token[]): boolean {
  const inner = withoutBrackets(tokens)
  return isPlainDefault(inner) && !(wordOf(inner[0]) ?? '').startsWith('CURRENT_')
}
