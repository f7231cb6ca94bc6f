import type { Queryable } from '../../queryable'
import { quote } from '../names'
import type { TablePlace } from './places'

interface Disturbance {
  readonly off: string
  readonly on: string
}

/** The table, its partitions and the tables that inherit from it. */
const family = `WITH RECURSIVE family AS (
  SELECT $1::text::oid AS id UNION SELECT h.inhrelid FROM family JOIN pg_catalog.pg_inherits h ON h.inhparent = family.id
)`

const disturbances = `${family}
SELECT format('ALTER TABLE ONLY %I.%I DISABLE TRIGGER %I', n.nspname, c.relname, t.tgname) AS off,
  format('ALTER TABLE ONLY %I.%I ENABLE %sTRIGGER %I', n.nspname, c.relname, CASE t.tgenabled WHEN 'A' THEN 'ALWAYS ' ELSE '' END, t.tgname) AS on
FROM family JOIN pg_catalog.pg_class c ON c.oid = family.id JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_trigger t ON t.tgrelid = c.oid WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
UNION ALL
SELECT format('ALTER TABLE %I.%I DISABLE RULE %I', n.nspname, c.relname, w.rulename),
  format('ALTER TABLE %I.%I ENABLE %sRULE %I', n.nspname, c.relname, CASE w.ev_enabled WHEN 'A' THEN 'ALWAYS ' ELSE '' END, w.rulename)
FROM family JOIN pg_catalog.pg_class c ON c.oid = family.id JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_rewrite w ON w.ev_class = c.oid WHERE w.rulename <> '_RETURN' AND w.ev_enabled IN ('O', 'A')
UNION ALL
SELECT format('ALTER TABLE %I.%I NO FORCE ROW LEVEL SECURITY', n.nspname, c.relname), format('ALTER TABLE %I.%I FORCE ROW LEVEL SECURITY', n.nspname, c.relname)
FROM family JOIN pg_catalog.pg_class c ON c.oid = family.id JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relforcerowsecurity`

/** Deferrable constraints whose checks an UPDATE of the table may leave to the end of the transaction. */
const deferred = `${family}
SELECT string_agg(DISTINCT format('%I.%I', n.nspname, k.conname), ', ') AS all,
  string_agg(DISTINCT format('%I.%I', n.nspname, k.conname), ', ') FILTER (WHERE k.condeferred) AS later
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
WHERE k.condeferrable AND (k.conrelid IN (SELECT id FROM family) OR k.confrelid IN (SELECT id FROM family))`

/**
 * Changes rows of a table while its triggers and rules do not act, and row security hides nothing from its owner: what is given back
 * is not a change that an application has made. Foreign keys and other constraints are checked at once, because the server refuses
 * to alter a table with checks that are still to come.
 *
 * Nothing of it is left if the transaction is rolled back.
 */
export async function quietly<Result>(
  database: Queryable,
  table: TablePlace,
  work: () => Promise<Result>,
): Promise<Result> {
  const found = (await database.query(disturbances, [table.id])) as Disturbance[]
  const [constraints] = (await database.query(deferred, [table.id])) as {
    readonly all: string | null
    readonly later: string | null
  }[]
  const { all = null, later = null } = constraints ?? {}
  if (all !== null) await database.query(`SET CONSTRAINTS ${all} IMMEDIATE`)
  for (const { off } of found) await database.query(off)
  const result = await work()
  for (const { on } of found.toReversed()) await database.query(on)
  if (later !== null) await database.query(`SET CONSTRAINTS ${later} DEFERRED`)
  return result
}

/** `"t"."a" = o.k1 AND …` */
export function joinByKey(table: string, key: readonly { readonly name: string; readonly asText: boolean }[]): string {
  return key
    .map(({ name, asText }, index) => `${table}.${quote(name)}${asText ? '::text' : ''} = kept.k${String(index + 1)}`)
    .join(' AND ')
}
