import { type Token, tokenize } from '../sql/tokens'

/**
 * Line breaks in statements that people read. They replace only spaces between tokens, so literals, names and comments do
 * not change. SQLite stores some of these texts as given (tables, views, indexes); introspection ignores their spaces.
 */

/** Statements up to this length stay on one line. */
export const lineLength = 100

/**
 * The parts of a statement on one line, or, where that would be too long, each on a line of its own.
 *
 * @example
 * lay(['INSERT INTO "a" ("x")', 'SELECT "x"', 'FROM "b"']) // 'INSERT INTO "a" ("x") SELECT "x" FROM "b"'
 */
export function lay(parts: readonly string[], indent = ''): string {
  const line = parts.join(' ')
  return line.length <= lineLength && !line.includes('\n') ? line : parts.join(`\n${indent}`)
}

/**
 * A list that follows some text: on one line, or, where that would be too long, on as many as needed.
 *
 * @param before the text before it on its first line, which counts for the length
 * @example
 * layList('INSERT INTO "a" (', ['"x"', '"y"']) // 'INSERT INTO "a" ("x", "y"'
 */
export function layList(before: string, items: readonly string[], indent = '  '): string {
  let lines = before
  let length = before.length
  for (const [at, item] of items.entries()) {
    const text = at === items.length - 1 ? item : `${item},`
    const space = at === 0 ? '' : ' '
    if (at > 0 && length + text.length + 1 > lineLength) {
      lines += `\n${indent}${text}`
      length = indent.length + text.length
    } else {
      lines += `${space}${text}`
      length += space.length + text.length
    }
  }
  return lines
}

const clauses = new Set('FROM WHERE GROUP HAVING ORDER LIMIT WINDOW UNION EXCEPT INTERSECT'.split(' '))
const joinWords = new Set('NATURAL LEFT RIGHT FULL INNER CROSS OUTER JOIN'.split(' '))

/** A query with each clause on a line of its own, and where a line is still too long, each column and condition. */
export function layQuery(query: string): string {
  if (query.length <= lineLength) return query
  const tokens = outline(query)
  const starts = new Map<number, string>()
  let clause = 'SELECT'
  for (const [at, { word, depth }] of tokens.entries()) {
    if (depth !== 0 || word === undefined) continue
    const isJoin = joinWords.has(word) && !joinWords.has(tokens[at - 1]?.word ?? '')
    if (isJoin && clause === 'FROM') starts.set(at, '\n  ')
    if (clauses.has(word) || word === 'SELECT' || word === 'VALUES') {
      // `UNION ALL SELECT` begins two lines, `LIMIT 1` none inside `ORDER BY … LIMIT`.
      if (at > 0) starts.set(at, '\n')
      clause = word
    }
  }
  return splitLongLines(tokens, starts)
}

/** A condition with each part that AND or OR joins on a line of its own, where it is too long for one. */
export function layCondition(condition: string, indent = '  '): string {
  if (condition.length <= lineLength) return condition
  const tokens = outline(condition)
  return joined(tokens, new Map(conditionBreaks(tokens, 0, tokens.length, `\n${indent}`)))
}

interface Outlined {
  readonly text: string
  /** A space is before it. */
  readonly spaced: boolean
  /** A bare word in capitals; undefined inside CASE. */
  readonly word: string | undefined
  /** Parentheses open around it. */
  readonly depth: number
}

function outline(sql: string): Outlined[] {
  const result: Outlined[] = []
  let spaced = false
  let depth = 0
  let cases = 0
  for (const token of tokenize(sql)) {
    if (token.kind === 'space') {
      spaced = true
      continue
    }
    if (token.text === ')') depth -= 1
    const word = wordOf(token)
    if (word === 'CASE') cases += 1
    result.push({ text: token.text, spaced, word: cases > 0 ? undefined : word, depth })
    if (word === 'END' && cases > 0) cases -= 1
    if (token.text === '(') depth += 1
    spaced = false
  }
  return result
}

function wordOf({ kind, text }: Token): string | undefined {
  return kind === 'word' ? text.toUpperCase() : undefined
}

/** Before which token a line begins, and how. */
type Breaks = ReadonlyMap<number, string>

function joined(tokens: readonly Outlined[], breaks: Breaks): string {
  return tokens.map(({ text, spaced }, at) => (spaced ? (breaks.get(at) ?? ' ') : '') + text).join('')
}

function splitLongLines(tokens: readonly Outlined[], starts: Breaks): string {
  const breaks = new Map(starts)
  const begins = [0, ...[...starts.keys()].sort((a, b) => a - b), tokens.length]
  for (const [at, begin] of begins.slice(0, -1).entries()) {
    const end = begins[at + 1] ?? tokens.length
    if (joined(tokens.slice(begin, end), new Map()).length <= lineLength) continue
    const word = tokens[begin]?.word
    if (word === 'SELECT') {
      for (let index = begin + 1; index < end; index++)
        if (tokens[index]?.depth === 0 && tokens[index - 1]?.text === ',') breaks.set(index, '\n  ')
      breaks.set(begin + (['DISTINCT', 'ALL'].includes(tokens[begin + 1]?.word ?? '') ? 2 : 1), '\n  ')
    } else {
      for (const [index, text] of conditionBreaks(tokens, begin, end, word === 'WHERE' ? '\n  ' : '\n    '))
        breaks.set(index, text)
    }
  }
  return joined(tokens, breaks)
}

/** Places before AND and OR outside parentheses, except for the AND of BETWEEN. */
function conditionBreaks(
  tokens: readonly Outlined[],
  begin: number,
  end: number,
  text: string,
): (readonly [number, string])[] {
  const found: (readonly [number, string])[] = []
  let between = 0
  for (let at = begin; at < end; at++) {
    const token = tokens[at]
    if (token?.depth !== 0) continue
    if (token.word === 'BETWEEN') between += 1
    if (token.word === 'AND' && between > 0) between -= 1
    else if (token.word === 'AND' || token.word === 'OR') found.push([at, text])
  }
  return found
}
