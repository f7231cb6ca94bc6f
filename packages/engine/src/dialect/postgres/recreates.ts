import { codeTokens, nameOf, type Token, wordOf } from '../../sql/lexer'

/** What the text of a statement says about names. All are in lower case, since a false match only costs a question. */
interface Names {
  /** Of objects that it removes. */
  readonly removed: readonly string[] | 'unknown'
  /** Objects that the statement does not name go with those: the index of a column, the rule of a view. */
  readonly removesParts: boolean
  /** The former names of objects that get another one. */
  readonly renamed: readonly string[]
  /** All other words, if it creates something, or gives something another name. */
  readonly created: readonly string[] | 'unknown'
}

/**
 * Whether a revision may remove an object and create another one under its name, as far as its text tells. On this depends
 * whether the catalog is asked about properties that would be lost, and whether a script gets the long statements that ask it:
 * "no" must be certain, and "yes" rare.
 *
 * @param isGenerated the tool wrote the revision, so that everything it removes and creates again is named in a statement. People
 *   also write `DROP COLUMN`, and create an index again that went with the column.
 * @example
 *
 *     recreates(['DROP VIEW v', 'CREATE VIEW v AS SELECT 1'], true) // true
 *     recreates(['ALTER TABLE t DROP COLUMN a', 'ALTER TABLE t ADD b int'], true) // false
 */
export function recreates(statements: readonly string[], isGenerated: boolean): boolean {
  if (!statements.some((sql) => /\bdrop\b/i.test(sql))) return false
  const gone = new Set<string>()
  let isUnknown = false
  for (const sql of statements) {
    const { removed, removesParts, renamed, created } = namesIn(sql)
    for (const name of renamed) gone.add(name)
    if (removed === 'unknown' || (removesParts && !isGenerated)) isUnknown = true
    if (removed !== 'unknown') for (const name of removed) gone.add(name)
    if (created === 'unknown' ? isUnknown || gone.size > 0 : created.some((name) => isUnknown || gone.has(name)))
      return true
  }
  return false
}

/** After DROP: no object, but a property of a column. */
const properties = new Set(['DEFAULT', 'NOT', 'IDENTITY', 'EXPRESSION'])
/** What goes with the whole of these is not restored. */
const whole = new Set(['TABLE', 'SEQUENCE', 'SCHEMA', 'EXTENSION'])
const withoutParts = new Set(['CONSTRAINT', 'INDEX', 'TRIGGER', 'POLICY', 'RULE', 'STATISTICS', 'TYPE', 'DOMAIN'])
const withParts = new Set(['COLUMN', 'VIEW', 'MATERIALIZED', 'FUNCTION', 'PROCEDURE', 'ROUTINE', 'AGGREGATE'])
/** What may stand between a verb and a name. */
const between = new Set(['CONCURRENTLY', 'IF', 'EXISTS', 'ONLY', 'VIEW', 'COLUMN', 'CONSTRAINT', 'ATTRIBUTE', 'VALUE'])

const nothing: Names = { removed: [], removesParts: false, renamed: [], created: [] }

function namesIn(sql: string): Names {
  if (!/\b(?:drop|create|add|rename)\b/i.test(sql)) return nothing
  const tokens = [...codeTokens(sql, 'postgres')]
  const words = tokens.map(wordOf)
  const removed: string[] = []
  const renamed: string[] = []
  /** The places of these names. */
  const taken = new Set<number>()
  const take = (at: number, list: string[]): void => {
    const token = tokens[at]
    if (token === undefined || !isName(token)) return
    taken.add(at)
    list.push(nameOf(token).toLowerCase())
  }
  const drops = words.filter((word) => word === 'DROP').length
  const creates = words.filter((word) => word === 'CREATE' || word === 'ADD' || word === 'RENAME').length
  // The others are in the body of a DO statement, in a string, or in quotes.
  const hidden = {
    drops: count(sql, /\bdrop\b/gi) - drops,
    creates: count(sql, /\b(?:create|add|rename)\b/gi) - creates,
  }
  let isKnown = hidden.drops === 0
  let removesParts = false
  for (const [at, word] of words.entries()) {
    if (word === 'CASCADE' && drops > 0 && !['DELETE', 'UPDATE'].includes(words[at - 1] ?? '')) isKnown = false
    if (word === 'RENAME') {
      const to = words.indexOf('TO', at)
      // `ALTER TABLE a RENAME TO b` puts the former name before the verb.
      const [from, end] = to === at + 1 ? [skip(words, startOf(tokens, at) + 2), at] : [skip(words, at + 1), to]
      for (let place = from; place < end; place += 1) take(place, renamed)
    }
    if (word !== 'DROP') continue
    const kind = words[at + 1] ?? ''
    if (properties.has(kind) || whole.has(kind)) continue
    isKnown &&= withoutParts.has(kind) || withParts.has(kind)
    removesParts ||= withParts.has(kind)
    const isAction = kind === 'COLUMN' || kind === 'CONSTRAINT'
    for (let place = skip(words, at + 2); place < tokens.length; place += 1) {
      const text = tokens[place]?.text
      if (text === ';' || words[place] === 'ON' || (isAction && text === ',')) break
      take(place, removed)
    }
  }
  const others = (): string[] =>
    tokens.flatMap((token, at) => (isName(token) && !taken.has(at) ? [nameOf(token).toLowerCase()] : []))
  return {
    removed: isKnown ? removed : 'unknown',
    removesParts,
    renamed,
    created: hidden.creates > 0 ? 'unknown' : creates > 0 ? others() : [],
  }
}

const isName = ({ kind }: Token): boolean => kind === 'word' || kind === 'name'
const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0

/** The first place that holds none of the words between a verb and a name. */
function skip(words: readonly (string | undefined)[], from: number): number {
  let at = from
  while (between.has(words[at] ?? '')) at += 1
  return at
}

/** Where the statement of a token begins. */
function startOf(tokens: readonly Token[], at: number): number {
  return tokens.findLastIndex(({ text }, place) => place < at && text === ';') + 1
}
