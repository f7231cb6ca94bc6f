import { codeTokens, Lexer, nameOf, type Piece, wordOf } from './lexer'

/**
 * Counts, splits and fills in statements without mistaking text in a string, a quoted name or a comment for SQL. Serves
 * every dialect: see `neutral` in `lexical-rules.ts`.
 */

/** The text as pieces of code, quoted text and comments; joined they are the text again. */
export function pieces(sql: string): readonly Piece[] {
  return new Lexer(sql, 'neutral').pieces()
}

/**
 * The statements in a text, without the semicolons between them and without empty ones. The body of a trigger or of a
 * function written as `BEGIN … END` stays in one piece.
 */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = []
  let current = ''
  let empty = true
  let depth = 0
  let words: string[] = []
  const finish = (): void => {
    if (!empty) statements.push(current.trim())
    current = ''
    empty = true
    depth = 0
    words = []
  }
  for (const piece of pieces(sql)) {
    if (piece.kind !== 'code') {
      current += piece.text
      if (piece.kind === 'quoted') empty = false
      continue
    }
    for (const token of piece.text.match(/[\p{L}_][\p{L}\p{N}_$]*|;|[^;\p{L}_]+/gu) ?? []) {
      if (token === ';' && depth === 0) {
        finish()
        continue
      }
      current += token
      if (token.trim() !== '') empty = false
      if (!/^[\p{L}_]/u.test(token)) continue
      const word = token.toUpperCase()
      if (hasBody(words)) {
        if (word === 'BEGIN' || word === 'CASE') depth += 1
        else if (word === 'END') depth -= 1
      }
      if (words.length < 8) words.push(word)
    }
  }
  finish()
  return statements
}

function hasBody(words: readonly string[]): boolean {
  return (
    words[0] === 'CREATE' && (words.includes('TRIGGER') || words.includes('FUNCTION') || words.includes('PROCEDURE'))
  )
}

/** The first tokens of a statement in upper case, up to the first quoted one, without comments: `['ALTER', 'TABLE']`. */
export function firstWords(sql: string, count: number): readonly string[] {
  const words: string[] = []
  for (const { kind, text } of codeTokens(sql, 'neutral')) {
    if (kind === 'string' || kind === 'name') break
    if (text !== ';') words.push(text.toUpperCase())
    if (words.length === count) break
  }
  return words
}

/** How a statement can affect the transaction around it. */
export type TransactionEffect = 'begin' | 'commit' | 'rollback'

/** How the statements of a text affect the transaction around them, in order; empty for nearly all texts. */
export function transactionEffects(sql: string): readonly TransactionEffect[] {
  // Most statements have none of these words, and a text with a megabyte of values need not be read.
  if (!/\b(?:begin|start|commit|end|rollback|abort|prepare)\b/i.test(sql)) return []
  return splitStatements(sql).flatMap((statement): TransactionEffect[] => {
    const words = firstWords(statement, 4)
    const [first, second, third] = words
    switch (first) {
      case 'BEGIN':
        return ['begin']
      case 'START':
        return second === 'TRANSACTION' ? ['begin'] : []
      case 'PREPARE':
        return second === 'TRANSACTION' ? ['rollback'] : []
      case 'COMMIT':
      case 'END':
      case 'ROLLBACK':
      case 'ABORT': {
        if (second === 'PREPARED' || second === 'TO' || third === 'TO') return []
        const effect = first === 'COMMIT' || first === 'END' ? 'commit' : 'rollback'
        return words.join(' ').endsWith(' AND CHAIN') ? [effect, 'begin'] : [effect]
      }
      default:
        return []
    }
  })
}

/** True for SAVEPOINT, RELEASE and ROLLBACK TO. */
export function isSavepoint(sql: string): boolean {
  const [first, second, third] = firstWords(sql, 3)
  return first === 'SAVEPOINT' || first === 'RELEASE' || (first === 'ROLLBACK' && (second === 'TO' || third === 'TO'))
}

/**
 * The name after SAVEPOINT or RELEASE, in lower case. Outside a transaction, SAVEPOINT begins one in SQLite, and RELEASE
 * of the same name commits it: https://sqlite.org/lang_savepoint.html
 */
export function savepointIn(
  sql: string,
): { readonly kind: 'savepoint' | 'release'; readonly name: string } | undefined {
  if (!/\b(?:savepoint|release)\b/i.test(sql)) return undefined
  const tokens = codeTokens(sql, 'neutral')
  const first = wordOf(tokens.next().value)
  if (first !== 'SAVEPOINT' && first !== 'RELEASE') return undefined
  let name = tokens.next().value
  if (first === 'RELEASE' && wordOf(name) === 'SAVEPOINT') name = tokens.next().value
  if (name === undefined || !['word', 'name', 'string'].includes(name.kind)) return undefined
  for (const { text } of tokens) if (text !== ';') return undefined
  return { kind: first === 'SAVEPOINT' ? 'savepoint' : 'release', name: nameOf(name).toLowerCase() }
}

/** The statement without spaces before it, and without semicolons, spaces and comments after it. */
export function trimStatement(sql: string): string {
  // Nearly all statements have no comment, so that the lexer need not find out where the last one begins.
  if (!/--|\/\*/.test(sql)) return sql.slice(0, withoutEnd(sql)).trimStart()
  const all = pieces(sql)
  let end = sql.length
  for (let at = all.length - 1; at >= 0; at -= 1) {
    const { kind, text } = all[at] ?? { kind: 'comment', text: '' }
    const kept = kind === 'comment' ? 0 : kind === 'code' ? withoutEnd(text) : text.length
    end -= text.length - kept
    if (kept > 0) break
  }
  return sql.slice(0, end).trimStart()
}

/** Where a text ends without the spaces and semicolons after it. */
function withoutEnd(text: string): number {
  let end = text.length
  while (end > 0 && (text[end - 1] === ';' || text.charAt(end - 1).trim() === '')) end -= 1
  return end
}

/** One line of at most `length` characters, for messages. */
export function shortSql(sql: string, length = 120): string {
  const line = sql.replace(/\s+/g, ' ').trim()
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`
}

/**
 * The text with its parameters written into it.
 *
 * @param placeholder the first placeholder of the dialect: `?` fills them in by position, `$1` by number
 * @returns undefined if the parameters and the placeholders do not match
 */
export function inlineParameters(
  sql: string,
  parameters: readonly unknown[],
  placeholder: string,
  literal: (value: unknown) => string,
): string | undefined {
  if (parameters.length === 0) return sql
  const byPosition = placeholder === '?'
  const used = new Set<number>()
  let next = 0
  let missing = false
  const text = new Lexer(sql, byPosition ? 'sqlite' : 'postgres')
    .pieces()
    .map((piece) => {
      if (piece.kind !== 'code') return piece.text
      return piece.text.replace(
        byPosition ? /\?(\d*)/g : /(?<![\w$\u0080-\uffff])\$(\d+)/g,
        (_match, digits: string) => {
          const index = digits === '' ? next : Number(digits) - 1
          next = index + 1
          used.add(index)
          if (index < 0 || index >= parameters.length) {
            missing = true
            return ''
          }
          return literal(parameters[index])
        },
      )
    })
    .join('')
  return missing || used.size !== parameters.length ? undefined : text
}
