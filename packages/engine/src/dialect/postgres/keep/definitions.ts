import type { Queryable } from '../../queryable'
import { propertiesSql } from '../object-properties'
import type { CatalogName, ObjectId } from './catalog'
import { isHidden, keptSchema } from './names'
import { printing } from './settings'

/** What the catalog knows about an object that a statement would drop. */
export interface GoneObject {
  readonly catalog: CatalogName
  readonly id: string
  readonly sub: number
  /** As `pg_identify_object` prints them: `table constraint`, `fk_owner on public.cats`. */
  readonly type: string
  readonly identity: string
  /** The oid of the table or view that it is a part of; null for an object of its own. */
  readonly relation: string | null
  /** It belongs to an extension. */
  readonly member: boolean
  /** It keeps something: it is in the schema `aludel_kept`, or a hidden column. */
  readonly kept: boolean
  /** Creates it again; null where something else does that, such as the table of a column. */
  readonly sql: string | null
  /** Drops it; null where that is not needed. */
  readonly drop: string | null
  /** Objects with a higher one are dropped later. */
  readonly place: number
}

/** `"public"."t"`: a cast to regclass leaves out the schema only where it is visible, which here is pg_catalog alone. */
const relation = (id: string): string => `${id}::regclass::text`

/** Each SELECT: id, sub, relation, sql, drop, place. */
const definitions: Readonly<Record<CatalogName, string>> = {
  pg_class: `
    SELECT c.oid AS id, 0 AS sub, x.indrelid AS relation,
      CASE
        WHEN c.relkind IN ('i', 'I') THEN CASE WHEN k.oid IS NULL AND h.inhrelid IS NULL THEN replace(pg_get_indexdef(c.oid), ' ON ONLY ', ' ON ') END
        WHEN c.relkind IN ('v', 'm') THEN format('CREATE%s VIEW %s%s AS %s%s', CASE c.relkind WHEN 'm' THEN ' MATERIALIZED' ELSE '' END, ${relation('c.oid')},
          coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', ''), rtrim(pg_get_viewdef(c.oid), ';'),
          CASE c.relkind WHEN 'm' THEN CASE WHEN c.relispopulated THEN ' WITH DATA' ELSE ' WITH NO DATA' END ELSE '' END)
        WHEN c.relkind = 'S' AND i.objid IS NULL THEN format('CREATE SEQUENCE %s AS %s START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s%s', ${relation('c.oid')},
          format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END,
          coalesce((SELECT format(' OWNED BY %s.%I', ${relation('o.attrelid')}, o.attname) FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute o ON o.attrelid = d.refobjid AND o.attnum = d.refobjsubid
            WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype = 'a'), ''))
      END AS sql,
      CASE
        WHEN c.relkind IN ('i', 'I') THEN CASE WHEN k.oid IS NULL AND h.inhrelid IS NULL THEN 'DROP INDEX IF EXISTS ' || ${relation('c.oid')} END
        WHEN c.relkind IN ('v', 'm') THEN format('DROP%s VIEW IF EXISTS %s CASCADE', CASE c.relkind WHEN 'm' THEN ' MATERIALIZED' ELSE '' END, ${relation('c.oid')})
        WHEN c.relkind = 'S' AND i.objid IS NULL THEN 'DROP SEQUENCE IF EXISTS ' || ${relation('c.oid')}
      END AS drop,
      CASE c.relkind WHEN 'v' THEN 1 WHEN 'm' THEN 1 WHEN 'S' THEN 9 ELSE 6 END AS place
    FROM gone g JOIN pg_catalog.pg_class c ON c.oid = g.id
    LEFT JOIN pg_catalog.pg_index x ON x.indexrelid = c.oid
    LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')
    LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid AND c.relkind IN ('i', 'I')
    LEFT JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid
    LEFT JOIN pg_catalog.pg_depend i ON i.classid = 'pg_catalog.pg_class'::regclass AND i.objid = c.oid AND i.deptype = 'i' AND c.relkind = 'S'`,
  // Columns with values are moved, and those that are computed are recreated.
  pg_attribute: `
    SELECT a.attrelid AS id, a.attnum::integer AS sub, a.attrelid AS relation,
      CASE WHEN a.attgenerated <> '' THEN format('ALTER TABLE %s ADD COLUMN %I %s%s GENERATED ALWAYS AS (%s) %s%s', ${relation('a.attrelid')}, a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attcollation <> t.typcollation THEN (SELECT format(' COLLATE %I.%I', cn.nspname, co.collname) FROM pg_catalog.pg_collation co JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace WHERE co.oid = a.attcollation) ELSE '' END,
        pg_get_expr(d.adbin, d.adrelid), CASE a.attgenerated WHEN 'v' THEN 'VIRTUAL' ELSE 'STORED' END, CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END) END AS sql,
      CASE WHEN a.attgenerated <> '' AND a.attinhcount = 0 THEN format('ALTER TABLE %s DROP COLUMN IF EXISTS %I CASCADE', ${relation('a.attrelid')}, a.attname) END AS drop,
      4 AS place
    FROM gone g JOIN pg_catalog.pg_attribute a ON a.attrelid = g.id AND a.attnum = g.sub
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum`,
  pg_attrdef: `
    SELECT d.oid AS id, 0 AS sub, d.adrelid AS relation,
      CASE WHEN a.attgenerated = '' THEN format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s', ${relation('d.adrelid')}, a.attname, pg_get_expr(d.adbin, d.adrelid)) END AS sql,
      CASE WHEN a.attgenerated = '' THEN format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', ${relation('d.adrelid')}, a.attname) END AS drop, 3 AS place
    FROM gone g JOIN pg_catalog.pg_attrdef d ON d.oid = g.id JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum`,
  // Those of partitions come and go with that of their table.
  pg_constraint: `
    SELECT k.oid AS id, 0 AS sub, k.conrelid AS relation,
      CASE WHEN k.conparentid = 0 AND k.conislocal THEN format('ALTER TABLE %s ADD CONSTRAINT %I %s', ${relation('k.conrelid')}, k.conname, pg_get_constraintdef(k.oid)) END AS sql,
      CASE WHEN k.conparentid = 0 AND k.conislocal THEN format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', ${relation('k.conrelid')}, k.conname) END AS drop,
      CASE k.contype WHEN 'f' THEN 2 ELSE 5 END AS place
    FROM gone g JOIN pg_catalog.pg_constraint k ON k.oid = g.id`,
  pg_policy: `
    SELECT p.oid AS id, 0 AS sub, p.polrelid AS relation,
      format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', p.polname, ${relation('p.polrelid')}, CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
        CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
        (SELECT string_agg(CASE role WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(role)) END, ', ') FROM unnest(p.polroles) AS role),
        coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ''), coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')) AS sql,
      format('DROP POLICY IF EXISTS %I ON %s', p.polname, ${relation('p.polrelid')}) AS drop, 2 AS place
    FROM gone g JOIN pg_catalog.pg_policy p ON p.oid = g.id`,
  pg_proc: `
    SELECT p.oid AS id, 0 AS sub, NULL::oid AS relation, CASE WHEN p.prokind IN ('f', 'w', 'p') THEN rtrim(pg_get_functiondef(p.oid)) END AS sql,
      format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure) AS drop, 7 AS place
    FROM gone g JOIN pg_catalog.pg_proc p ON p.oid = g.id`,
  // Before PostgreSQL 15 there are neither lists of columns nor conditions.
  pg_publication_rel: `
    SELECT p.oid AS id, 0 AS sub, p.prrelid AS relation,
      format('ALTER PUBLICATION %I ADD TABLE ONLY %s%s%s', b.pubname, ${relation('p.prrelid')},
        coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = p.prrelid AND a.attnum::text = ANY (string_to_array(to_jsonb(p) ->> 'prattrs', ' '))) || ')', ''),
        coalesce(' WHERE ' || (SELECT to_jsonb(v) ->> 'rowfilter' FROM pg_catalog.pg_publication_tables v
          WHERE v.pubname = b.pubname AND v.tablename = c.relname AND v.schemaname = (SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.oid = c.relnamespace)), '')) AS sql,
      NULL AS drop, 2 AS place
    FROM gone g JOIN pg_catalog.pg_publication_rel p ON p.oid = g.id JOIN pg_catalog.pg_publication b ON b.oid = p.prpubid
    JOIN pg_catalog.pg_class c ON c.oid = p.prrelid`,
  pg_rewrite: `
    SELECT w.oid AS id, 0 AS sub, w.ev_class AS relation, rtrim(pg_get_ruledef(w.oid), ';') AS sql,
      format('DROP RULE IF EXISTS %I ON %s', w.rulename, ${relation('w.ev_class')}) AS drop, 2 AS place
    FROM gone g JOIN pg_catalog.pg_rewrite w ON w.oid = g.id`,
  pg_statistic_ext: `
    SELECT s.oid AS id, 0 AS sub, s.stxrelid AS relation, pg_get_statisticsobjdef(s.oid) AS sql,
      format('DROP STATISTICS IF EXISTS %I.%I', (SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE n.oid = s.stxnamespace), s.stxname) AS drop, 4 AS place
    FROM gone g JOIN pg_catalog.pg_statistic_ext s ON s.oid = g.id`,
  pg_trigger: `
    SELECT t.oid AS id, 0 AS sub, t.tgrelid AS relation, CASE WHEN t.tgparentid = 0 THEN pg_get_triggerdef(t.oid) END AS sql,
      CASE WHEN t.tgparentid = 0 THEN format('DROP TRIGGER IF EXISTS %I ON %s', t.tgname, ${relation('t.tgrelid')}) END AS drop, 2 AS place
    FROM gone g JOIN pg_catalog.pg_trigger t ON t.oid = g.id`,
  pg_type: `
    SELECT t.oid AS id, 0 AS sub, NULL::oid AS relation, NULL AS sql, NULL AS drop, 8 AS place
    FROM gone g JOIN pg_catalog.pg_type t ON t.oid = g.id`,
}

const keptCondition = (id: string, sub: string): string => `EXISTS (
    SELECT FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ${sub}
    WHERE c.oid = ${id} AND (c.relnamespace = to_regnamespace('${keptSchema}') OR ${isHidden("coalesce(a.attname, '')")}))`

function partSql(catalog: CatalogName): string {
  return `SELECT '${catalog}' AS catalog, d.id::text, d.sub, i.type, i.identity, d.relation::text AS relation, d.sql, d.drop, d.place,
  EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 'pg_catalog.${catalog === 'pg_attribute' ? 'pg_class' : catalog}'::regclass AND e.objid = d.id AND e.deptype = 'e') AS member,
  ${catalog === 'pg_class' || catalog === 'pg_attribute' ? keptCondition('d.id', 'd.sub') : 'false'} OR ${keptCondition('d.relation', '0')} AS kept
FROM (${definitions[catalog].replace('FROM gone g', `FROM (SELECT * FROM gone WHERE catalog = '${catalog}') g`)}) AS d,
  pg_identify_object('pg_catalog.${catalog === 'pg_attribute' ? 'pg_class' : catalog}'::regclass, d.id, d.sub) AS i`
}

const goneSql = `WITH gone AS MATERIALIZED (
  SELECT catalog, id::oid AS id, sub FROM json_to_recordset($1::json) AS x (catalog text, id text, sub integer)
)
${(Object.keys(definitions) as CatalogName[]).map(partSql).join('\nUNION ALL\n')}`

/** Reads what objects are, while they exist. */
export async function describeObjects(database: Queryable, ids: readonly ObjectId[]): Promise<readonly GoneObject[]> {
  if (ids.length === 0) return []
  const rows = await printing(database, () => database.query(goneSql, [JSON.stringify(ids)]))
  return rows as GoneObject[]
}

/** A property of an object that does not belong to its definition: a right, a comment, a storage parameter. */
export interface Property {
  /** `table public.cats`, `column public.cats.name`, `trigger t on public.cats` … */
  readonly object: string
  /** A later value of the same slot replaces an earlier one. Null for rights. */
  readonly slot: string | null
  readonly sql: string
  /** Objects with a higher one are set later. */
  readonly place: number
}

const grantee = `CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END`
const flag = (column: string, slot: string, sql: string): string =>
  `SELECT t.oid, t.object, '${slot}' AS slot, 'ALTER TABLE ' || t.name || ' ${sql}' AS sql, 2 AS place FROM tables t WHERE t.${column}`

/** Properties of tables, which `propertiesSql` leaves out because nothing else drops a table and creates it again. */
const tablePropertiesSql = `WITH tables AS (
  SELECT c.*, c.oid::regclass::text AS name, 'table ' || c.oid::regclass::text AS object FROM pg_catalog.pg_class c
  WHERE c.relkind IN ('r', 'p') AND c.relnamespace IN (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${keptSchema}'))
)
SELECT t.oid, t.object, NULL AS slot, '' AS sql, 0.0 AS place FROM tables t
UNION ALL
SELECT t.oid, t.object, split_part(option, '=', 1), format('ALTER TABLE %s SET (%I = %L)', t.name, split_part(option, '=', 1), substr(option, strpos(option, '=') + 1)), 1 + number / 1000.0
FROM tables t, unnest(t.reloptions) WITH ORDINALITY AS o (option, number)
UNION ALL ${flag('relrowsecurity', 'row security', 'ENABLE ROW LEVEL SECURITY')}
UNION ALL ${flag('relforcerowsecurity', 'forced row security', 'FORCE ROW LEVEL SECURITY')}
UNION ALL
SELECT t.oid, t.object, 'replica identity', 'ALTER TABLE ' || t.name || ' REPLICA IDENTITY ' || CASE t.relreplident WHEN 'f' THEN 'FULL' ELSE 'NOTHING' END, 2
FROM tables t WHERE t.relreplident IN ('f', 'n')
UNION ALL
SELECT t.oid, t.object, NULL, 'GRANT ' || g.privilege_type || ' ON TABLE ' || t.name || ' TO ' || ${grantee} || CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, 3
FROM tables t, aclexplode(t.relacl) g WHERE g.grantee <> t.relowner
UNION ALL
SELECT t.oid, t.object, 'comment', 'COMMENT ON TABLE ' || t.name || ' IS ' || quote_literal(obj_description(t.oid, 'pg_class')), 4
FROM tables t WHERE obj_description(t.oid, 'pg_class') IS NOT NULL
UNION ALL
SELECT t.oid, t.object, 'owner', 'ALTER TABLE ' || t.name || ' OWNER TO ' || quote_ident(pg_get_userbyid(t.relowner)), 5
FROM tables t WHERE pg_get_userbyid(t.relowner) <> current_user`

/**
 * All properties, without those that hold a part of a table. `id` is an oid, or `oid.number` of a column. A row without SQL stands
 * for the object itself.
 */
const allPropertiesSql = `
SELECT oid::text AS id, object, slot, sql, place::float8 AS place FROM (${tablePropertiesSql}) AS t
UNION ALL
SELECT id, regexp_replace(object, '^column \\d+ ', 'column '), slot, sql, place FROM (${propertiesSql}) AS p
WHERE what NOT IN ('schema part', 'extended statistics')`

/** The properties of objects that a statement would drop. */
export async function readProperties(database: Queryable, ids: readonly ObjectId[]): Promise<readonly Property[]> {
  if (ids.length === 0) return []
  const texts = ids.map(({ id, sub }) => (sub === 0 ? id : `${id}.${String(sub)}`))
  const rows = await printing(database, () =>
    database.query(
      `SELECT object, slot, sql, place FROM (${allPropertiesSql}) AS all_properties WHERE id = ANY ($1::text[]) AND sql <> '' ORDER BY place, sql`,
      [texts],
    ),
  )
  return rows as Property[]
}

/** Those of the properties that an object lacks that exists now. */
export async function lackingProperties(
  database: Queryable,
  properties: readonly Property[],
): Promise<readonly Property[]> {
  if (properties.length === 0) return []
  const rows = await printing(database, () =>
    database.query(
      `WITH now AS MATERIALIZED (${allPropertiesSql})
SELECT w.object, w.slot, w.sql, w.place FROM json_to_recordset($1::json) AS w (object text, slot text, sql text, place float8)
WHERE EXISTS (SELECT FROM now n WHERE n.object = w.object)
  AND NOT EXISTS (SELECT FROM now n WHERE n.object = w.object AND (n.sql = w.sql OR n.slot = w.slot))
ORDER BY w.place, w.sql`,
      [JSON.stringify(properties)],
    ),
  )
  return rows as Property[]
}
