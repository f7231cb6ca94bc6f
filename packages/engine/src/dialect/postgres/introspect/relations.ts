/** Tables, partitioned tables and views; partitions are part of their table. */
export interface RelationRow {
  readonly id: string
  readonly schema: string | null
  readonly name: string
  /** `r` table, `p` partitioned table, `v` view, `m` materialized view. */
  readonly kind: 'r' | 'p' | 'v' | 'm'
  readonly comment: string | null
}

export const relationsSql = `
  SELECT r.oid::text AS id, r.schema, r.name, r.kind, obj_description(r.oid, 'pg_class') AS comment
  FROM relations r WHERE r.kind <> 'S'`

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
  /** Ids of the relations it reads. */
  readonly reads: readonly string[]
}

export const viewsSql = `
  SELECT r.oid::text AS id, pg_get_viewdef(r.oid, true) AS definition,
    (
      SELECT coalesce(json_agg(DISTINCT d.refobjid::text), '[]')
      FROM pg_catalog.pg_rewrite w
      JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = w.oid
      WHERE w.ev_class = r.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.oid
    ) AS reads
  FROM relations r WHERE r.kind IN ('v', 'm')`
