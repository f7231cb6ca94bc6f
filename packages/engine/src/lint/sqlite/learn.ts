import { AludelError } from '../../errors'
import { Cursor } from '../../sql/sqlite/cursor'
import { parseIndex } from '../../sql/sqlite/parse-index'
import { readPragma } from '../../sql/sqlite/pragmas'
import { rebuildSavepoint } from '../../sql/sqlite/rebuild-names'
import { relationsIn } from '../../sql/sqlite/relations'
import { fold, isIdentifier, nameOf, wordOf } from '../../sql/sqlite/tokens'
import { readTrigger } from '../../sql/sqlite/triggers'
import type { SqliteCatalog } from './catalog'
import { learnCopy } from './learn-copy'
import { alterTable, createTable } from './learn-table'
import { isOn, namesInExpression, newName, objectOf, type Statement } from './statement'

/** Applies a statement to what is known. Whatever it does not know leaves the catalog as it is. Never throws. */
export function learn(catalog: SqliteCatalog, statement: Statement): void {
  try {
    read(catalog, statement, new Cursor(statement.sql, statement.tokens))
  } catch (error) {
    // SQLite refuses what cannot be read, or it is newer than this.
    if (!(error instanceof AludelError)) throw error
  }
}

function read(catalog: SqliteCatalog, statement: Statement, cursor: Cursor): void {
  switch (wordOf(cursor.peek())) {
    case 'CREATE':
      return create(catalog, statement, cursor)
    case 'DROP':
      return drop(catalog, cursor)
    case 'ALTER':
      return alterTable(catalog, statement, cursor)
    case 'INSERT':
      return learnCopy(catalog, statement, cursor)
    case 'PRAGMA': {
      cursor.next()
      const { name, value } = readPragma(cursor)
      if (name === 'legacy_alter_table' && value !== undefined) catalog.legacyRename = isOn(value)
      return
    }
    case 'SAVEPOINT':
    case 'RELEASE': {
      const begins = wordOf(cursor.next()) === 'SAVEPOINT'
      cursor.take('SAVEPOINT')
      if (fold(cursor.name()) === rebuildSavepoint) catalog.inOwnRebuild = begins
      return
    }
    default:
  }
}

function create(catalog: SqliteCatalog, statement: Statement, cursor: Cursor): void {
  cursor.expect('CREATE')
  const isTemporary = cursor.take('TEMP') || cursor.take('TEMPORARY')
  cursor.take('UNIQUE')
  if (cursor.take('TABLE')) return createTable(catalog, statement, cursor, isTemporary)
  if (cursor.take('VIRTUAL', 'TABLE')) {
    const { name, isOptional } = newName(catalog, cursor, isTemporary)
    if (isOptional && catalog.table(name) !== undefined) return
    catalog.changed(name, { kind: 'virtual', complete: false, ...(isOptional ? {} : { madeIn: catalog.place }) })
    return
  }
  if (cursor.take('VIEW')) {
    const { name } = newName(catalog, cursor, isTemporary)
    if (!catalog.views.has(name.key))
      catalog.views.set(name.key, { ...objectOf(catalog, name, statement), reads: relationsIn(statement.tokens) })
    return
  }
  if (cursor.take('INDEX')) return createIndex(catalog, statement, cursor)
  if (cursor.take('TRIGGER')) {
    const { name: written, table } = readTrigger(cursor)
    const name = catalog.name({ schema: isTemporary ? 'temp' : 'main', ...written })
    if (catalog.triggers.has(name.key)) return
    catalog.triggers.set(name.key, { ...objectOf(catalog, name, statement), table: catalog.name(table).key })
  }
}

function createIndex(catalog: SqliteCatalog, statement: Statement, cursor: Cursor): void {
  const { name } = newName(catalog, cursor, false)
  if (catalog.indexes.has(name.key)) return
  const { table, unique, keys, where } = parseIndex(statement.sql)
  catalog.indexes.set(name.key, {
    ...objectOf(catalog, name, statement),
    mentions: namesInExpression([...keys.flatMap(({ tokens }) => tokens), ...(where ?? [])]),
    table: catalog.name({ schema: name.schema, name: table }).key,
    unique,
    columns: keys.map(({ tokens: [only, more] }) =>
      only === undefined || more !== undefined || !isIdentifier(only) ? undefined : fold(nameOf(only)),
    ),
    partial: where !== undefined,
  })
}

function drop(catalog: SqliteCatalog, cursor: Cursor): void {
  cursor.expect('DROP')
  const kind = (['TABLE', 'VIEW', 'INDEX', 'TRIGGER'] as const).find((word) => cursor.take(word))
  cursor.take('IF', 'EXISTS')
  const written = cursor.qualifiedName()
  const name = catalog.name(written)
  switch (kind) {
    case 'TABLE':
      return catalog.dropTable(name)
    case 'VIEW':
      catalog.views.delete(name.key)
      for (const trigger of catalog.triggersOf(name)) catalog.triggers.delete(trigger.name.key)
      return
    case 'INDEX': {
      const index = catalog.indexes.get(name.key)
      if (index?.unique === true) catalog.dropped.push(index)
      catalog.indexes.delete(name.key)
      return
    }
    case 'TRIGGER':
      if (!catalog.triggers.delete(catalog.name({ schema: 'temp', ...written }).key)) catalog.triggers.delete(name.key)
      return
    case undefined:
  }
}
