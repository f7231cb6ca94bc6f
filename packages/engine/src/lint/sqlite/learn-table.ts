import { readCopy } from '../../sql/sqlite/copy'
import { type Cursor, isComma } from '../../sql/sqlite/cursor'
import {
  parseColumn,
  type ParsedColumn,
  type ParsedConstraint,
  type ParsedTable,
  parseTable,
} from '../../sql/sqlite/parse-table'
import { setsAside } from '../../sql/sqlite/set-aside'
import { fold, nameOf, type Token, wordOf } from '../../sql/sqlite/tokens'
import type { SqliteCatalog } from './catalog'
import type { SqliteColumn, SqliteConstraint, SqliteName, SqliteObject, SqliteTable } from './facts'
import { copiedFrom, settle } from './learn-copy'
import { namesInExpression, newName, type Statement } from './statement'

/** @param cursor after the word TABLE */
export function createTable(catalog: SqliteCatalog, statement: Statement, cursor: Cursor, isTemporary: boolean): void {
  const { name, isOptional } = newName(catalog, cursor, isTemporary)
  if (isOptional && catalog.table(name) !== undefined) return
  // With IF NOT EXISTS as well: no revision before knows of it.
  const madeIn = catalog.place
  if (cursor.take('AS')) {
    const copy = readCopy(cursor.sql, cursor.rest())
    catalog.tables.delete(name.key)
    catalog.changed(name, { complete: false, madeIn })
    if (copy !== undefined) copiedFrom(catalog, name, undefined, copy)
    return
  }
  const parsed = parseTable(statement.sql)
  catalog.tables.delete(name.key)
  catalog.changed(name, { ...definitionOf(catalog, name, parsed), complete: true, madeIn })
}

function definitionOf(
  catalog: SqliteCatalog,
  name: SqliteName,
  { columns, constraints, strict }: Pick<ParsedTable, 'columns' | 'constraints' | 'strict'>,
): Pick<SqliteTable, 'columns' | 'constraints' | 'strict'> {
  return {
    columns: new Map(columns.map((column) => [fold(column.name), columnOf(catalog, column)])),
    constraints: constraints.map((constraint) => constraintOf(catalog, name, constraint)),
    strict,
  }
}

function columnOf({ place }: SqliteCatalog, column: ParsedColumn): SqliteColumn {
  const { name, type, notNull, default: value, generated, autoincrement } = column
  return {
    name,
    type,
    notNull,
    hasDefault: value !== undefined,
    ...(generated !== undefined && { generated: generated.kind }),
    autoincrement,
    mentions: namesInExpression(generated?.tokens ?? []),
    madeIn: place,
  }
}

function constraintOf(catalog: SqliteCatalog, table: SqliteName, constraint: ParsedConstraint): SqliteConstraint {
  const named = { ...(constraint.name !== undefined && { name: constraint.name }), madeIn: catalog.place }
  if (constraint.kind === 'check') {
    const { tokens, inline } = constraint
    const allowed = allowedIn(tokens)
    return {
      ...named,
      kind: 'check',
      columns: namesInExpression(tokens),
      ...(inline !== undefined && { inline: fold(inline) }),
      ...(allowed !== undefined && { allowed }),
      signature: spelled(tokens),
    }
  }
  if (constraint.kind === 'foreignKey') {
    const { columns, inline, onDelete } = constraint
    const references = catalog.name({ schema: table.schema, name: constraint.table }).key
    return {
      ...named,
      kind: 'foreign key',
      columns: new Set(columns.map(fold)),
      ...(inline !== undefined && { inline: fold(inline) }),
      references,
      onDelete,
      signature: [...columns.map(fold), references].join(' '),
    }
  }
  const columns = constraint.keys.map(({ column }) => fold(column))
  const kind = constraint.kind === 'unique' ? 'unique' : 'primary key'
  return { ...named, kind, columns: new Set(columns), signature: columns.join(' ') }
}

/** The tokens with one spelling of names: `"a" > 0` and `a>0` are the same. */
function spelled(tokens: readonly Token[]): string {
  return tokens
    .map((token) => (token.kind === 'word' || token.kind === 'name' ? fold(nameOf(token)) : token.text))
    .join(' ')
}

/** Reads `column IN ('a', 'b')`. */
function allowedIn(tokens: readonly Token[]): SqliteConstraint['allowed'] {
  const [first, second, third] = tokens
  if (first === undefined || wordOf(second) !== 'IN' || third?.text !== '(') return undefined
  const list = tokens.slice(3, -1)
  const values = list.filter((token) => !isComma(token))
  if (tokens.at(-1)?.text !== ')' || values.some(({ kind }) => kind !== 'string' && kind !== 'number')) return undefined
  return { column: fold(nameOf(first)), values: values.map(({ text }) => text) }
}

/** ALTER TABLE: https://sqlite.org/lang_altertable.html */
export function alterTable(catalog: SqliteCatalog, statement: Statement, cursor: Cursor): void {
  cursor.expect('ALTER', 'TABLE')
  const name = catalog.name(cursor.qualifiedName())
  const table = catalog.table(name)
  if (cursor.take('RENAME', 'TO')) return renameTable(catalog, statement, name, cursor.name())
  if (cursor.take('RENAME')) {
    cursor.take('COLUMN')
    const from = cursor.name()
    cursor.expect('TO')
    if (table !== undefined) renameColumn(catalog, table, from, cursor.name())
    return
  }
  const verb = (['ADD', 'DROP', 'ALTER'] as const).find((word) => cursor.take(word))
  const isColumn = cursor.take('COLUMN')
  if (verb === 'ALTER') return alterColumn(catalog, name, cursor)
  if (verb === 'DROP' && !isColumn && cursor.take('CONSTRAINT')) {
    const dropped = fold(cursor.name())
    const constraints = (table?.constraints ?? []).filter((one) => one.name === undefined || fold(one.name) !== dropped)
    if (table !== undefined) catalog.changed(name, { constraints })
    return
  }
  if (verb === 'ADD' && !isColumn && (cursor.is('CONSTRAINT') || cursor.is('CHECK')))
    return addCheck(catalog, name, cursor)
  if (verb === 'ADD') {
    const { columns, constraints } = parseColumn(cursor)
    for (const column of columns) catalog.setColumn(name, columnOf(catalog, column))
    const added = constraints.map((constraint) => constraintOf(catalog, name, constraint))
    catalog.changed(name, { constraints: [...(catalog.table(name)?.constraints ?? []), ...added] })
  } else if (verb === 'DROP' && table !== undefined) {
    const column = fold(cursor.name())
    const columns = new Map(table.columns)
    columns.delete(column)
    catalog.changed(name, { columns, constraints: table.constraints.filter(({ inline }) => inline !== column) })
  }
}

function addCheck(catalog: SqliteCatalog, table: SqliteName, cursor: Cursor): void {
  const name = cursor.take('CONSTRAINT') ? cursor.name() : undefined
  cursor.expect('CHECK')
  const added = constraintOf(catalog, table, {
    kind: 'check',
    ...(name !== undefined && { name }),
    tokens: cursor.parenthesized(),
  })
  catalog.changed(table, { constraints: [...(catalog.table(table)?.constraints ?? []), added] })
}

function alterColumn(catalog: SqliteCatalog, table: SqliteName, cursor: Cursor): void {
  const known = catalog.column(table, cursor.name())
  if (known === undefined) return
  if (cursor.take('DROP', 'NOT', 'NULL')) catalog.setColumn(table, { ...known, notNull: false })
  else if (cursor.take('SET', 'NOT', 'NULL')) catalog.setColumn(table, { ...known, notNull: true })
}

function renameTable(catalog: SqliteCatalog, { sql, index }: Statement, from: SqliteName, written: string): void {
  const to = catalog.name({ schema: from.schema, name: written })
  const view = catalog.views.get(from.key)
  if (view !== undefined) return
  catalog.changed(from, {})
  const table = catalog.table(from)
  if (table === undefined) return
  catalog.moveTable(table, to)
  // References keep the name when TypeORM sets a table aside, because a run sees to that.
  if (!catalog.legacyRename && !setsAside(sql)) followRename(catalog, from, to)
  settle(catalog, to, index)
}

/** Foreign keys, views and triggers that mention the table mention its new name now. */
function followRename(catalog: SqliteCatalog, from: SqliteName, to: SqliteName): void {
  for (const { name, constraints } of [...catalog.tables.values()])
    if (constraints.some(({ references }) => references === from.key))
      catalog.changed(name, {
        constraints: constraints.map((one) => (one.references === from.key ? { ...one, references: to.key } : one)),
      })
  mentionOther(catalog.views, from, to)
  for (const [key, view] of catalog.views)
    if (view.reads.has(fold(from.name)))
      catalog.views.set(key, { ...view, reads: replaced(view.reads, fold(from.name), fold(to.name)) })
  mentionOther(catalog.triggers, from, to)
}

function mentionOther<Kind extends SqliteObject>(objects: Map<string, Kind>, from: SqliteName, to: SqliteName): void {
  const old = fold(from.name)
  for (const [key, object] of objects) {
    if (!object.mentions.has(old)) continue
    objects.set(key, { ...object, mentions: replaced(object.mentions, old, fold(to.name)) })
  }
}

function replaced(names: ReadonlySet<string>, old: string, now: string): ReadonlySet<string> {
  return new Set([...names].map((name) => (name === old ? now : name)))
}

function renameColumn(catalog: SqliteCatalog, table: SqliteTable, from: string, to: string): void {
  const [old, now] = [fold(from), fold(to)]
  const renamed = (name: string): string => (name === old ? now : name)
  const all = (names: ReadonlySet<string>): ReadonlySet<string> => new Set([...names].map(renamed))
  catalog.changed(table.name, {
    columns: new Map(
      [...table.columns].map(([key, column]) => [
        renamed(key),
        { ...column, name: key === old ? to : column.name, mentions: all(column.mentions) },
      ]),
    ),
    constraints: table.constraints.map((one) => ({
      ...one,
      columns: all(one.columns),
      ...(one.inline !== undefined && { inline: renamed(one.inline) }),
    })),
  })
  for (const [key, index] of catalog.indexes)
    if (index.table === table.name.key)
      catalog.indexes.set(key, {
        ...index,
        mentions: all(index.mentions),
        columns: index.columns.map((name) => (name === undefined ? undefined : renamed(name))),
      })
}
