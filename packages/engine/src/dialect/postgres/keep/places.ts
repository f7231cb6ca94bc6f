import type { ObjectName } from '../../../schema/schema'
import type { Queryable } from '../../queryable'
import { quote } from '../names'

/** A table that exists. */
export interface TablePlace {
  readonly id: string
  readonly schema: string
  readonly name: string
  /** The quoted name with its schema. */
  readonly sql: string
  /** `r` a table, `p` one with partitions. */
  readonly kind: 'r' | 'p'
}

interface Row {
  readonly id: string
  readonly schema: string
  readonly name: string
  readonly kind: 'r' | 'p'
}

const columns = `SELECT c.oid::text AS id, n.nspname::text AS schema, c.relname::text AS name, c.relkind AS kind
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`

function placeOf(row: Row | undefined): TablePlace | undefined {
  return row === undefined ? undefined : { ...row, sql: `${quote(row.schema)}.${quote(row.name)}` }
}

/** @param name as it is written: without a schema, the search path decides */
export async function findTable(database: Queryable, name: ObjectName): Promise<TablePlace | undefined> {
  const written = name.schema === undefined ? quote(name.name) : `${quote(name.schema)}.${quote(name.name)}`
  const rows = (await database.query(`${columns} WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p')`, [
    written,
  ])) as Row[]
  return placeOf(rows[0])
}

export async function tableById(database: Queryable, id: string): Promise<TablePlace | undefined> {
  const rows = (await database.query(`${columns} WHERE c.oid = $1::text::oid AND c.relkind IN ('r', 'p')`, [
    id,
  ])) as Row[]
  return placeOf(rows[0])
}

/** A column that exists. */
export interface ColumnPlace {
  readonly table: TablePlace
  readonly name: string
  readonly number: number
  /** With the modifier, and the schema where the search path does not lead to it. */
  readonly type: string
  readonly typeId: string
  readonly typeModifier: number
  readonly collationId: string
  readonly notNull: boolean
  readonly identity: '' | 'a' | 'd'
  readonly generated: '' | 's' | 'v'
  /** As a client prints it; null if it has none. */
  readonly default: string | null
  /** The type belongs to the server, so that nobody can drop it. */
  readonly isBuiltin: boolean
}

export async function columnsOf(database: Queryable, table: TablePlace): Promise<readonly ColumnPlace[]> {
  const rows = (await database.query(
    `SELECT a.attname::text AS name, a.attnum::integer AS number, format_type(a.atttypid, a.atttypmod) AS type, a.atttypid::text AS "typeId",
       a.atttypmod AS "typeModifier", a.attcollation::text AS "collationId", a.attnotnull AS "notNull", a.attidentity AS identity, a.attgenerated AS generated,
       pg_get_expr(d.adbin, d.adrelid) AS default,
       (SELECT n.nspname = 'pg_catalog' FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.oid = a.atttypid) AS "isBuiltin"
     FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
     WHERE a.attrelid = $1::text::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [table.id],
  )) as Omit<ColumnPlace, 'table'>[]
  return rows.map((row) => ({ ...row, table }))
}

/** The name of the default schema, where the registry has no schema; undefined if the search path names none that exists. */
export async function defaultSchema(database: Queryable): Promise<string | undefined> {
  const [row] = (await database.query('SELECT current_schema()::text AS schema')) as { schema: string | null }[]
  return row?.schema ?? undefined
}

/** Above this size, rows are estimated: counting them would make a statement slow that is not. In bytes. */
const countable = 64 * 1024 * 1024

/** The number of rows of a table; an estimate of the server for a large one. */
export async function rowsOf(database: Queryable, table: TablePlace): Promise<number> {
  const [size] = (await database.query('SELECT pg_table_size($1::text::oid)::float8 AS bytes', [table.id])) as {
    bytes: number
  }[]
  if ((size?.bytes ?? 0) <= countable) {
    const [row] = (await database.query(`SELECT count(*)::float8 AS n FROM ${table.sql}`)) as { n: number }[]
    return row?.n ?? 0
  }
  const [plan] = (await database.query(`EXPLAIN (FORMAT JSON) SELECT FROM ${table.sql}`)) as {
    'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[]
  }[]
  return plan?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0
}

/** How many rows of a table meet a condition, and how many do not. Reads all of them. */
export async function countRows(
  database: Queryable,
  table: TablePlace,
  condition: string,
): Promise<{ readonly meet: number; readonly others: number }> {
  const [row] = (await database.query(
    `SELECT count(*) FILTER (WHERE ${condition})::float8 AS meet, count(*) FILTER (WHERE (${condition}) IS NOT TRUE)::float8 AS others FROM ${table.sql}`,
  )) as { meet: number; others: number }[]
  return row ?? { meet: 0, others: 0 }
}
