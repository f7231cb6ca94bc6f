import type { Queryable } from '../../../src/dialect/queryable'
import type { DialectName } from '../../../src/dialect/registry'

/**
 * Describes each object of the database in one line. It shares no code with the introspection of the engine, so it sees what
 * that misses. It leaves out the order of columns and the names of the sequences of serial columns, which no model defines.
 */
export async function catalog(dialect: DialectName, database: Queryable): Promise<string[]> {
  const rows = (await database.query(dialect === 'postgres' ? postgres : sqlite)) as { line: string }[]
  // SQLite keeps the spelling of a literal, and X'FF' equals X'ff'.
  return rows.map(({ line }) => line.replace(/\bX'[\da-f]*'/gi, (bytes) => bytes.toLowerCase())).sort()
}

/** The lines that only one of the catalogs contains: `is: ` or `should: `, and the line. */
export function catalogDifferences(actual: readonly string[], wanted: readonly string[]): string[] {
  const [is, should] = [new Set(actual), new Set(wanted)]
  return [
    ...actual.filter((line) => !should.has(line)).map((line) => `is:     ${line}`),
    ...wanted.filter((line) => !is.has(line)).map((line) => `should: ${line}`),
  ]
}

const ignored = `('migrations', 'aludel_journal', 'typeorm_metadata')`

const postgres = `
WITH space AS (
  SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relation AS (
  SELECT c.oid, c.relkind, s.nspname || '.' || c.relname AS name, c.relpersistence, c.reloptions, c.relispopulated
  FROM pg_class c JOIN space s ON s.oid = c.relnamespace WHERE c.relname NOT IN ${ignored}
)
SELECT 'schema ' || nspname AS line FROM space
UNION ALL
SELECT 'relation ' || relkind::text || ' ' || name || ' ' || concat_ws(' ', relpersistence::text, reloptions::text, relispopulated, obj_description(oid, 'pg_class'))
FROM relation WHERE relkind IN ('r', 'v', 'm', 'p')
UNION ALL
SELECT 'column ' || r.name || '.' || a.attname || ' ' || concat_ws(' ', format_type(a.atttypid, a.atttypmod),
  CASE WHEN a.attnotnull THEN 'not null' END,
  CASE WHEN owned.oid IS NULL THEN pg_get_expr(d.adbin, d.adrelid) ELSE 'counted ' || format_type(owned.seqtypid, null) || ' ' || owned.seqincrement END,
  'identity ' || a.attidentity::text || ' generated ' || a.attgenerated::text,
  CASE WHEN l.oid <> 100 THEN l.collname END, 'comment ' || col_description(r.oid, a.attnum))
FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
LEFT JOIN pg_collation l ON l.oid = a.attcollation
LEFT JOIN LATERAL (
  SELECT q.seqrelid AS oid, q.seqtypid, q.seqincrement FROM pg_depend p JOIN pg_sequence q ON q.seqrelid = p.objid
  WHERE p.refobjid = r.oid AND p.refobjsubid = a.attnum AND p.classid = 'pg_class'::regclass AND p.deptype IN ('a', 'i')
    AND (a.attidentity <> '' OR pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%')
) owned ON true
WHERE r.relkind IN ('r', 'v', 'm', 'p')
UNION ALL
SELECT 'constraint ' || r.name || ' ' || k.conname || ' ' || concat_ws(' ', pg_get_constraintdef(k.oid), k.convalidated, obj_description(k.oid, 'pg_constraint'))
FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid AND k.contype IN ('p', 'u', 'c', 'x', 'f')
UNION ALL
SELECT 'index ' || concat_ws(' ', pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisprimary, obj_description(i.indexrelid, 'pg_class'))
FROM relation r JOIN pg_index i ON i.indrelid = r.oid
UNION ALL
SELECT 'view ' || name || ' ' || pg_get_viewdef(oid) FROM relation WHERE relkind IN ('v', 'm')
UNION ALL
SELECT 'enum ' || s.nspname || '.' || t.typname || ' ' || (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
FROM pg_type t JOIN space s ON s.oid = t.typnamespace WHERE t.typtype = 'e'
UNION ALL
SELECT 'sequence ' || r.name FROM relation r WHERE r.relkind = 'S'
  AND NOT EXISTS (SELECT FROM pg_depend p WHERE p.objid = r.oid AND p.classid = 'pg_class'::regclass AND p.deptype IN ('a', 'i'))
UNION ALL
SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal`

const mine = `m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND m.name NOT IN ${ignored}`

const sqlite = `
SELECT m.type || ' ' || m.name || ' ' || (SELECT 'strict ' || l.strict || ' without rowid ' || l.wr FROM pragma_table_list(m.name) l WHERE l.schema = 'main')
  || CASE WHEN m.sql LIKE '%AUTOINCREMENT%' THEN ' autoincrement' ELSE '' END AS line
FROM sqlite_master m WHERE m.type IN ('table', 'view') AND ${mine}
UNION ALL
SELECT 'column ' || m.name || '.' || c.name || ' ' || lower(c.type) || CASE WHEN c."notnull" THEN ' not null' ELSE '' END
  || ' default ' || CASE WHEN upper(c.dflt_value) = 'NULL' THEN '' ELSE coalesce(c.dflt_value, '') END || ' key ' || c.pk || ' hidden ' || c.hidden
FROM sqlite_master m JOIN pragma_table_xinfo(m.name) c WHERE m.type = 'table' AND ${mine}
UNION ALL
SELECT 'foreign key ' || m.name || ' ' || group_concat(f."from" || ' → ' || f."table" || '.' || coalesce(f."to", ''), ', ')
  || ' ' || f.on_update || ' ' || f.on_delete || ' ' || f.match
FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND ${mine} GROUP BY m.name, f.id
UNION ALL
SELECT 'index ' || m.name || ' ' || CASE WHEN i.origin = 'c' THEN i.name ELSE '' END || ' ' || i.origin || ' unique ' || i."unique" || ' partial ' || i.partial || ' '
  || (SELECT group_concat(coalesce(x.name, 'expression') || ' ' || x.desc || ' ' || x.coll, ', ') FROM pragma_index_xinfo(i.name) x WHERE x.key)
FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE m.type = 'table' AND ${mine}
UNION ALL
SELECT 'trigger ' || m.name || ' ' || m.sql FROM sqlite_master m WHERE m.type = 'trigger'`
