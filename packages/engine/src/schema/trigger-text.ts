import type { ObjectName } from './schema'
import { printedName, significant, type SqlToken, tokenize, unquote } from '../sql/tokens'

/**
 * What a database itself does to the head of a trigger at a rename: its table, the columns behind `UPDATE OF`, and those
 * of `NEW` and `OLD`. A body that is SQLite's own is followed there (see its dialect), a function's by nobody.
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
  const at = (index: number): SqlToken | undefined => tokens[places[index] ?? -1]
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
 * The trigger without what is no difference: spaces, comments, quotes and case of names. SQLite puts quotes around a name
 * that it has followed through a rename, and leaves them when the name is the old one again.
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

/** The columns that the trigger cannot do without: those behind `UPDATE OF`, and those of `NEW` and `OLD` in its head. */
export function mentionsColumn(sql: string, column: string): boolean {
  return renameColumnInTrigger(sql, column, `${column} `) !== sql
}

function isWord(token: SqlToken | undefined, word: string): boolean {
  return token?.kind === 'word' && token.text.toLowerCase() === word
}

function isName({ kind }: SqlToken): boolean {
  return kind === 'word' || kind === 'name'
}

function respell(token: SqlToken, name: string): string {
  return token.kind === 'name' ? `"${name.replaceAll('"', '""')}"` : printedName(name)
}
