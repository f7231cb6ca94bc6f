import type { Queryable } from '../../queryable'
import { printing } from './settings'

/**
 * Removes everything from a table but its columns and rows, so that it neither blocks nor is changed by what happens to other
 * objects: partitioning, constraints, indexes, triggers, policies, rules, defaults, generated columns, rights.
 *
 * None of it takes longer for more rows. Rights of others must go as well: they would block DROP ROLE.
 */
export async function freeTable(database: Queryable, table: string): Promise<void> {
  // Each list is read after the statements before it: what a parent gave to a partition becomes its own.
  for (const list of [detach, freeParts, freeIndexes, freeColumns]) await runEach(database, list, [table])
}

/** Removes from a column what belongs to it alone: NOT NULL, default, identity, the checks of a domain, rights. */
export async function freeColumn(database: Queryable, table: string, number: number): Promise<void> {
  await runEach(database, `SELECT sql FROM (${freeColumns}) AS c WHERE c.number = $2`, [table, number])
}

/** Executes the statements that a query returns. */
export async function runEach(database: Queryable, query: string, parameters: unknown[]): Promise<void> {
  const rows = (await printing(database, () => database.query(query, parameters))) as { readonly sql: string }[]
  for (const { sql } of rows) await database.query(sql)
}

const itself = '$1::text::oid'

const detach = `
SELECT format(CASE WHEN c.relispartition THEN 'ALTER TABLE %2$s DETACH PARTITION %1$s' ELSE 'ALTER TABLE %1$s NO INHERIT %2$s' END,
  c.oid::regclass, h.inhparent::regclass) AS sql
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid WHERE c.oid = ${itself}
UNION ALL
SELECT format('ALTER TABLE %s NOT OF', c.oid::regclass) FROM pg_catalog.pg_class c WHERE c.oid = ${itself} AND c.reloftype <> 0`

const freeParts = `
SELECT sql FROM (
  SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', k.conrelid::regclass, k.conname) AS sql, CASE k.contype WHEN 'f' THEN 1 ELSE 3 END AS place
  FROM pg_catalog.pg_constraint k WHERE k.conrelid = ${itself} AND k.contype IN ('c', 'f', 'p', 'u', 'x')
  UNION ALL
  SELECT format('DROP TRIGGER %I ON %s', t.tgname, t.tgrelid::regclass), 2 FROM pg_catalog.pg_trigger t WHERE t.tgrelid = ${itself} AND NOT t.tgisinternal
  UNION ALL
  SELECT format('DROP POLICY %I ON %s', p.polname, p.polrelid::regclass), 2 FROM pg_catalog.pg_policy p WHERE p.polrelid = ${itself}
  UNION ALL
  SELECT format('DROP RULE %I ON %s', w.rulename, w.ev_class::regclass), 2 FROM pg_catalog.pg_rewrite w WHERE w.ev_class = ${itself}
  UNION ALL
  SELECT format('DROP STATISTICS %I.%I', n.nspname, s.stxname), 2 FROM pg_catalog.pg_statistic_ext s
  JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxrelid = ${itself}
  UNION ALL
  -- Only its owner may remove a table from a publication; another one publishes a table that no longer changes.
  SELECT format('ALTER PUBLICATION %I DROP TABLE ONLY %s', b.pubname, p.prrelid::regclass), 2 FROM pg_catalog.pg_publication_rel p
  JOIN pg_catalog.pg_publication b ON b.oid = p.prpubid WHERE p.prrelid = ${itself} AND pg_has_role(b.pubowner, 'USAGE')
  UNION ALL
  SELECT format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY, REPLICA IDENTITY DEFAULT', c.oid::regclass), 4
  FROM pg_catalog.pg_class c WHERE c.oid = ${itself}
  UNION ALL
  SELECT DISTINCT format('REVOKE ALL ON TABLE %s FROM %s CASCADE', c.oid::regclass, CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END), 5
  FROM pg_catalog.pg_class c, aclexplode(c.relacl) g WHERE c.oid = ${itself} AND g.grantee <> c.relowner
) AS parts ORDER BY place`

const freeIndexes = `
SELECT format('DROP INDEX %s', x.indexrelid::regclass) AS sql FROM pg_catalog.pg_index x WHERE x.indrelid = ${itself}`

/**
 * Types that may change while a column of theirs is kept, and how it is kept then: a domain may get a default, NOT NULL or a check,
 * which would concern the kept values, and the server refuses to alter a composite type, or a domain in an array, while a column uses
 * it. For a domain the server changes the type without touching the rows; in the other, rare cases it rewrites them.
 */
const stableType = `(
  WITH RECURSIVE bases AS (
    SELECT coalesce(e.oid, t.oid) AS type, -1 AS modifier
    UNION ALL
    SELECT b.typbasetype, b.typtypmod FROM bases JOIN pg_catalog.pg_type b ON b.oid = bases.type AND b.typtype = 'd'
  )
  SELECT CASE b.typtype WHEN 'c' THEN 'pg_catalog.text' ELSE format_type(bases.type, bases.modifier) END || CASE WHEN e.oid IS NULL THEN '' ELSE '[]' END
  FROM bases JOIN pg_catalog.pg_type b ON b.oid = bases.type AND b.typtype <> 'd' LIMIT 1
)`

const freeColumns = `
SELECT sql, number FROM (
  SELECT a.attnum::integer AS number, format('ALTER TABLE %s DROP COLUMN %I', a.attrelid::regclass, a.attname) AS sql, 1 AS place
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = ${itself} AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> ''
  UNION ALL
  SELECT a.attnum::integer, format('ALTER TABLE %s ALTER COLUMN %I DROP IDENTITY', a.attrelid::regclass, a.attname), 2
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = ${itself} AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity <> ''
  UNION ALL
  SELECT a.attnum::integer, format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', a.attrelid::regclass, a.attname), 3
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = ${itself} AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.atthasdef
  UNION ALL
  SELECT a.attnum::integer, format('ALTER TABLE %s ALTER COLUMN %I DROP NOT NULL', a.attrelid::regclass, a.attname), 4
  FROM pg_catalog.pg_attribute a WHERE a.attrelid = ${itself} AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attnotnull
  UNION ALL
  SELECT a.attnum::integer, format('ALTER TABLE %1$s ALTER COLUMN %2$I TYPE %3$s USING %2$I::%3$s', a.attrelid::regclass, a.attname, ${stableType}), 5
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
  WHERE a.attrelid = ${itself} AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND coalesce(e.typtype, t.typtype) IN ('c', 'd')
  UNION ALL
  SELECT d.refobjsubid, format('DROP SEQUENCE IF EXISTS %s', s.oid::regclass), 6
  FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
  WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = ${itself}
    AND d.refobjsubid > 0 AND d.deptype = 'a'
  UNION ALL
  SELECT DISTINCT a.attnum::integer, format('REVOKE ALL (%I) ON TABLE %s FROM %s CASCADE', a.attname, a.attrelid::regclass,
    CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(g.grantee)) END), 7
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid, aclexplode(a.attacl) g
  WHERE a.attrelid = ${itself} AND NOT a.attisdropped AND g.grantee <> c.relowner
) AS columns ORDER BY place`
