import type { ObjectName, Partition, Policy } from '../../../schema/schema'
import { canonicalExpression } from '../expression'
import { nameOf } from '../names'

/** Tables, partitioned tables and views; partitions are part of their table. */
export interface RelationRow {
  readonly id: string
  readonly schema: string | null
  readonly name: string
  /** `r` table, `p` partitioned table, `v` view, `m` materialized view. */
  readonly kind: 'r' | 'p' | 'v' | 'm'
  readonly comment: string | null
  readonly rowSecurity: boolean
  readonly forceRowSecurity: boolean
  /** Of a partitioned table: the text after PARTITION BY. */
  readonly partitionBy: string | null
}

export const relationsSql = `
  SELECT r.oid::text AS id, r.schema, r.name, r.kind, obj_description(r.oid, 'pg_class') AS comment,
    c.relrowsecurity AS "rowSecurity", c.relforcerowsecurity AS "forceRowSecurity",
    CASE r.kind WHEN 'p' THEN pg_get_partkeydef(r.oid) END AS "partitionBy"
  FROM relations r JOIN pg_catalog.pg_class c ON c.oid = r.oid WHERE r.kind <> 'S'`

export interface PartitionRow {
  readonly id: string
  readonly schema: string | null
  readonly name: string
  /** Id of its parent, which may be a partition as well. */
  readonly parent: string
  readonly bound: string
  readonly partitionBy: string | null
}

export const partitionsSql = `
  SELECT c.oid::text AS id, n.schema, c.relname::text AS name, i.inhparent::text AS parent,
    pg_get_expr(c.relpartbound, c.oid, true) AS bound,
    CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END AS "partitionBy"
  FROM pg_catalog.pg_class c
  JOIN namespaces n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
  WHERE c.relispartition AND c.relkind IN ('r', 'p')`

/** Partitions of a table, each after its parent. */
export function buildPartitions(table: string, rows: readonly PartitionRow[]): Partition[] {
  const partsOf = (parent: string, of: ObjectName | undefined): Partition[] =>
    rows
      .filter((row) => row.parent === parent)
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((row) => {
        const name = nameOf(row)
        return [{ ...name, of, bound: row.bound, partitionBy: row.partitionBy ?? undefined }, ...partsOf(row.id, name)]
      })
  return partsOf(table, undefined)
}

export interface PolicyRow {
  readonly relation: string
  readonly name: string
  readonly permissive: boolean
  readonly command: '*' | 'r' | 'a' | 'w' | 'd'
  readonly roles: readonly string[]
  readonly using: string | null
  readonly check: string | null
}

export const policiesSql = `
  SELECT p.polrelid::text AS relation, p.polname AS name, p.polpermissive AS permissive, p.polcmd AS command,
    (
      SELECT coalesce(json_agg(CASE role WHEN 0 THEN 'public' ELSE pg_get_userbyid(role) END), '[]')
      FROM unnest(p.polroles) AS role
    ) AS roles,
    pg_get_expr(p.polqual, p.polrelid, true) AS using, pg_get_expr(p.polwithcheck, p.polrelid, true) AS check
  FROM pg_catalog.pg_policy p JOIN relations r ON r.oid = p.polrelid`

const commands = { '*': 'ALL', r: 'SELECT', a: 'INSERT', w: 'UPDATE', d: 'DELETE' } as const

export function buildPolicy(row: PolicyRow): Policy {
  return {
    name: row.name,
    permissive: row.permissive,
    command: commands[row.command],
    roles: [...row.roles].sort(),
    using: row.using === null ? undefined : canonicalExpression(row.using),
    check: row.check === null ? undefined : canonicalExpression(row.check),
  }
}

export interface TriggerRow {
  readonly relation: string
  readonly name: string
  readonly sql: string
}

export const triggersSql = `
  SELECT t.tgrelid::text AS relation, t.tgname AS name, pg_get_triggerdef(t.oid, true) AS sql
  FROM pg_catalog.pg_trigger t JOIN relations r ON r.oid = t.tgrelid
  WHERE NOT t.tgisinternal`

export interface ViewRow {
  readonly id: string
  readonly definition: string
  readonly options: readonly string[] | null
  /** Ids of the relations that it reads. */
  readonly reads: readonly string[]
}

export const viewsSql = `
  SELECT r.oid::text AS id, pg_get_viewdef(r.oid, true) AS definition, c.reloptions AS options,
    (
      SELECT coalesce(json_agg(DISTINCT d.refobjid::text), '[]')
      FROM pg_catalog.pg_rewrite w
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
      WHERE w.ev_class = r.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.oid
    ) AS reads
  FROM relations r JOIN pg_catalog.pg_class c ON c.oid = r.oid WHERE r.kind IN ('v', 'm')`
