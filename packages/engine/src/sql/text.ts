/**
 * Just enough reading of SQL text to count, cut and fill in statements without mistaking what stands inside a string,
 * a quoted name or a comment for SQL. It serves every dialect: none of the quoting forms of one means something else in
 * another, except where noted.
 */

type Kind = 'code' | 'quoted' | 'comment'

interface Piece {
  readonly kind: Kind
  readonly text: string
}

const identifierCharacter = /[\p{L}\p{N}_$]/u

/**
 * Cuts SQL text into pieces of code, quoted text and comments; joined they are the text again.
 *
 * Block comments do not nest, although PostgreSQL's do: what is left over of an outer comment is then taken for code,
 * which does less harm here than to take SQLite's code for a comment.
 */
export function pieces(sql: string): readonly Piece[] {
  const result: Piece[] = []
  let codeFrom = 0
  let at = 0
  const push = (kind: Kind, end: number): void => {
    if (at > codeFrom) result.push({ kind: 'code', text: sql.slice(codeFrom, at) })
    result.push({ kind, text: sql.slice(at, end) })
    at = end
    codeFrom = end
  }
  while (at < sql.length) {
    const character = sql[at]
    if (character === '-' && sql[at + 1] === '-') {
      const newline = sql.indexOf('\n', at)
      push('comment', newline === -1 ? sql.length : newline + 1)
    } else if (character === '/' && sql[at + 1] === '*') {
      const close = sql.indexOf('*/', at + 2)
      push('comment', close === -1 ? sql.length : close + 2)
    } else if (character === "'" || character === '"' || character === '`') {
      push('quoted', endOfQuotes(sql, at, character))
    } else if (character === '$' && !identifierCharacter.test(sql[at - 1] ?? ' ')) {
      const tag = /^\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u.exec(sql.slice(at, at + 130))?.[0]
      if (tag === undefined) {
        at += 1
      } else {
        const close = sql.indexOf(tag, at + tag.length)
        push('quoted', close === -1 ? sql.length : close + tag.length)
      }
    } else {
      at += 1
    }
  }
  if (sql.length > codeFrom) result.push({ kind: 'code', text: sql.slice(codeFrom) })
  return result
}

/** Where the quoted text that begins at `start` ends; a doubled quote does not end it, in E'…' a backslash escapes. */
function endOfQuotes(sql: string, start: number, quote: string): number {
  const prefix = sql[start - 1]
  const escapes =
    quote === "'" && (prefix === 'e' || prefix === 'E') && !identifierCharacter.test(sql[start - 2] ?? ' ')
  for (let at = start + 1; at < sql.length; at += 1) {
    if (escapes && sql[at] === '\\') at += 1
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1
      at += 1
    }
  }
  return sql.length
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

/** The first words of a statement in upper case, comments left out: `['ALTER', 'TABLE']`. */
export function firstWords(sql: string, count: number): readonly string[] {
  const words: string[] = []
  for (const piece of pieces(sql)) {
    if (piece.kind === 'quoted') break
    if (piece.kind === 'comment') continue
    for (const word of piece.text.match(/[\p{L}_][\p{L}\p{N}_]*|[^\s;]/gu) ?? []) {
      if (words.length === count) return words
      words.push(word.toUpperCase())
    }
  }
  return words
}

/** What a statement can do to the transaction around it. */
export type TransactionEffect = 'begin' | 'commit' | 'rollback'

/** What a text does to the transaction around it, in this order; empty for nearly all. */
export function transactionEffects(sql: string): readonly TransactionEffect[] {
  // Most statements cannot; this keeps the reading of a text with a megabyte of values short.
  if (!/\b(?:begin|start|commit|end|rollback|abort|prepare)\b/i.test(sql)) return []
  return splitStatements(sql).flatMap((statement): TransactionEffect[] => {
    const [first, second, third] = firstWords(statement, 3)
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
        return /\band\s+chain\b/i.test(statement) ? [effect, 'begin'] : [effect]
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
 * The name behind SAVEPOINT or RELEASE, as databases compare it: outside a transaction SQLite begins one with the first
 * and commits it with the second.
 */
export function savepointIn(
  sql: string,
): { readonly kind: 'savepoint' | 'release'; readonly name: string } | undefined {
  if (!/\b(?:savepoint|release)\b/i.test(sql)) return undefined
  const text = pieces(sql)
    .map((piece) => (piece.kind === 'comment' ? ' ' : piece.text))
    .join('')
  const found = /^\s*(SAVEPOINT|RELEASE(?:\s+SAVEPOINT)?)\s+("(?:[^"]|"")+"|[^\s;"]+)\s*;?\s*$/i.exec(text)
  if (found?.[1] === undefined || found[2] === undefined) return undefined
  const name = found[2].startsWith('"') ? found[2].slice(1, -1).replaceAll('""', '"') : found[2]
  return { kind: /^savepoint/i.test(found[1]) ? 'savepoint' : 'release', name: name.toLowerCase() }
}

/** The statement without the semicolons, spaces and comments behind it. */
export function trimStatement(sql: string): string {
  const rest = [...pieces(sql)]
  for (;;) {
    const last = rest.pop()
    if (last === undefined) return ''
    if (last.kind === 'comment') continue
    if (last.kind === 'quoted') return join(rest, last.text)
    const text = last.text.replace(/[\s;]+$/, '')
    if (text !== '') return join(rest, text)
  }
}

function join(before: readonly Piece[], last: string): string {
  return (before.map((piece) => piece.text).join('') + last).trimStart()
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
 * @returns undefined when the parameters and the placeholders do not match
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
  const text = pieces(sql)
    .map((piece) => {
      if (piece.kind !== 'code') return piece.text
      return piece.text.replace(byPosition ? /\?(\d*)/g : /(?<![\p{L}\p{N}_$])\$(\d+)/gu, (_match, digits: string) => {
        const index = digits === '' ? next : Number(digits) - 1
        next = index + 1
        used.add(index)
        if (index < 0 || index >= parameters.length) {
          missing = true
          return ''
        }
        return literal(parameters[index])
      })
    })
    .join('')
  return missing || used.size !== parameters.length ? undefined : text
}
