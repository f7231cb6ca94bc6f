import type { Column, ForeignKey, Schema } from '../../schema/schema'
import type { Statement } from '../roles/ddl'
import { lay, layList } from '../layout'
import { changesValues, valueExpression } from './column-values'
import type { Alteration } from './native'
import { quote, quoteText } from './quote'
import { copyPrefix, rebuildSavepoint, rowsPrefix } from '../../sql/sqlite/rebuild-names'
import { createIndexSql, createTableSql, defaultSql } from './table-sql'
import { fold } from '../../sql/sqlite/tokens'

/** SQL: true while the database enforces foreign keys. */
const enforced = '(SELECT "foreign_keys" FROM pragma_foreign_keys)'

/**
 * Rebuilds a table with its rows, indexes and triggers, by SQLite's own procedure
 * (https://sqlite.org/lang_altertable.html#otheralter).
 *
 * That procedure needs foreign keys off, which is possible only outside a transaction. Runners of revisions turn them off,
 * with one exception: TypeORM reverts with foreign keys on, and dropping the old table would then delete the rows that
 * reference it. So a table that others reference is rebuilt in a way that is right in both cases.
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

/** Statements with a comment on the first. */
function group(comment: string | null, ...statements: readonly string[]): Statement[] {
  return statements.map((sql, at) => (at === 0 && comment !== null ? { sql, comment } : { sql }))
}

/** For a revision outside a transaction: a rebuild is all or nothing, and violations can only be deferred within one. */
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
 * If foreign keys are enforced, the rows are set aside in a table that nothing references, SQLite counts the violations from
 * dropping the old table until the rows are back, and triggers protect other tables from its `CASCADE` and `SET NULL`. If
 * not, that table stays empty, and this is the plain procedure.
 */
function guardedRebuild(alteration: Alteration, { copy, rows }: Names, inbound: readonly Inbound[]): Statement[] {
  const { before, after } = alteration
  const columns = copiedColumns(alteration)
  const sources = layList('SELECT ', [...new Set(columns.map((column) => column.setAside))])
  const setAside = (where: readonly string[]): string =>
    lay([`CREATE TABLE ${quote(rows)} AS`, sources, `FROM ${quote(before.name)}`, ...where])
  const drop = group(
    `${after.name}: drop the old table; rows that reference it do not change`,
    'PRAGMA defer_foreign_keys = ON',
    ...guarded(`DROP TABLE ${quote(before.name)}`, guardsOf(after.name, inbound)),
  )
  const columnsAside = columns.map((column) => ({ ...column, expression: column.putBack }))
  const putBack = [insert(alteration, after.name, rows, columnsAside), `DROP TABLE ${quote(rows)}`]
  if (referencesNewKey(alteration)) {
    // The copy would reference the old table, which does not have the key, and take no row. So all rows are set aside.
    return [
      ...group(
        `${after.name}: set the rows aside; the new table references a key that the old one does not have`,
        setAside([]),
        ...copyCounter(alteration, before.name, rows),
      ),
      ...drop,
      ...group(
        `${after.name}: create the new table, and put the rows back`,
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
      `${after.name}: if foreign keys are enforced, set the rows aside in a table that nothing references`,
      setAside([`WHERE ${enforced}`]),
    ),
    ...drop,
    ...group(`${after.name}: rename the new table, and put the rows back`, ...renameCopy(copy, after.name), ...putBack),
  ]
}

/** Whether the new table references columns of itself that are not a key in the old one. */
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

/** Names of the temporary tables of a rebuild. */
interface Names {
  readonly copy: string
  readonly rows: string
}

/** Names that are free in the schema; a run refuses if its database has other objects with these names. */
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
 * Other tables keep referencing the name of the dropped table. `legacy_alter_table` keeps SQLite from checking views and
 * triggers, which at this moment read a table that does not exist.
 */
function renameCopy(copy: string, table: string): string[] {
  return [
    'PRAGMA legacy_alter_table = ON',
    `ALTER TABLE ${quote(copy)} RENAME TO ${quote(table)}`,
    'PRAGMA legacy_alter_table = OFF',
  ]
}

/** Copies the counter, so that no id is used twice. SQLite renames the counter with its table. */
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
  /** The expression that reads the old table. */
  readonly expression: string
  /** The expression that reads the old table to set rows aside, and the one that puts them back. */
  readonly setAside: string
  readonly putBack: string
}

/** Columns whose values are copied or computed. Other new ones take their default, generated ones compute themselves. */
function copiedColumns(alteration: Alteration): CopiedColumn[] {
  const { before, after, sources } = alteration
  const copied = after.columns.flatMap((column): CopiedColumn[] => {
    if (column.generated !== undefined) return []
    const source = before.columns.find((item) => item.name === sources.get(column.name))
    const kept = source === undefined ? undefined : convert(source, column)
    if (changesValues(alteration, column.name)) {
      const expression = valueExpression(alteration, column, kept)
      const name = quote(column.name)
      // Computed while the old table exists: the user's expression may name it.
      return [{ target: column.name, expression, setAside: `${expression} AS ${name}`, putBack: name }]
    }
    if (source === undefined || kept === undefined) return []
    return [{ target: column.name, expression: kept, setAside: quote(source.name), putBack: kept }]
  })
  const target = after.columns.find((column) => column.generated === undefined)
  const [source] = before.columns
  if (copied.length > 0 || target === undefined || source === undefined) return copied
  // No column is kept, but the rows are.
  const expression = target.default === undefined ? 'NULL' : defaultSql(target.default)
  return [{ target: target.name, expression, setAside: quote(source.name), putBack: expression }]
}

/**
 * The affinity of a column converts a value if that loses nothing (`'12'` to 12) and keeps it otherwise; CAST would turn
 * `'abc'` into 0. Only between texts and bytes it converts nothing. NULL becomes the default if the column is no longer
 * nullable.
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
 * Copies all rows, or fails. Only a conflict clause of the table (`UNIQUE … ON CONFLICT IGNORE`) could make SQLite skip a
 * row, and `OR ABORT` overrides it.
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

/** What must not happen to the rows of other tables while the old table is dropped. */
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
