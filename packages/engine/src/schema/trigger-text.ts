import type { ObjectName } from './schema'
import { printedName, significant, type Token, tokenize, unquote } from '../sql/tokens'

/**
 * Renames in the head of a trigger, as a database does them: of its table, of columns after `UPDATE OF`, and of columns of
 * `NEW` and `OLD`. The SQLite dialect handles the bodies of its triggers; no database renames inside a function's body.
 */

/** The trigger after its table was renamed. */
export function renameTableInTrigger(sql: string, from: ObjectName, to: ObjectName): string {
  const tokens = tokenize(sql)
  const places = significant(tokens)
  const on = places.findIndex((place) => isWord(tokens[place], 'on'))
  const [first, dot, last] = [places[on + 1], places[on + 2], places[on + 3]]
  if (on < 0 || first === undefined) return sql
  const isQualified = dot !== undefined && tokens[dot]?.text === '.' && last !== undefined
  const name = isQualified ? tokens[last] : tokens[first]
  if (name === undefined || unquote(name) !== from.name) return sql
  const text = [...(to.schema === undefined ? [] : [to.schema]), to.name].map((part) => respell(name, part)).join('.')
  const texts = tokens.map((token) => token.text)
  texts[first] = text
  if (isQualified) texts[dot] = texts[last] = ''
  return texts.join('')
}

/** The trigger after a column of its table was renamed. */
export function renameColumnInTrigger(sql: string, from: string, to: string): string {
  const tokens = tokenize(sql)
  const places = significant(tokens)
  const at = (index: number): Token | undefined => tokens[places[index] ?? -1]
  const on = places.findIndex((place) => isWord(tokens[place], 'on'))
  const of = places.findIndex((place, index) => index < on && isWord(tokens[place], 'of'))
  const texts = tokens.map((token) => token.text)
  for (const [index, place] of places.entries()) {
    const token = tokens[place]
    if (token === undefined || !isName(token) || unquote(token) !== from) continue
    const isListed = of >= 0 && index > of && index < on
    const isRow = at(index - 1)?.text === '.' && ['new', 'old'].some((row) => isWord(at(index - 2), row))
    if (isListed || isRow) texts[place] = respell(token, to)
  }
  return texts.join('')
}

/**
 * The trigger without white space, comments, and the quotes and case of names, which are no difference. SQLite quotes a
 * name when it renames it, and keeps the quotes when the rename is undone.
 */
export function canonicalTrigger(sql: string): string {
  const tokens = tokenize(sql)
  return significant(tokens)
    .map((place) => {
      const token = tokens[place]
      if (token === undefined) return ''
      return isName(token) ? unquote(token).toLowerCase() : token.text
    })
    .join(' ')
}

/** True if the head of the trigger names the column: after `UPDATE OF`, or as a column of `NEW` or `OLD`. */
export function mentionsColumn(sql: string, column: string): boolean {
  return renameColumnInTrigger(sql, column, `${column} `) !== sql
}

/** True if the trigger has this name anywhere, also in its body. */
export function mentionsName(sql: string, name: string): boolean {
  return tokenize(sql).some((token) => isName(token) && unquote(token).toLowerCase() === name.toLowerCase())
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toLowerCase() === word
}

function isName({ kind }: Token): boolean {
  return kind === 'word' || kind === 'name'
}

function respell(token: Token, name: string): string {
  return token.kind === 'name' ? `"${name.replaceAll('"', '""')}"` : printedName(name)
}
