import { keepsEveryValue } from '../../../operations/columns/type-change'
import { codeTokens } from '../../../sql/lexer'
import type { Queryable } from '../../queryable'
import type { Kept, KeptEntry, Shelf } from '../../roles/keeping'
import { quote } from '../names'
import { keptSchema, keptTable, numberColumn } from './names'
import { type ColumnPlace, columnsOf, tableById, type TablePlace } from './places'
import { joinByKey, quietly } from './quiet'
import { exactly } from './settings'
import type { StartColumn, StartTable } from './start'

/** A column by which rows are found again. */
export interface KeyColumn {
  readonly name: string
  /** Its type belongs to nobody but a project, so its values are kept as text. */
  readonly asText: boolean
}

/** What `definitions` of an entry of values has. */
export interface ValuesDefinitions {
  /** The type of the column before the upgrade, with its schema. */
  readonly type: string
  /** Where the values are after the upgrade; null if the table or the column is gone then. */
  readonly after: {
    readonly schema: string
    readonly table: string
    readonly column: string
    readonly key: readonly KeyColumn[]
  } | null
  /** The key is a hidden column. */
  readonly numbered: boolean
}

interface KeyRow {
  readonly number: number
  readonly name: string
  readonly isBuiltin: boolean
}

/**
 * The columns that identify each row: of the primary key, or of a unique index without NULLs, expressions and conditions.
 * Undefined if there is none without the columns that change.
 */
export async function keyOf(
  database: Queryable,
  table: TablePlace,
  changing: ReadonlySet<number>,
): Promise<readonly (KeyColumn & { readonly number: number })[] | undefined> {
  const rows = (await database.query(
    `SELECT json_agg(json_build_object('number', a.attnum, 'name', a.attname, 'isBuiltin', n.nspname = 'pg_catalog') ORDER BY k.place) AS key
     FROM pg_catalog.pg_index x, unnest(x.indkey) WITH ORDINALITY AS k (number, place)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::text::oid AND a.attnum = k.number
     JOIN pg_catalog.pg_type t ON t.oid = a.atttypid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
     WHERE x.indrelid = $1::text::oid AND x.indisunique AND x.indisvalid AND x.indimmediate AND x.indpred IS NULL AND x.indexprs IS NULL
       AND k.place <= x.indnkeyatts
     GROUP BY x.indexrelid, x.indisprimary HAVING bool_and(a.attnotnull) AND count(*) = max(x.indnkeyatts)
     ORDER BY x.indisprimary DESC, x.indexrelid`,
    [table.id],
  )) as { readonly key: readonly KeyRow[] }[]
  const usable = rows.find(({ key }) => key.every(({ number }) => !changing.has(number)))
  return usable?.key.map(({ number, name, isBuiltin }) => ({ number, name, asText: !isBuiltin }))
}

/** The old values of a column, from the statement that changes them to the end of the step. */
export interface Capture {
  readonly entry: KeptEntry
  readonly table: string
  readonly number: number
  readonly start: StartColumn
  readonly startTable: StartTable
  /** Undefined: by a hidden column. */
  readonly key: readonly (KeyColumn & { readonly number: number })[] | undefined
}

/** Keeps all values of a column until it is known which of them change. */
export async function capture(
  database: Queryable,
  shelf: Shelf,
  column: ColumnPlace,
  changing: ReadonlySet<number>,
  start: { readonly table: StartTable; readonly column: StartColumn },
): Promise<Capture> {
  const { table, number } = column
  const key = await keyOf(database, table, changing)
  const entry = await shelf.add({
    kind: 'values',
    schema: start.table.schema,
    table: start.table.name,
    column: start.column.name,
    place: '',
    key: key?.map(({ number: of, name }) => start.table.columns.get(of)?.name ?? name) ?? [],
    rows: 0,
    definitions: {},
  })
  const by = key ?? [{ name: await numberRows(database, table, entry.id), asText: false }]
  const keys = by.map(({ name, asText }, index) => `${quote(name)}${asText ? '::text' : ''} AS k${String(index + 1)}`)
  await quietly(database, table, () =>
    exactly(database, () =>
      database.query(
        `CREATE TABLE ${oldValues(entry.id)} AS SELECT ${keys.join(', ')}, ${quote(column.name)}${column.isBuiltin ? '' : '::text'} AS old FROM ${table.sql}`,
      ),
    ),
  )
  return { entry, table: table.id, number, start: start.column, startTable: start.table, key }
}

/** Where the old values are until the end of the step. */
const oldValues = (id: number): string => `${quote(keptSchema)}.${quote(`${String(id)}_old`)}`

/** Gives every row a number, in a column that later rows leave empty. The table is rewritten, as by a change of type. */
async function numberRows(database: Queryable, table: TablePlace, id: number): Promise<string> {
  const name = numberColumn(id)
  const sequence = `${quote(keptSchema)}.${quote(`${String(id)}_rows`)}`
  await database.query(`CREATE SEQUENCE ${sequence}`)
  await database.query(
    `ALTER TABLE ${table.sql} ADD COLUMN ${quote(name)} bigint DEFAULT pg_catalog.nextval('${sequence}'::regclass)`,
  )
  await database.query(`ALTER TABLE ${table.sql} ALTER COLUMN ${quote(name)} DROP DEFAULT`)
  await database.query(`DROP SEQUENCE ${sequence}`)
  return name
}

/**
 * Keeps only those values that are others after the step, with the new ones: a downgrade must see which were changed since.
 *
 * @returns the number of values
 */
export async function completeCapture(
  database: Queryable,
  shelf: Shelf,
  { entry, table: id, number, start, startTable, key }: Capture,
): Promise<number> {
  const table = await tableById(database, id)
  const columns = table === undefined ? [] : await columnsOf(database, table)
  const column = columns.find((one) => one.number === number)
  const isLost = table === undefined || column === undefined
  if (isLost || table.schema === keptSchema) {
    // The table was dropped after its values were changed, and what is kept of it has the new ones.
    await database.query(`ALTER TABLE ${oldValues(entry.id)} RENAME TO ${quote(String(entry.id))}`)
    const definitions: ValuesDefinitions = { type: start.type, after: null, numbered: key === undefined }
    return store(database, shelf, entry, definitions, entry.key)
  }
  const current = await keyOf(database, table, new Set())
  const join =
    key === undefined
      ? [{ name: numberColumn(entry.id), asText: false }]
      : key.map((one) => ({ ...one, name: columns.find((other) => other.number === one.number)?.name ?? one.name }))
  const by = key === undefined ? (current ?? join) : join
  const before = by.map((one) => ('number' in one ? startTable.columns.get(one.number)?.name : undefined) ?? one.name)
  const keys = by.map(
    ({ name, asText }, index) => `live.${quote(name)}${asText ? '::text' : ''} AS k${String(index + 1)}`,
  )
  const value = `live.${quote(column.name)}`
  await quietly(database, table, () =>
    exactly(database, () =>
      database.query(
        `CREATE TABLE ${keptTable(entry.id)} AS SELECT ${keys.join(', ')}, kept.old, ${value}${column.isBuiltin ? '' : '::text'} AS new
         FROM ${oldValues(entry.id)} AS kept JOIN ${table.sql} AS live ON ${joinByKey('live', join)}
         WHERE kept.old::text IS DISTINCT FROM ${value}::text`,
      ),
    ),
  )
  await database.query(`DROP TABLE ${oldValues(entry.id)}`)
  const isNumbered = key === undefined && current === undefined
  if (key === undefined && !isNumbered)
    await database.query(`ALTER TABLE ${table.sql} DROP COLUMN ${quote(numberColumn(entry.id))}`)
  const definitions: ValuesDefinitions = {
    type: start.type,
    after: {
      schema: table.schema,
      table: table.name,
      column: column.name,
      key: by.map(({ name, asText }) => ({ name, asText })),
    },
    numbered: isNumbered,
  }
  return store(database, shelf, entry, definitions, before)
}

async function store(
  database: Queryable,
  shelf: Shelf,
  entry: KeptEntry,
  definitions: ValuesDefinitions,
  key: readonly string[],
): Promise<number> {
  const [row] = (await database.query(`SELECT count(*)::float8 AS n FROM ${keptTable(entry.id)}`)) as { n: number }[]
  const rows = row?.n ?? 0
  const change: Partial<Kept> = {
    place: `${keptSchema}.${String(entry.id)}`,
    key,
    rows,
    definitions: { ...definitions },
  }
  await shelf.change(entry.id, change)
  return rows
}

/** The text of a type in a statement, from the place of its name in bytes. */
export function typeTextAt(sql: string, place: number): string {
  const text = Buffer.from(sql).subarray(place).toString()
  let depth = 0
  let end = text.length
  for (const token of codeTokens(text, 'postgres')) {
    if (token.text === '(' || token.text === '[') depth += 1
    if (token.text === ')' || token.text === ']') depth -= 1
    const ends =
      token.text === ',' || token.text === ';' || (token.kind === 'word' && /^(?:using|collate)$/i.test(token.text))
    if (depth === 0 && ends) {
      end = token.start
      break
    }
  }
  return text.slice(0, end).trim()
}

/** True if every value of the column certainly survives an assignment to the type. */
export async function fitsAll(database: Queryable, column: ColumnPlace, type: string): Promise<boolean> {
  await database.query('SAVEPOINT aludel_keep')
  try {
    await database.query(`ALTER TABLE ${column.table.sql} ADD COLUMN "aludel_probe" ${type}`)
    const after = (await columnsOf(database, column.table)).find(({ name }) => name === 'aludel_probe')
    const of = (one: ColumnPlace) => ({ name: one.name, type: one.type, nullable: true })
    return after?.isBuiltin === true && column.isBuiltin && keepsEveryValue(of(column), of(after))
  } catch {
    // The statement itself reports it.
    return false
  } finally {
    await database.query('ROLLBACK TO SAVEPOINT aludel_keep')
    await database.query('RELEASE SAVEPOINT aludel_keep')
  }
}
