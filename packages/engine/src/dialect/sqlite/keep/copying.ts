import { readInsert } from '../../../sql/sqlite/changes'
import { isComma } from '../../../sql/sqlite/cursor'
import { Cursor } from '../../../sql/sqlite/cursor'
import { readCopy } from '../../../sql/sqlite/copy'
import { statementsIn } from '../../../sql/sqlite/statements'
import { fold, isIdentifier, nameOf, type Token, wordOf } from '../../../sql/sqlite/tokens'

/** `INSERT INTO target (…) SELECT … FROM source`, which copies every row of one table. */
export interface Copying {
  readonly sql: string
  readonly target: string
  readonly source: string
  /** By which its expressions can name the source: the alias, or the table. */
  readonly qualifier: string
  /** The columns that it fills; undefined: all of the target. */
  readonly columns: readonly string[] | undefined
  /** Where each expression begins and ends in the text, in the order of the columns. */
  readonly expressions: readonly { readonly start: number; readonly end: number }[]
  /** Where one more column, and one more expression, can be inserted. */
  readonly columnsEnd: number
  readonly expressionsEnd: number
}

/** Reads a text of one such statement; undefined for any other text. */
export function readCopying(sql: string): Copying | undefined {
  if (!/^\s*(?:--|\/\*|insert\b|replace\b)/i.test(sql) || !/\bselect\b/i.test(sql)) return undefined
  const [tokens, ...others] = statementsIn(sql)
  if (tokens === undefined || others.length > 0) return undefined
  try {
    return read(sql, tokens)
  } catch {
    // It is none of those that the tool or TypeORM write.
    return undefined
  }
}

function read(sql: string, tokens: readonly Token[]): Copying | undefined {
  const { target, columns, body } = readInsert(new Cursor(sql, tokens))
  const copy = readCopy(sql, body)
  if (copy === undefined || !isMain(target.schema) || !isMain(copy.source.schema)) return undefined
  const cursor = new Cursor(sql, body)
  cursor.expect('SELECT')
  cursor.take('ALL')
  const expressions: { start: number; end: number }[] = []
  do {
    const item = cursor.until((token) => isComma(token) || wordOf(token) === 'FROM')
    const [first, last] = [item[0], item.at(-1)]
    if (first === undefined || last === undefined || last.text === '*') return undefined
    const hasAlias = wordOf(item.at(-2)) === 'AS'
    const end = hasAlias ? (item.at(-3)?.end ?? last.end) : last.end
    expressions.push({ start: first.start, end })
  } while (cursor.takeSymbol(','))
  const before = cursor.peek(-1)
  cursor.expect('FROM')
  const source = cursor.qualifiedName()
  const alias = cursor.take('AS') || (isIdentifier(cursor.peek()) && !cursor.is('WHERE')) ? cursor.name() : undefined
  const first = body[0]
  const closing = tokens.filter((token) => token.end <= (first?.start ?? 0)).at(-1)
  if (before === undefined || closing === undefined) return undefined
  if (columns !== undefined && (closing.text !== ')' || columns.length !== expressions.length)) return undefined
  return {
    sql,
    target: target.name,
    source: source.name,
    qualifier: alias ?? source.name,
    columns,
    expressions,
    columnsEnd: closing.start,
    expressionsEnd: before.end,
  }
}

function isMain(schema: string | undefined): boolean {
  return schema === undefined || fold(schema) === 'main'
}

/** What a copying statement is to do for one column of its target. */
export interface Filling {
  readonly column: string
  /** The expression, given the text of the one that is there; undefined if there is none. */
  readonly expression: (given: string | undefined) => string
}

/**
 * The statement with other expressions, and with columns that it did not fill.
 *
 * @param targets the columns of the target, for a statement that lists none
 * @param quote writes an identifier
 * @returns undefined if it stays as it is
 */
export function fill(
  copying: Copying,
  targets: readonly string[],
  fillings: readonly Filling[],
  quote: (name: string) => string,
): string | undefined {
  const { sql, columns, expressions } = copying
  const listed = (columns ?? targets.slice(0, expressions.length)).map(fold)
  const edits: { readonly at: number; readonly end: number; readonly text: string }[] = []
  const added: Filling[] = []
  for (const filling of fillings) {
    const at = listed.indexOf(fold(filling.column))
    const place = expressions[at]
    if (place === undefined) added.push(filling)
    else edits.push({ at: place.start, end: place.end, text: filling.expression(sql.slice(place.start, place.end)) })
  }
  // Without a list, every column has an expression.
  if (columns !== undefined && added.length > 0) {
    const names = added.map(({ column }) => `, ${quote(column)}`).join('')
    const values = added.map(({ expression }) => `, ${expression(undefined)}`).join('')
    edits.push({ at: copying.columnsEnd, end: copying.columnsEnd, text: names })
    edits.push({ at: copying.expressionsEnd, end: copying.expressionsEnd, text: values })
  }
  if (edits.length === 0) return undefined
  return edits
    .sort((a, b) => b.at - a.at || b.end - a.end)
    .reduce((text, { at, end, text: other }) => text.slice(0, at) + other + text.slice(end), sql)
}

/** The column that `ALTER TABLE … ADD [COLUMN] …` adds; undefined for any other text. */
export function addedColumn(sql: string): AddedColumn | undefined {
  if (!/^\s*(?:--|\/\*|alter\b)/i.test(sql)) return undefined
  const [tokens] = statementsIn(sql)
  if (tokens === undefined) return undefined
  const cursor = new Cursor(sql, tokens)
  try {
    cursor.expect('ALTER', 'TABLE')
    const { name: table } = cursor.qualifiedName()
    cursor.expect('ADD')
    cursor.take('COLUMN')
    const start = cursor.peek()?.start
    return { table, column: cursor.name(), definition: `CREATE TABLE "t" (${sql.slice(start, tokens.at(-1)?.end)})` }
  } catch {
    return undefined
  }
}

interface AddedColumn {
  readonly table: string
  readonly column: string
  /** CREATE TABLE with this column alone. */
  readonly definition: string
}

/** A default as `PRAGMA table_xinfo` shows it, as an expression: SQLite takes a word, and a name in quotes, for a text. */
export function defaultExpression(text: string | null, quoteText: (value: string) => string): string {
  if (text === null) return 'NULL'
  const [tokens, ...others] = statementsIn(text)
  const [only] = tokens ?? []
  if (tokens?.length !== 1 || others.length > 0 || !isIdentifier(only)) return `(${text})`
  const word = wordOf(only) ?? ''
  const isValue = ['NULL', 'TRUE', 'FALSE', 'CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_TIMESTAMP'].includes(word)
  return isValue ? text : quoteText(nameOf(only))
}
