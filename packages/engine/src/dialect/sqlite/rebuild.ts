import type { Column, ForeignKey, Schema } from '../../schema/schema'
import type { Statement } from '../roles/ddl'
import { lay, layList } from '../layout'
import { changesValues, valueExpression } from './column-values'
import type { Alteration } from './native'
import { quote, quoteText } from './quote'
import { copyPrefix, rebuildSavepoint, rowsPrefix } from './rebuild-names'
import { createIndexSql, createTableSql, defaultSql } from './table-sql'
import { fold } from '../../sql/sqlite/tokens'

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
  const names = namesFor(after.name, schema)
  const others = schema.tables.filter((table) => table.name !== before.name)
  const inbound = [...others, before, after].flatMap(({ name, foreignKeys }) =>
    foreignKeys.filter((key) => key.references.name === before.name).map((key) => ({ table: name, key })),
  )
  const body = inbound.length === 0 ? plainRebuild(alteration, names) : guardedRebuild(alteration, names, inbound)
  return [
    { sql: `SAVEPOINT ${savepoint}`, comment },
    ...body,
    ...[
      ...after.indexes.map((index) => createIndexSql(after.name, index)),
      ...after.triggers.map(({ sql }) => sql),
      `RELEASE ${savepoint}`,
    ].map((sql) => ({ sql })),
  ]
}

/** Statements of which the first says what they do. */
function group(comment: string | null, ...statements: readonly string[]): Statement[] {
  return statements.map((sql, at) => (at === 0 && comment !== null ? { sql, comment } : { sql }))
}

/** For a revision that runs outside a transaction: all of a rebuild or nothing, and violations wait only within one. */
const savepoint = quote(rebuildSavepoint)

function plainRebuild(alteration: Alteration, { copy }: Names): Statement[] {
  const { before, after } = alteration
  return group(
    null,
    createTableSql(after, copy),
    ...copyCounter(alteration, before.name, copy),
    insert(alteration, copy, before.name, copiedColumns(alteration)),
    `DROP TABLE ${quote(after.name)}`,
    ...renameCopy(copy, after.name),
  )
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
function guardedRebuild(alteration: Alteration, { copy, rows }: Names, inbound: readonly Inbound[]): Statement[] {
  const { before, after } = alteration
  const columns = copiedColumns(alteration)
  const sources = layList('SELECT ', [...new Set(columns.map((column) => column.setAside))])
  const setAside = (where: readonly string[]): string =>
    lay([`CREATE TABLE ${quote(rows)} AS`, sources, `FROM ${quote(before.name)}`, ...where])
  const drop = group(
    `${after.name}: drop the old table; rows that reference it stay as they are`,
    'PRAGMA defer_foreign_keys = ON',
    ...guarded(`DROP TABLE ${quote(before.name)}`, guardsOf(after.name, inbound)),
  )
  const waiting = columns.map((column) => ({ ...column, expression: column.putBack }))
  const putBack = [insert(alteration, after.name, rows, waiting), `DROP TABLE ${quote(rows)}`]
  if (referencesNewKey(alteration)) {
    // No row can go into the copy: it references the old table, which has no such key. So all rows wait.
    return [
      ...group(
        `${after.name}: the rows wait here, it will reference a key that it does not have yet`,
        setAside([]),
        ...copyCounter(alteration, before.name, rows),
      ),
      ...drop,
      ...group(
        `${after.name}: the new table, and the rows that waited`,
        createTableSql(after),
        ...copyCounter(alteration, rows, after.name),
        ...putBack,
      ),
    ]
  }
  return [
    ...group(
      null,
      createTableSql(after, copy),
      ...copyCounter(alteration, before.name, copy),
      insert(alteration, copy, before.name, columns, [`WHERE NOT ${enforced}`]),
    ),
    ...group(
      `${after.name}: where foreign keys are enforced meanwhile, the rows wait in a table that nothing references`,
      setAside([`WHERE ${enforced}`]),
    ),
    ...drop,
    ...group(
      `${after.name}: the new table takes its place, and gets the rows that waited`,
      ...renameCopy(copy, after.name),
      ...putBack,
    ),
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

/** Names of the tables that stand for a while beside the one that is made anew. */
interface Names {
  readonly copy: string
  readonly rows: string
}

/** Names that nothing in the schema has; what only one database has in their place is found when a run meets it. */
function namesFor(table: string, { tables, views }: Schema): Names {
  const taken = new Set(
    [
      ...tables.flatMap(({ name, indexes }) => [name, ...indexes.map((index) => index.name)]),
      ...views.map(({ name }) => name),
    ].map(fold),
  )
  const free = (prefix: string): string => {
    let name = `${prefix}${table}`
    while (taken.has(fold(name))) name = `${prefix}${name}`
    return name
  }
  return { copy: free(copyPrefix), rows: free(rowsPrefix) }
}

/**
 * The name is free when the copy takes it, so there is nothing that could follow: other tables go on referencing the
 * name. `legacy_alter_table` keeps SQLite from looking at views and triggers, which at this moment read a table that is not there.
 */
function renameCopy(copy: string, table: string): string[] {
  return [
    'PRAGMA legacy_alter_table = ON',
    `ALTER TABLE ${quote(copy)} RENAME TO ${quote(table)}`,
    'PRAGMA legacy_alter_table = OFF',
  ]
}

/** Ids that were given out once are not given out again. The counter goes along when its table is renamed. */
function copyCounter({ before, after }: Alteration, from: string, to: string): string[] {
  const counts = (columns: readonly Column[]): boolean => columns.some((column) => column.autoincrement === true)
  if (!counts(before.columns) || !counts(after.columns)) return []
  return [
    lay([
      'INSERT INTO sqlite_sequence (name, seq)',
      `SELECT ${quoteText(to)}, seq FROM sqlite_sequence WHERE name = ${quoteText(from)}`,
    ]),
  ]
}

interface CopiedColumn {
  readonly target: string
  /** What is read from the old table. */
  readonly expression: string
  /** What is read from it where rows are set aside, and what is read from there. */
  readonly setAside: string
  readonly putBack: string
}

/** Columns whose values are carried over or made. New ones take their default, generated ones are computed. */
function copiedColumns(alteration: Alteration): CopiedColumn[] {
  const { before, after, sources } = alteration
  const copied = after.columns.flatMap((column): CopiedColumn[] => {
    if (column.generated !== undefined) return []
    const source = before.columns.find((item) => item.name === sources.get(column.name))
    const kept = source === undefined ? undefined : convert(source, column)
    if (changesValues(alteration, column.name)) {
      const expression = valueExpression(alteration, column, kept)
      const name = quote(column.name)
      // Made while the old table is there: what somebody wrote may read it by its name.
      return [{ target: column.name, expression, setAside: `${expression} AS ${name}`, putBack: name }]
    }
    if (source === undefined || kept === undefined) return []
    return [{ target: column.name, expression: kept, setAside: quote(source.name), putBack: kept }]
  })
  const target = after.columns.find((column) => column.generated === undefined)
  const [source] = before.columns
  if (copied.length > 0 || target === undefined || source === undefined) return copied
  // No column stays, but the rows do.
  const expression = target.default === undefined ? 'NULL' : defaultSql(target.default)
  return [{ target: target.name, expression, setAside: quote(source.name), putBack: expression }]
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

/**
 * The copy of the rows: all of them or an error. Only a conflict clause of the table itself (`UNIQUE … ON CONFLICT IGNORE`)
 * could make SQLite leave a row out, and `OR ABORT` overrides it.
 */
function insert(
  alteration: Alteration,
  into: string,
  from: string,
  columns: readonly CopiedColumn[],
  where: readonly string[] = [],
): string {
  const { primaryKey, uniques, columns: wanted } = alteration.after
  const hasClause = [primaryKey, ...uniques, ...wanted].some((item) => item?.onConflict !== undefined)
  const targets = columns.map((column) => quote(column.target))
  const expressions = columns.map((column) => column.expression)
  return lay([
    `${layList(`INSERT ${hasClause ? 'OR ABORT ' : ''}INTO ${quote(into)} (`, targets)})`,
    layList('SELECT ', expressions),
    `FROM ${quote(from)}`,
    ...where,
  ])
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
    ...guards.map(({ name, event, table }) =>
      lay([
        `CREATE TEMP TRIGGER ${quote(name)} BEFORE ${event} ON main.${quote(table)}`,
        'BEGIN SELECT RAISE(IGNORE); END',
      ]),
    ),
    statement,
    ...guards.map(({ name }) => `DROP TRIGGER temp.${quote(name)}`),
  ]
}
