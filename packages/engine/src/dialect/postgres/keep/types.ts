import type { Queryable } from '../../queryable'
import { quote } from '../names'
import { isHidden, keptSchema } from './names'
import { runEach } from './free'

/** True for columns that keep something: all of a kept table, and hidden ones. `c` is the table, `a` the column. */
const keeps = `(c.relnamespace = to_regnamespace('${keptSchema}') OR ${isHidden('a.attname')})`

/** A type, its array, and the row type of a composite one: whatever of it a column may use. */
const forms = (id: string): string =>
  `SELECT t.oid FROM pg_catalog.pg_type t WHERE t.oid = ${id} OR t.oid = (SELECT e.typarray FROM pg_catalog.pg_type e WHERE e.oid = ${id})`

/** Columns and other objects that use a type, with whether each keeps something. */
const usersSql = `
SELECT coalesce(c.relkind IN ('r', 'p') AND a.attnum IS NOT NULL AND ${keeps}, false) AS kept
FROM pg_catalog.pg_depend d
LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND a.attnum > 0
WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (${forms('$1::text::oid')})
  AND d.deptype IN ('n', 'a')
  AND NOT (d.classid = 'pg_catalog.pg_type'::regclass AND d.objid IN (${forms('$1::text::oid')}))`

export interface TypeUse {
  /** What is kept needs it. */
  readonly byKept: boolean
  /** Something else needs it. */
  readonly byOthers: boolean
}

export async function useOfType(database: Queryable, id: string): Promise<TypeUse> {
  const rows = (await database.query(usersSql, [id])) as { readonly kept: boolean }[]
  return { byKept: rows.some(({ kept }) => kept), byOthers: rows.some(({ kept }) => !kept) }
}

interface TypeRow {
  readonly id: string
  readonly schema: string
  readonly name: string
  /** `d` a domain. */
  readonly kind: string
  readonly member: boolean
}

const typeColumns = `SELECT t.oid::text AS id, n.nspname::text AS schema, t.typname::text AS name, t.typtype AS kind,
  EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.pg_type'::regclass AND e.objid = t.oid AND e.deptype = 'e') AS member
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace`

export async function typeById(database: Queryable, id: string): Promise<TypeRow | undefined> {
  const rows = (await database.query(`${typeColumns} WHERE t.oid = $1::text::oid`, [id])) as TypeRow[]
  return rows[0]
}

/** @param name as it is written */
export async function findType(
  database: Queryable,
  name: { readonly schema?: string; readonly name: string },
): Promise<TypeRow | undefined> {
  const written = name.schema === undefined ? quote(name.name) : `${quote(name.schema)}.${quote(name.name)}`
  const rows = (await database.query(`${typeColumns} WHERE t.oid = to_regtype($1)`, [written])) as TypeRow[]
  return rows[0]
}

/** Moves a type away, because what is kept needs it. */
export async function moveType(database: Queryable, type: TypeRow): Promise<void> {
  const written = `${quote(type.schema)}.${quote(type.name)}`
  if (type.kind === 'd') await runEach(database, freeDomain, [type.id])
  await runEach(database, revokeType, [type.id])
  const word = type.kind === 'd' ? 'DOMAIN' : 'TYPE'
  const moved = `type_${type.id}`
  await database.query(`ALTER ${word} ${written} SET SCHEMA ${quote(keptSchema)}`)
  await database.query(`ALTER ${word} ${quote(keptSchema)}.${quote(type.name)} RENAME TO ${quote(moved)}`)
}

/** What a domain does to new values, or needs a function for. */
const freeDomain = `
SELECT format('ALTER DOMAIN %s DROP CONSTRAINT %I', k.contypid::regtype, k.conname) AS sql FROM pg_catalog.pg_constraint k
WHERE k.contypid = $1::text::oid AND k.contype = 'c'
UNION ALL
SELECT format('ALTER DOMAIN %1$s DROP NOT NULL', t.oid::regtype) FROM pg_catalog.pg_type t WHERE t.oid = $1::text::oid AND t.typnotnull
UNION ALL
SELECT format('ALTER DOMAIN %1$s DROP DEFAULT', t.oid::regtype) FROM pg_catalog.pg_type t WHERE t.oid = $1::text::oid AND t.typdefault IS NOT NULL`

const revokeType = `
SELECT DISTINCT format('REVOKE ALL ON TYPE %s FROM %s CASCADE', t.oid::regtype, quote_ident(pg_get_userbyid(g.grantee))) AS sql
FROM pg_catalog.pg_type t, aclexplode(t.typacl) g WHERE t.oid = $1::text::oid AND g.grantee NOT IN (0, t.typowner)`

/**
 * Turns kept columns into text where the type would go with a statement and cannot be moved: it belongs to an extension, or to
 * something else that is dropped. Text holds every value, and they are read back from it.
 *
 * @param columns oids and numbers of columns
 */
export async function keepAsText(
  database: Queryable,
  columns: readonly { readonly id: string; readonly sub: number }[],
): Promise<void> {
  if (columns.length === 0) return
  await runEach(database, textColumns, [JSON.stringify(columns)])
}

const textColumns = `
SELECT format('ALTER TABLE %1$s ALTER COLUMN %2$I TYPE pg_catalog.text%3$s COLLATE pg_catalog."default" USING %2$I::pg_catalog.text%3$s', a.attrelid::regclass, a.attname,
  CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN '[]' ELSE '' END) AS sql
FROM json_to_recordset($1::json) AS x (id text, sub integer)
JOIN pg_catalog.pg_attribute a ON a.attrelid = x.id::oid AND a.attnum = x.sub
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid`

/** Kept columns whose type belongs to an extension. */
export async function keptOfExtension(
  database: Queryable,
  extension: string,
): Promise<readonly { readonly id: string; readonly sub: number }[]> {
  return (await database.query(
    `SELECT a.attrelid::text AS id, a.attnum::integer AS sub
     FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
     JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
     JOIN pg_catalog.pg_depend e ON e.classid = 'pg_catalog.pg_type'::regclass AND e.objid IN (t.oid, t.typelem) AND e.deptype = 'e'
     JOIN pg_catalog.pg_extension x ON x.oid = e.refobjid
     WHERE x.extname = $1 AND NOT a.attisdropped AND a.attnum > 0 AND ${keeps}`,
    [extension],
  )) as { id: string; sub: number }[]
}

/** Drops the moved types that nothing uses any more. */
export async function dropUnusedTypes(database: Queryable): Promise<void> {
  // A composite or a range may use another one.
  for (;;) {
    const rows = (await database.query(
      `SELECT format('DROP %s %I.%I', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, n.nspname, t.typname) AS sql
       FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_catalog.pg_class c ON c.oid = t.typrelid
       WHERE n.nspname = '${keptSchema}' AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c') AND t.typname LIKE 'type\\_%'
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.deptype IN ('n', 'a')
           AND d.refobjid IN (t.oid, t.typarray) AND NOT (d.classid = 'pg_catalog.pg_type'::regclass AND d.objid IN (t.oid, t.typarray)))`,
    )) as { readonly sql: string }[]
    for (const { sql } of rows) await database.query(sql)
    if (rows.length === 0) return
  }
}
