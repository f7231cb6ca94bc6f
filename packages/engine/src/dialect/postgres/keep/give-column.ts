import type { Queryable } from '../../queryable'
import type { KeptEntry } from '../../roles/keeping'
import { quote } from '../names'
import type { DropDefinitions } from './drop-and-keep'
import { readAs } from './give-table'
import { guardConstraint, hiddenColumn, keptSchema, markColumn } from './names'
import { type ColumnPlace, columnsOf, tableById, type TablePlace } from './places'
import { quietly } from './quiet'
import { exactly } from './settings'

/** A hidden column of an entry, wherever its table is now. */
export interface Hidden {
  readonly table: TablePlace
  readonly column: ColumnPlace
  readonly columns: readonly ColumnPlace[]
  /** A condition that is true for rows that were inserted since. */
  readonly since: string
}

/** Undefined if it is gone. Its table may itself be kept. */
export async function findHidden(database: Queryable, entry: KeptEntry): Promise<Hidden | undefined> {
  const name = hiddenColumn(entry.id)
  const [row] = (await database.query(
    `SELECT a.attrelid::text AS id FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
     WHERE a.attname = $1 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND a.attinhcount = 0
     ORDER BY c.relnamespace = to_regnamespace('${keptSchema}')`,
    [name],
  )) as { id: string }[]
  const table = row === undefined ? undefined : await tableById(database, row.id)
  const columns = table === undefined ? [] : await columnsOf(database, table)
  const column = columns.find((one) => one.name === name)
  if (table === undefined || column === undefined) return undefined
  const mark = columns.find((one) => one.name === markColumn(entry.id))
  return { table, column, columns, since: `${quote(mark?.name ?? name)} IS NULL` }
}

/** What the statement that added a column demanded of it, and was sent without. */
export interface Owed {
  readonly notNull: boolean
  readonly notNullName: string | undefined
  readonly primaryKey: boolean
  readonly primaryKeyName: string | undefined
}

/**
 * Gives a column its values back.
 *
 * If the column is as it was, the new one is dropped again and the hidden one gets its name: no row that had a value is touched.
 * Otherwise the rows are updated. Rows that were inserted since keep what the new column gave them. The column that marks rows stays
 * until the downgrade ends, see {@link dropMark}.
 *
 * @param options `isNew`: a statement has added the column, so it has no values of its own
 */
export async function giveColumn(
  database: Queryable,
  entry: KeptEntry,
  hidden: Hidden,
  added: ColumnPlace,
  { isNew, owed }: { readonly isNew: boolean; readonly owed: Owed | undefined },
): Promise<void> {
  const { table } = hidden
  if (added.generated !== '') await dropHidden(database, hidden)
  else if (isNew && (await isPlainlyTheSame(database, hidden, added))) await renameBack(database, entry, hidden, added)
  else await update(database, entry, hidden, added)
  if (owed?.notNull === true) await setNotNull(database, table, added.name, owed.notNullName)
  if (owed?.primaryKey === true) {
    const name = owed.primaryKeyName === undefined ? '' : `CONSTRAINT ${quote(owed.primaryKeyName)} `
    await database.query(`ALTER TABLE ${table.sql} ADD ${name}PRIMARY KEY (${quote(added.name)})`)
  }
}

async function setNotNull(
  database: Queryable,
  table: TablePlace,
  column: string,
  name: string | undefined,
): Promise<void> {
  const [server] = (await database.query(
    `SELECT current_setting('server_version_num')::integer >= 180000 AS "namesIt"`,
  )) as { namesIt: boolean }[]
  await database.query(
    name !== undefined && server?.namesIt === true
      ? `ALTER TABLE ${table.sql} ADD CONSTRAINT ${quote(name)} NOT NULL ${quote(column)}`
      : `ALTER TABLE ${table.sql} ALTER COLUMN ${quote(column)} SET NOT NULL`,
  )
}

/** Whether nothing but its default and NOT NULL has to be taken over from the new column. */
async function isPlainlyTheSame(database: Queryable, { column }: Hidden, added: ColumnPlace): Promise<boolean> {
  const isSame =
    column.typeId === added.typeId &&
    column.typeModifier === added.typeModifier &&
    column.collationId === added.collationId &&
    added.identity === '' &&
    !/\bnextval\(/.test(added.default ?? '')
  if (!isSame) return false
  const users = (await database.query(
    `SELECT 1 FROM pg_catalog.pg_depend d LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.objid
     WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = $1::text::oid AND d.refobjsubid = $2
       AND d.classid <> 'pg_catalog.pg_attrdef'::regclass AND k.contype IS DISTINCT FROM 'n' LIMIT 1`,
    [added.table.id, added.number],
  )) as unknown[]
  return users.length === 0
}

async function renameBack(
  database: Queryable,
  entry: KeptEntry,
  { table, column, columns, since }: Hidden,
  added: ColumnPlace,
): Promise<void> {
  const name = quote(added.name)
  const notNull = added.notNull ? await notNullName(database, added) : undefined
  await database.query(`ALTER TABLE ${table.sql} DROP CONSTRAINT IF EXISTS ${quote(guardConstraint(entry.id))}`)
  await database.query(`ALTER TABLE ${table.sql} DROP COLUMN ${name}`)
  await database.query(`ALTER TABLE ${table.sql} RENAME COLUMN ${quote(column.name)} TO ${name}`)
  const mark = columns.find((one) => one.name === markColumn(entry.id))
  if (added.default !== null) {
    await database.query(`ALTER TABLE ${table.sql} ALTER COLUMN ${name} SET DEFAULT ${added.default}`)
    const condition = mark === undefined ? `${name} IS NULL` : since
    if ((await rowsExactly(database, table, condition)) > 0)
      await quietly(database, table, () =>
        database.query(`UPDATE ${table.sql} SET ${name} = DEFAULT WHERE ${condition}`),
      )
  }
  if (added.notNull) await setNotNull(database, table, added.name, notNull)
}

/** The name of the constraint where the server has one for NOT NULL. */
async function notNullName(database: Queryable, added: ColumnPlace): Promise<string | undefined> {
  const [row] = (await database.query(
    `SELECT conname::text AS name FROM pg_catalog.pg_constraint WHERE contype = 'n' AND conrelid = $1::text::oid AND conkey = ARRAY[$2]::int2[]`,
    [added.table.id, added.number],
  )) as { name: string }[]
  return row?.name
}

async function rowsExactly(database: Queryable, table: TablePlace, condition: string): Promise<number> {
  const [row] = (await database.query(
    `SELECT count(*)::float8 AS n FROM (SELECT FROM ${table.sql} WHERE ${condition} LIMIT 1) AS one`,
  )) as { n: number }[]
  return row?.n ?? 0
}

async function update(database: Queryable, entry: KeptEntry, hidden: Hidden, added: ColumnPlace): Promise<void> {
  const { table, column, since } = hidden
  const name = quote(added.name)
  if (added.identity === 'a')
    await database.query(`ALTER TABLE ${table.sql} ALTER COLUMN ${name} SET GENERATED BY DEFAULT`)
  const isNumbered = added.identity !== '' || /\bnextval\(/.test(added.default ?? '')
  await quietly(database, table, () =>
    exactly(database, async () => {
      await database.query(
        `UPDATE ${table.sql} AS live SET ${name} = ${readAs(column, added, 'live')} WHERE NOT (${since.replace(/^/, 'live.')})`,
      )
      if (!isNumbered) return
      await continueAfter(database, table, added, definitionsOf(entry))
      // What the new column gave them are numbers from its start, which older rows have.
      await database.query(`UPDATE ${table.sql} SET ${name} = DEFAULT WHERE ${since}`)
    }),
  )
  if (added.identity === 'a') await database.query(`ALTER TABLE ${table.sql} ALTER COLUMN ${name} SET GENERATED ALWAYS`)
  await dropHidden(database, hidden)
}

export function definitionsOf(entry: KeptEntry): DropDefinitions {
  return entry.definitions
}

/** Sets the sequence of a column after all that it has given out, so that no number is given twice. */
async function continueAfter(
  database: Queryable,
  table: TablePlace,
  { name }: ColumnPlace,
  { positions = [] }: DropDefinitions,
): Promise<void> {
  const last = positions.find(({ owner }) => owner?.column === name)
  const values = last === undefined ? '' : `, ${last.last}::bigint`
  await database.query(
    `SELECT pg_catalog.setval(s.id, greatest((SELECT max(${quote(name)})::bigint FROM ${table.sql})${values}, 1))
     FROM (SELECT pg_catalog.pg_get_serial_sequence($1, $2)::regclass AS id) AS s WHERE s.id IS NOT NULL`,
    [table.sql, name],
  )
}

async function dropHidden(database: Queryable, { table, column }: Hidden): Promise<void> {
  await database.query(`ALTER TABLE ${table.sql} DROP COLUMN ${quote(column.name)}`)
}

/** Drops the column that marks rows, at the end of a downgrade. */
export async function dropMark(database: Queryable, table: TablePlace, { id }: KeptEntry): Promise<void> {
  await database.query(`ALTER TABLE ${table.sql} DROP COLUMN IF EXISTS ${quote(markColumn(id))}`)
}

/**
 * Copies the values of a column that was given back, before a statement of the downgrade fills the column: that is for rows that
 * were inserted since. {@link unprotect} puts them back.
 */
export async function protect(database: Queryable, table: TablePlace, { id, column }: KeptEntry): Promise<void> {
  const columns = await columnsOf(database, table)
  const type = columns.find(({ name }) => name === column)?.type
  if (type === undefined || column === null) return
  await database.query(`ALTER TABLE ${table.sql} ADD COLUMN ${quote(hiddenColumn(id))} ${type}`)
  await quietly(database, table, () =>
    database.query(
      `UPDATE ${table.sql} SET ${quote(hiddenColumn(id))} = ${quote(column)} WHERE ${quote(markColumn(id))}`,
    ),
  )
}

export async function unprotect(database: Queryable, table: TablePlace, { id, column }: KeptEntry): Promise<void> {
  await quietly(database, table, () =>
    database.query(
      `UPDATE ${table.sql} SET ${quote(column ?? '')} = ${quote(hiddenColumn(id))} WHERE ${quote(markColumn(id))}`,
    ),
  )
  await database.query(`ALTER TABLE ${table.sql} DROP COLUMN ${quote(hiddenColumn(id))}`)
}
