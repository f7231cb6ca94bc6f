import type { ObjectName } from './schema'
import {
  isKeyword,
  isPlainName,
  printedName,
  quotedName,
  significant,
  type Token,
  tokenize,
  unquote,
} from '../sql/tokens'

/** The names that an expression of a table may contain. */
export interface Scope {
  readonly table: string
  readonly columns: readonly string[]
}

interface Reference {
  /** The index of the token. */
  readonly index: number
  readonly column: string
}

/** Words that continue the type before them: `timestamp without time zone`. */
const typeWords = new Set('varying precision with without time zone year month day hour minute second to'.split(' '))

/**
 * The columns an expression reads.
 *
 * @example
 * columnsIn('((price > (0)::numeric))', { table: 'items', columns: ['price', 'numeric'] }) // ['price']
 */
export function columnsIn(sql: string, scope: Scope): string[] {
  return [...new Set(references(tokenize(sql), scope).map((reference) => reference.column))]
}

/** True if the expression reads the column. */
export function readsColumn(sql: string, column: string, scope: Scope): boolean {
  return references(tokenize(sql), scope).some((reference) => reference.column === column)
}

/** True if the text contains an identifier of that name anywhere, whatever it refers to. */
export function mentionsName(sql: string, name: string): boolean {
  return tokenize(sql).some((token) => named(token, name))
}

/**
 * The expression after `ALTER TABLE … RENAME COLUMN`. Literals, types, functions and other columns stay the same, and
 * quoted names stay quoted.
 *
 * @param scope the table with its columns before the rename
 */
export function renameColumnIn(sql: string, scope: Scope, from: string, to: string): string {
  const tokens = tokenize(sql)
  const found = new Set(references(tokens, scope).flatMap(({ index, column }) => (column === from ? [index] : [])))
  if (found.size === 0) return sql
  return tokens.map((token, index) => (found.has(index) ? respell(token, to) : token.text)).join('')
}

/** The expression after its table was renamed: `users.age > 0` becomes `people.age > 0`. */
export function renameTableIn(sql: string, from: string, to: string): string {
  const tokens = tokenize(sql)
  const places = significant(tokens)
  return tokens
    .map((token, index) => {
      const at = places.indexOf(index)
      if (token.kind !== 'word' && token.kind !== 'name') return token.text
      const isQualifier = tokens[places[at + 1] ?? -1]?.text === '.' && tokens[places[at - 1] ?? -1]?.text !== '.'
      return isQualifier && named(token, from) ? respell(token, to) : token.text
    })
    .join('')
}

/** The expression after `ALTER TYPE … RENAME`: `'a'::mood` becomes `'a'::temper`. Only casts change. */
export function renameTypeIn(sql: string, from: ObjectName, to: ObjectName): string {
  const tokens = tokenize(sql)
  const places = significant(tokens)
  const texts = tokens.map((token) => token.text)
  for (const [at, place] of places.entries()) {
    if (tokens[place]?.text !== '::') continue
    const [schema, dot, name] = [1, 2, 3].map((step) => places[at + step])
    if (schema === undefined) continue
    const qualified = dot !== undefined && tokens[dot]?.text === '.' && name !== undefined
    const [first, last] = qualified ? [tokens[schema], tokens[name]] : [undefined, tokens[schema]]
    if (last === undefined || !named(last, from.name) || (first === undefined) !== (from.schema === undefined)) continue
    if (first !== undefined && from.schema !== undefined && !named(first, from.schema)) continue
    texts[schema] = printedType(to)
    if (qualified) texts[dot] = texts[name] = ''
  }
  return texts.join('')
}

/**
 * The expression after `ALTER TYPE … RENAME VALUE`: `'a'::mood` becomes `'b'::mood`, and `'{a,c}'::mood[]` becomes
 * `'{b,c}'::mood[]`. Only literals that are cast to the type change.
 */
export function renameValueIn(sql: string, type: ObjectName, from: string, to: string): string {
  const tokens = tokenize(sql)
  const places = significant(tokens)
  const texts = tokens.map((token) => token.text)
  for (const [at, place] of places.entries()) {
    const next = places.slice(at + 1, at + 7).flatMap((index) => tokens[index] ?? [])
    if (tokens[place]?.kind !== 'string' || next[0]?.text !== '::') continue
    const qualified = next[2]?.text === '.'
    const name = next[qualified ? 3 : 1]
    if (name === undefined || !named(name, type.name)) continue
    const isArray = next[qualified ? 4 : 2]?.text === '['
    const text = tokens[place].text.slice(1, -1).replaceAll("''", "'")
    if (!isArray && text === from) texts[place] = literal(to)
    if (isArray) texts[place] = literal(renameElement(text, from, to))
  }
  return texts.join('')
}

/** The text of an array, such as `{a,"b c"}`, with one element renamed. */
function renameElement(array: string, from: string, to: string): string {
  return array.replaceAll(/"((?:[^"\\]|\\.)*)"|[^{},"]+/g, (element, quoted: string | undefined) => {
    const value = quoted === undefined ? element : quoted.replaceAll(/\\(.)/g, '$1')
    if (value !== from) return element
    return /^[\w-]+$/.test(to) && to.toLowerCase() !== 'null' ? to : `"${to.replaceAll(/["\\]/g, '\\$&')}"`
  })
}

/** The expression after a sequence was renamed, which changes the literal in `nextval('old'::regclass)`. */
export function renameSequenceIn(sql: string, from: ObjectName, to: ObjectName): string {
  const old = literal(printedType(from))
  return tokenize(sql)
    .map((token) => (token.kind === 'string' && token.text === old ? literal(printedType(to)) : token.text))
    .join('')
}

/**
 * One spelling for all expressions that differ only in white space, comments, the case of unquoted words, and quotes
 * around column names. SQLite's `RENAME COLUMN` quotes the new name everywhere; entities usually do not.
 */
export function canonicalExpression(sql: string, scope: Scope): string {
  const tokens = tokenize(sql)
  const columns = new Map(references(tokens, scope).map(({ index, column }) => [index, column]))
  return significant(tokens)
    .map((index) => {
      const token = tokens[index]
      if (token === undefined) return ''
      const column = columns.get(index)
      if (column !== undefined) return quotedName(column)
      if (token.kind === 'word') return token.text.toLowerCase()
      if (token.kind === 'name') return printedName(unquote(token))
      return token.text
    })
    .join(' ')
}

/** `schema.name`, quoted where PostgreSQL would quote it. */
export function printedType(name: ObjectName): string {
  return [...(name.schema === undefined ? [] : [name.schema]), name.name].map(printedName).join('.')
}

function references(tokens: readonly Token[], scope: Scope): Reference[] {
  const places = significant(tokens)
  const found: Reference[] = []
  let at = 0
  const token = (step: number): Token | undefined => tokens[places[at + step] ?? -1]
  for (; at < places.length; at++) {
    const current = token(0)
    if (current === undefined) continue
    const word = current.kind === 'word' ? current.text.toLowerCase() : undefined
    if (current.text === '::' || word === 'as') skipType(word === 'as')
    else if (word === 'collate') skipName()
    else if (word === 'extract' && token(1)?.text === '(') at += 2
    else if (word === 'at' && token(1)?.text.toLowerCase() === 'time') at += 2
    else if (current.kind === 'word' || current.kind === 'name') {
      const column = columnAt(current)
      const index = places[at]
      if (column !== undefined && index !== undefined) found.push({ index, column })
    }
  }
  return found

  function columnAt(current: Token): string | undefined {
    if (current.kind === 'word' && isKeyword(current.text) && token(-1)?.text !== '.') return undefined
    const following = token(1)?.text
    if (following === '(' || following === '.' || following === '=>') return undefined
    if (token(-1)?.text === '.') {
      const qualifier = token(-2)
      if (qualifier === undefined || !named(qualifier, scope.table)) return undefined
    }
    return resolve(current, scope.columns)
  }

  /** Stops on the last token of the type's name. */
  function skipType(cast: boolean): void {
    skipName()
    for (;;) {
      const following = token(1)
      if (following?.kind === 'word' && (cast || typeWords.has(following.text.toLowerCase()))) at += 1
      else if (following?.text === '(' && token(2)?.kind === 'number' && continuesAfterParentheses()) at += 3
      else return
    }
  }

  /** `timestamp(3) without time zone`. */
  function continuesAfterParentheses(): boolean {
    const next = token(4)
    return token(3)?.text === ')' && next?.kind === 'word' && typeWords.has(next.text.toLowerCase())
  }

  function skipName(): void {
    at += 1
    while (token(1)?.text === '.') at += 2
  }
}

/** The column of a token. An unquoted word is resolved as PostgreSQL does (in lower case), else as SQLite does (in any case). */
function resolve(token: Token, columns: readonly string[]): string | undefined {
  const name = unquote(token)
  if (token.kind === 'name') return columns.find((column) => column === name)
  const folded = name.toLowerCase()
  return (
    columns.find((column) => column === folded) ??
    columns.find((column) => column === name) ??
    columns.find((column) => column.toLowerCase() === folded)
  )
}

function named(token: Token, name: string): boolean {
  if (token.kind !== 'word' && token.kind !== 'name') return false
  return token.kind === 'name' ? unquote(token) === name : token.text.toLowerCase() === name.toLowerCase()
}

function respell(token: Token, name: string): string {
  return token.kind === 'word' && isPlainName(name) ? name : quotedName(name)
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
