import { unknownEffects } from '../effects'
import { type Copy, readCopy } from './copy'
import type { Cursor } from './cursor'
import { isGenerated, readDefinition } from './definition'
import { callsOf, type Found, type State } from './found'
import { displayName, type KnownTable, type Tables } from './tables'
import { fold } from './tokens'
import { readTrigger } from './triggers'

/** SQLite's modules: https://sqlite.org/vtablist.html */
const modules = new Set('fts3 fts4 fts5 fts3tokenize fts4aux fts5vocab rtree rtree_i32 geopoly dbstat'.split(' '))

/**
 * CREATE TABLE, VIEW, INDEX, TRIGGER, VIRTUAL TABLE.
 *
 * @throws AludelError if it cannot be read
 */
export function createEffects(state: State, cursor: Cursor): Found {
  cursor.expect('CREATE')
  const isTemporary = cursor.take('TEMP') || cursor.take('TEMPORARY')
  if (cursor.take('TABLE')) return createTable(state, cursor, isTemporary)
  if (cursor.take('VIRTUAL', 'TABLE')) return createVirtual(state, cursor)
  if (cursor.take('VIEW')) return createView(state, cursor, isTemporary)
  if (cursor.take('TRIGGER')) return createTrigger(state, cursor, isTemporary)
  const unique = cursor.take('UNIQUE') ? 'unique ' : ''
  cursor.expect('INDEX')
  cursor.take('IF', 'NOT', 'EXISTS')
  const index = cursor.qualifiedName()
  cursor.expect('ON')
  const does = `create ${unique}index ${index.name} on ${displayName({ ...index, name: cursor.name() })}`
  return { does, writes: true, ...callsOf(cursor.rest()) }
}

interface NewRelation {
  readonly schema: string
  readonly name: string
  /** False if a relation of that name may exist already, which may have other rows than those of the plan. */
  readonly isCertain: boolean
  /** It must not exist before the plan; see {@link StatementEffects.absent}. */
  readonly absent: readonly string[]
}

/** `[IF NOT EXISTS] [schema.]name` */
function newRelation({ tables }: State, cursor: Cursor, isTemporary: boolean): NewRelation {
  const isConditional = cursor.take('IF', 'NOT', 'EXISTS')
  const { schema = 'main', name } = cursor.qualifiedName()
  const place = { schema: isTemporary ? 'temp' : fold(schema), name }
  const mustBeAbsent = !isConditional && place.schema === 'main' && !tables.isFree(place) && !tables.isKnown(place)
  return {
    ...place,
    isCertain: !isConditional || tables.isFree(place),
    absent: mustBeAbsent ? [displayName(place)] : [],
  }
}

function createTable(state: State, cursor: Cursor, isTemporary: boolean): Found {
  const { tables } = state
  const created = newRelation(state, cursor, isTemporary)
  const { absent } = created
  const does = `create table ${displayName(created)}`
  if (!cursor.take('AS')) {
    const definition = readDefinition(cursor)
    if (created.isCertain) tables.create(created, 'table', definition)
    return { does, absent, writes: true }
  }
  const query = cursor.rest()
  const copy = readCopy(cursor.sql, query)
  const source = copy === undefined ? undefined : tables.find(copy.source)
  if (created.isCertain) {
    const table = tables.create(created, 'table')
    if (copy !== undefined && source !== undefined) setAside(tables, table, source, copy)
  }
  return { does, absent, writes: true, ...callsOf(query) }
}

function createVirtual(state: State, cursor: Cursor): Found {
  const created = newRelation(state, cursor, false)
  cursor.expect('USING')
  const module = fold(cursor.name())
  const does = `create virtual table ${displayName(created)}`
  if (!modules.has(module)) return unknownEffects(does, `uses a module that is not known: ${module}`)
  if (created.isCertain) state.tables.create(created, 'virtual')
  return { does, absent: created.absent, writes: true }
}

function createView(state: State, cursor: Cursor, isTemporary: boolean): Found {
  const created = newRelation(state, cursor, isTemporary)
  // It may hide a table of that name, whose rows are then not copied.
  if (created.isCertain) state.tables.create(created, 'view')
  return { does: `create view ${displayName(created)}`, writes: true }
}

function createTrigger(state: State, cursor: Cursor, isTemporary: boolean): Found {
  const { name, table, event, body } = readTrigger(cursor)
  const schema = isTemporary ? 'temp' : fold(name.schema ?? 'main')
  const on = schema === 'temp' ? table : { schema, ...table }
  const { key } = state.tables.find(on)
  state.triggers.add(`${schema}.${fold(name.name)}`, { table: key, event, body, sql: cursor.sql })
  return { does: `create trigger ${displayName(name)} on ${displayName(table)}`, writes: true }
}

/**
 * DROP TABLE, VIEW, INDEX, TRIGGER.
 *
 * @throws AludelError if it cannot be read
 */
export function dropEffects(state: State, cursor: Cursor): Found {
  cursor.expect('DROP')
  const kind = (['TABLE', 'VIEW', 'INDEX', 'TRIGGER'] as const).find((word) => cursor.take(word))
  if (kind === undefined) cursor.expect('TABLE')
  const isConditional = cursor.take('IF', 'EXISTS')
  const name = cursor.qualifiedName()
  const does = `drop ${(kind ?? '').toLowerCase()} ${displayName(name)}`
  const { tables, triggers } = state
  if (kind === 'TRIGGER') {
    const folded = fold(name.name)
    triggers.drop(
      ...(name.schema === undefined ? [`temp.${folded}`, `main.${folded}`] : [`${fold(name.schema)}.${folded}`]),
    )
  }
  if (kind === 'INDEX' || kind === 'TRIGGER' || (isConditional && tables.isFree(name))) return { does, writes: true }
  const table = tables.find(name)
  const destroys = kind === 'TABLE' ? tables.loseAll(table) : []
  const successor = tables.successorOf(table)
  tables.drop(table)
  triggers.follow(table.key, undefined)
  if (successor === undefined || kind !== 'TABLE') return { does, writes: true, destroys }
  // What TypeORM writes to undo a rebuild: the old table was set aside, and a new one has its name and rows.
  const [now, aside] = [displayName(successor), displayName(table)]
  const instead = [`rename table ${now} to ${aside}`, `create table ${now}`, `insert into ${now}`]
  return { ...rebuild(now), destroys, instead }
}

/** The last statement of a rebuild. */
function rebuild(table: string): Found {
  return { does: `rebuild table ${table}, with its rows`, writes: true, rewrites: [table] }
}

/**
 * ALTER TABLE.
 *
 * @throws AludelError if it cannot be read
 */
export function alterEffects(state: State, cursor: Cursor): Found {
  cursor.expect('ALTER', 'TABLE')
  const { tables, triggers } = state
  const name = cursor.qualifiedName()
  const table = tables.find(name)
  const of = displayName(table)
  if (cursor.take('RENAME', 'TO')) {
    const [to, before] = [cursor.name(), table.key]
    triggers.rename(table.name)
    tables.rename(table, to)
    triggers.follow(before, table.key)
    const now = displayName(table)
    const instead = [`create table ${of}`, `insert into ${of}`, `drop table ${now}`]
    return tables.isRebuilt(table)
      ? { ...rebuild(now), instead }
      : { does: `rename table ${of} to ${to}`, writes: true }
  }
  if (cursor.take('RENAME')) {
    cursor.take('COLUMN')
    const from = cursor.name()
    cursor.expect('TO')
    const to = cursor.name()
    triggers.rename(from)
    tables.renameColumn(table, from, to)
    return { does: `rename column ${of}.${from} to ${to}`, writes: true }
  }
  const verb = (['ADD', 'DROP', 'ALTER'] as const).find((word) => cursor.take(word))
  if (verb === undefined) cursor.expect('RENAME')
  const isColumn = cursor.take('COLUMN')
  // Adding and dropping constraints loses no value: https://sqlite.org/lang_altertable.html
  if (verb === 'ALTER' || (!isColumn && (cursor.is('CONSTRAINT') || cursor.is('CHECK'))))
    return { does: `alter table ${of}`, writes: true }
  const column = cursor.name()
  if (verb === 'ADD') {
    tables.addColumn(table, column, !isGenerated(cursor.rest()))
    return { does: `add column ${of}.${column}`, writes: true }
  }
  const destroys = tables.loseColumn(table, column, 'values')
  tables.dropColumn(table, column)
  return { does: `drop column ${of}.${column}`, writes: true, destroys }
}

/** Records a copy of rows in a new table, whose columns have the names of the query. */
function setAside(tables: Tables, table: KnownTable, source: KnownTable, copy: Copy): void {
  if (copy.columns.length === 1 && copy.columns[0] === '*') {
    tables.keepAll(table, source, copy)
    return
  }
  const seen = new Set<string>()
  const columns = copy.columns.map((column) => {
    if (column === '*') return column
    const name = column.name === undefined || seen.has(fold(column.name)) ? undefined : fold(column.name)
    if (name !== undefined) seen.add(name)
    // Its name in SQLite is not known, so a later DROP COLUMN would not be seen.
    return { name, kept: name === undefined ? undefined : column.kept }
  })
  table.columns = copy.columns.map((column) => (column === '*' ? '' : (column.name ?? '')))
  tables.keepCopy(table, undefined, source, { ...copy, columns })
}
