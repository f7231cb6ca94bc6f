import type { Column, ForeignKey, Schema } from '../../schema/schema'
import type { Statement } from '../dialect'
import type { Alteration } from './native'
import { quote, quoteList, quoteText } from './quote'
import { createIndexSql, createTableSql, defaultSql } from './table-sql'

/** True where the database enforces foreign keys while the statement runs. */
const enforced = '(SELECT "foreign_keys" FROM pragma_foreign_keys)'

/**
 * Makes a table anew in its wanted shape, with its rows, indexes and triggers: SQLite's own procedure
 * (https://sqlite.org/lang_altertable.html#otheralter), and one copy of the rows.
 *
 * That procedure wants foreign keys off, which is possible only outside a transaction. Who runs a revision has seen to
 * that, with one exception: TypeORM reverts with foreign keys on, and dropping the old table would then delete the rows
 * that reference it. So a table that others reference is made anew in a way that is right in both cases.
 */
export function rebuildSql(alteration: Alteration, schema: Schema, comment: string): Statement[] {
  const { before, after } = alteration
  const others = schema.tables.filter((table) => table.name !== before.name)
  const inbound = [...others, before, after].flatMap(({ name, foreignKeys }) =>
    foreignKeys.filter((key) => key.references.name === before.name).map((key) => ({ table: name, key })),
  )
  const statements = [
    ...(inbound.length === 0
      ? plainRebuild(alteration)
      : [`SAVEPOINT ${savepoint}`, ...guardedRebuild(alteration, inbound)]),
    ...after.indexes.map((index) => createIndexSql(after.name, index)),
    ...after.triggers.map(({ sql }) => sql),
    ...(inbound.length === 0 ? [] : [`RELEASE ${savepoint}`]),
  ]
  return statements.map((sql, index) => (index === 0 ? { sql, comment } : { sql }))
}

/** For a revision that runs outside a transaction: violations wait only within one. */
const savepoint = quote('aludel_rebuild')

function plainRebuild(alteration: Alteration): string[] {
  const { before, after } = alteration
  const { copy } = namesOf(after.name)
  return [
    createTableSql(after, copy),
    ...copyCounter(alteration, before.name, copy),
    insert(copy, before.name, copiedColumns(alteration)),
    `DROP TABLE ${quote(after.name)}`,
    ...renameCopy(after.name),
  ]
}

interface Inbound {
  readonly table: string
  readonly key: ForeignKey
}

/**
 * Where foreign keys are enforced, the rows wait in a table that nobody references, the violations that dropping the old
 * table makes are counted until the rows are back, and triggers keep its `CASCADE` and `SET NULL` from the other tables.
 * Where they are not, that table stays empty, and this is the plain procedure.
 */
function guardedRebuild(alteration: Alteration, inbound: readonly Inbound[]): string[] {
  const { before, after } = alteration
  const { copy, rows } = namesOf(after.name)
  const columns = copiedColumns(alteration)
  const sources = quoteList([...new Set(columns.map((column) => column.source))])
  const setAside = `CREATE TABLE ${quote(rows)} AS SELECT ${sources} FROM ${quote(before.name)}`
  const drop = [
    'PRAGMA defer_foreign_keys = ON',
    ...guarded(`DROP TABLE ${quote(before.name)}`, guardsOf(after.name, inbound)),
  ]
  const putBack = [insert(after.name, rows, columns), `DROP TABLE ${quote(rows)}`]
  if (referencesNewKey(alteration)) {
    // No row can go into the copy: it references the old table, which has no such key. So all rows wait.
    return [
      setAside,
      ...copyCounter(alteration, before.name, rows),
      ...drop,
      createTableSql(after),
      ...copyCounter(alteration, rows, after.name),
      ...putBack,
    ]
  }
  return [
    createTableSql(after, copy),
    ...copyCounter(alteration, before.name, copy),
    insert(copy, before.name, columns, ` WHERE NOT ${enforced}`),
    `${setAside} WHERE ${enforced}`,
    ...drop,
    ...renameCopy(after.name),
    ...putBack,
  ]
}

/** True when the table shall reference columns of its own that are no key yet. */
function referencesNewKey({ before, after }: Alteration): boolean {
  const keys = [
    ...(before.primaryKey === undefined ? [] : [before.primaryKey.columns]),
    ...before.uniques.map((unique) => unique.columns),
    ...before.indexes
      .filter((index) => index.unique && index.where === undefined)
      .map((index) => index.keys.map((key) => key.column ?? '')),
  ].map((columns) => JSON.stringify([...columns].sort()))
  return after.foreignKeys.some(
    ({ references }) =>
      references.name === after.name && !keys.includes(JSON.stringify([...references.columns].sort())),
  )
}

function namesOf(table: string): { readonly copy: string; readonly rows: string } {
  return { copy: `aludel_new_${table}`, rows: `aludel_old_${table}` }
}

/**
 * The name is free when the copy takes it, so there is nothing that could follow: other tables go on referencing the
 * name. `legacy_alter_table` keeps SQLite from looking at views and triggers, which at this moment read a table that is not there.
 */
function renameCopy(table: string): string[] {
  return [
    'PRAGMA legacy_alter_table = ON',
    `ALTER TABLE ${quote(namesOf(table).copy)} RENAME TO ${quote(table)}`,
    'PRAGMA legacy_alter_table = OFF',
  ]
}

/** Ids that were given out once are not given out again. The counter goes along when its table is renamed. */
function copyCounter({ before, after }: Alteration, from: string, to: string): string[] {
  const counts = (columns: readonly Column[]): boolean => columns.some((column) => column.autoincrement === true)
  if (!counts(before.columns) || !counts(after.columns)) return []
  return [
    `INSERT INTO sqlite_sequence (name, seq) SELECT ${quoteText(to)}, seq FROM sqlite_sequence WHERE name = ${quoteText(from)}`,
  ]
}

interface CopiedColumn {
  readonly target: string
  readonly source: string
  /** What is read from the source. */
  readonly expression: string
}

/** Columns whose values are carried over. New ones take their default, generated ones are computed. */
function copiedColumns({ before, after, sources }: Alteration): CopiedColumn[] {
  const copied = after.columns.flatMap((column) => {
    const source = before.columns.find((item) => item.name === sources.get(column.name))
    if (source === undefined || column.generated !== undefined) return []
    return [{ target: column.name, source: source.name, expression: convert(source, column) }]
  })
  const target = after.columns.find((column) => column.generated === undefined)
  const [source] = before.columns
  if (copied.length > 0 || target === undefined || source === undefined) return copied
  // No column stays, but the rows do.
  const expression = target.default === undefined ? 'NULL' : defaultSql(target.default)
  return [{ target: target.name, source: source.name, expression }]
}

/**
 * A column's affinity converts what it can without loss (`'12'` to 12) and keeps what it cannot, which CAST would not:
 * it makes 0 of `'abc'`. Only between texts and bytes nothing is converted by itself. NULL becomes the default where NULL is no
 * longer taken.
 */
function convert(from: Column, to: Column): string {
  const [source, target] = [isBytes(from.type), isBytes(to.type)]
  const name = quote(from.name)
  const value = source === target ? name : `CAST(${name} AS ${target ? 'blob' : 'text'})`
  return from.nullable && !to.nullable && to.default !== undefined
    ? `ifnull(${value}, ${defaultSql(to.default)})`
    : value
}

function isBytes(type: string): boolean {
  return type.includes('blob') && !/int|char|clob|text/.test(type)
}

function insert(into: string, from: string, columns: readonly CopiedColumn[], where = ''): string {
  const targets = quoteList(columns.map((column) => column.target))
  const expressions = columns.map((column) => column.expression).join(', ')
  return `INSERT INTO ${quote(into)} (${targets}) SELECT ${expressions} FROM ${quote(from)}${where}`
}

interface Guard {
  readonly name: string
  readonly table: string
  readonly event: 'DELETE' | 'UPDATE'
}

/** What the rows of other tables must not suffer while the old table goes. Its own rows go anyway. */
function guardsOf(table: string, inbound: readonly Inbound[]): Guard[] {
  const events = { CASCADE: 'DELETE', 'SET NULL': 'UPDATE', 'SET DEFAULT': 'UPDATE' } as const
  const guards = inbound.flatMap((item): Guard[] => {
    const action = item.key.onDelete
    if (item.table === table || action === 'NO ACTION' || action === 'RESTRICT') return []
    const event = events[action]
    return [{ name: `aludel_keep_${item.table}_on_${event.toLowerCase()}`, table: item.table, event }]
  })
  return [...new Map(guards.map((guard) => [guard.name, guard])).values()]
}

function guarded(statement: string, guards: readonly Guard[]): string[] {
  return [
    ...guards.map(
      ({ name, event, table }) =>
        `CREATE TEMP TRIGGER ${quote(name)} BEFORE ${event} ON main.${quote(table)} BEGIN SELECT RAISE(IGNORE); END`,
    ),
    statement,
    ...guards.map(({ name }) => `DROP TRIGGER temp.${quote(name)}`),
  ]
}
