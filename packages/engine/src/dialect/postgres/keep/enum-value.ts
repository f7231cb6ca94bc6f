import { bodyOf, stringsOf, writtenAs } from '../../../sql/postgres/nodes'
import type { Queryable } from '../../queryable'
import type { KeepingSession, KeptEntry } from '../../roles/keeping'
import { doStatement, text } from '../literal'
import { quote } from '../names'
import { tryOut } from './catalog'
import { describeObjects, readProperties } from './definitions'
import { hiddenColumn, keptSchema, keptTable } from './names'
import { restore } from './restore'
import type { SentStatement } from './statements'
import { findType, moveType, useOfType } from './types'

/** A value that a statement adds to an enum type. */
interface AddedValue {
  readonly type: { readonly id: string; readonly schema: string; readonly name: string }
  readonly value: string
  readonly neighbor: string | undefined
  readonly isAfter: boolean
}

/** Does nothing. It is sent instead of a statement whose work is done. */
const nothing = doStatement('BEGIN END')

/**
 * The statement to send for ALTER TYPE … ADD VALUE. The server does not let the transaction that adds a value use it, so where what
 * is given back has the value, the type is made again with it: its columns are converted, and what depends on them is created again.
 */
export async function addValueInstead(
  session: KeepingSession,
  statement: SentStatement,
  pending: readonly KeptEntry[],
): Promise<string> {
  const { database } = session
  const added = await addedValue(database, statement)
  if (added === undefined || !(await isKept(database, added, pending))) return statement.sql
  await rebuild(session, added)
  return nothing
}

async function addedValue(database: Queryable, { node }: SentStatement): Promise<AddedValue | undefined> {
  const body = bodyOf(node, 'AlterEnumStmt')
  if (body?.newVal === undefined || body.oldVal !== undefined) return undefined
  const type = await findType(database, writtenAs(stringsOf(body.typeName)))
  if (type === undefined) return undefined
  return { type, value: body.newVal, neighbor: body.newValNeighbor, isAfter: body.newValIsAfter === true }
}

/** Whether one of the entries has the value, in a column that is kept or among values that were converted. */
async function isKept(
  database: Queryable,
  { type, value }: AddedValue,
  pending: readonly KeptEntry[],
): Promise<boolean> {
  for (const { id, kind, definitions } of pending) {
    if (kind === 'values') {
      const written = String(definitions['type']).replace(/\[\]$/, '')
      if (written !== (await printed(database, type.id))) continue
      const isArray = String(definitions['type']).endsWith('[]')
      const rows = (await database.query(
        `SELECT 1 FROM ${keptTable(id)} AS kept WHERE ${isArray ? '$1 = ANY (kept.old::text::text[])' : 'kept.old::text = $1'} LIMIT 1`,
        [value],
      )) as unknown[]
      if (rows.length > 0) return true
    }
    if (kind !== 'table' && kind !== 'column') continue
    const rows = (await database.query(
      `SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
       JOIN pg_catalog.pg_enum e ON e.enumtypid IN (t.oid, t.typelem)
       WHERE e.enumlabel = $1 AND (a.attname = $2 OR (c.relnamespace = to_regnamespace('${keptSchema}') AND c.relname = $3)) LIMIT 1`,
      [value, hiddenColumn(id), String(id)],
    )) as unknown[]
    if (rows.length > 0) return true
  }
  return false
}

/** With its schema, as `format_type` prints it where the search path does not lead to it. */
async function printed(database: Queryable, id: string): Promise<string> {
  const [row] = (await database.query(
    `SELECT quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name FROM pg_catalog.pg_type t
     JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = $1::text::oid`,
    [id],
  )) as { name: string }[]
  return row?.name ?? ''
}

async function rebuild(session: KeepingSession, added: AddedValue): Promise<void> {
  const { database } = session
  const { type, value, neighbor, isAfter } = added
  const written = `${quote(type.schema)}.${quote(type.name)}`
  const labels = await labelsOf(database, type.id)
  if (labels.includes(value)) return
  const at = neighbor === undefined ? labels.length : labels.indexOf(neighbor) + (isAfter ? 1 : 0)
  const trial = await tryOut(database, [`DROP TYPE ${written} CASCADE`])
  if (!trial.isDone) throw trial.error
  const gone = (await describeObjects(database, trial.gone)).filter(({ kept, member }) => !kept && !member)
  const properties = await readProperties(
    database,
    gone.filter(({ catalog, sql }) => catalog === 'pg_type' || sql !== null),
  )
  const columns = gone.filter(({ catalog, sql }) => catalog === 'pg_attribute' && sql === null)
  const others = gone.filter(({ sql }) => sql !== null)
  for (const { drop } of [...others].sort((a, b) => a.place - b.place)) if (drop !== null) await database.query(drop)
  const old = `aludel_old_${type.id}`
  await database.query(`ALTER TYPE ${written} RENAME TO ${quote(old)}`)
  await database.query(`CREATE TYPE ${written} AS ENUM (${labels.toSpliced(at, 0, value).map(text).join(', ')})`)
  for (const sql of await conversions(database, columns, written)) await database.query(sql)
  if ((await useOfType(database, type.id)).byKept)
    await moveType(database, { ...type, name: old, kind: 'e', member: false })
  else await database.query(`DROP TYPE ${quote(type.schema)}.${quote(old)}`)
  await restore(session, [
    {
      objects: [...others]
        .sort((a, b) => b.place - a.place)
        .map(({ type: kind, identity, sql }) => ({ type: kind, identity, sql: sql ?? '' })),
      properties,
    },
  ])
}

async function labelsOf(database: Queryable, id: string): Promise<readonly string[]> {
  const rows = (await database.query(
    'SELECT enumlabel::text AS label FROM pg_catalog.pg_enum WHERE enumtypid = $1::text::oid ORDER BY enumsortorder',
    [id],
  )) as { label: string }[]
  return rows.map(({ label }) => label)
}

/** Statements that give columns the new type. Those of partitions and inheriting tables change with their table. */
async function conversions(
  database: Queryable,
  columns: readonly { readonly id: string; readonly sub: number }[],
  written: string,
): Promise<readonly string[]> {
  const rows = (await database.query(
    `SELECT format('ALTER TABLE %1$I.%2$I ALTER COLUMN %3$I TYPE %4$s%5$s USING %3$I::text%5$s::%4$s%5$s', n.nspname, c.relname, a.attname, $2::text,
       CASE WHEN t.typcategory = 'A' THEN '[]' ELSE '' END) AS sql
     FROM json_to_recordset($1::json) AS x (id text, sub integer)
     JOIN pg_catalog.pg_attribute a ON a.attrelid = x.id::oid AND a.attnum = x.sub AND a.attinhcount = 0
     JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     JOIN pg_catalog.pg_type t ON t.oid = a.atttypid`,
    [JSON.stringify(columns.map(({ id, sub }) => ({ id, sub }))), written],
  )) as { sql: string }[]
  return rows.map(({ sql }) => sql)
}
