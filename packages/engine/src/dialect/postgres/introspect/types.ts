import type { ObjectName, Sequence } from '../../../schema/schema'
import { isHidden } from '../keep/names'
import { nameOf } from '../names'
import { isBorrowed, isExtensionMember } from './fragments'

export interface EnumRow {
  readonly id: string
  readonly schema: string | null
  readonly name: string
  /** In the type's own order. */
  readonly values: readonly string[]
}

export const enumsSql = `
  SELECT t.oid::text AS id, n.schema, t.typname AS name,
    (SELECT coalesce(json_agg(e.enumlabel ORDER BY e.enumsortorder), '[]') FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS values
  FROM pg_catalog.pg_type t JOIN namespaces n ON n.oid = t.typnamespace
  WHERE t.typtype = 'e' AND NOT ${isExtensionMember('pg_type', 't.oid')}`

/** Every sequence except those of identity columns. */
export interface SequenceRow {
  readonly id: string
  readonly schema: string | null
  readonly name: string
  readonly type: string
  readonly start: string
  readonly increment: string
  readonly min: string
  readonly max: string
  readonly cycle: boolean
  /** Id of the table whose column owns it. */
  readonly relation: string | null
  readonly column: string | null
}

export const sequencesSql = `
  SELECT r.oid::text AS id, r.schema, r.name, format_type(s.seqtypid, NULL) AS type,
    s.seqstart::text AS start, s.seqincrement::text AS increment, s.seqmin::text AS min, s.seqmax::text AS max, s.seqcycle AS cycle,
    a.attrelid::text AS relation, a.attname AS column
  FROM relations r
  JOIN pg_catalog.pg_sequence s ON s.seqrelid = r.oid
  LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = r.oid
    AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  WHERE d.deptype IS DISTINCT FROM 'i'`

export function buildSequence(row: SequenceRow, owner: ObjectName | undefined): Sequence {
  return {
    ...nameOf(row),
    type: row.type,
    start: row.start,
    increment: row.increment,
    min: row.min,
    max: row.max,
    cycle: row.cycle,
    ownedBy: owner === undefined || row.column === null ? undefined : { ...owner, column: row.column },
  }
}

export const schemasSql = `
  SELECT n.name FROM namespaces n
  WHERE n.schema IS NOT NULL AND NOT ${isExtensionMember('pg_namespace', 'n.oid')}`

/**
 * An extension is used when an introspected object depends on a type, a function or another member of the extension; an
 * array type counts as its element type.
 */
export const extensionsSql = `
  WITH members AS MATERIALIZED (
    SELECT m.classid, m.objid, m.refobjid AS extension FROM pg_catalog.pg_depend m
    WHERE m.refclassid = 'pg_catalog.pg_extension'::regclass AND m.deptype = 'e'
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::regclass, p.oid, e.oid
    FROM pg_catalog.pg_proc p JOIN namespaces n ON n.oid = p.pronamespace, pg_catalog.pg_extension e
    WHERE ${isBorrowed('n.name', 'p.proname')} AND e.extname = 'uuid-ossp'
  ), referenced AS MATERIALIZED (
    SELECT classid, objid, extension FROM members
    UNION ALL
    SELECT members.classid, t.typarray, extension FROM members JOIN pg_catalog.pg_type t ON t.oid = members.objid
    WHERE members.classid = 'pg_catalog.pg_type'::regclass AND t.typarray <> 0
  ), users AS MATERIALIZED (
    SELECT DISTINCT d.classid, d.objid, r.extension
    FROM referenced r JOIN pg_catalog.pg_depend d ON d.refclassid = r.classid AND d.refobjid = r.objid AND d.deptype IN ('n', 'a')
    -- What belongs to an extension itself is nobody's use of it. NOT IN is hashed, whatever the planner thinks of the CTE.
    WHERE (d.classid, d.objid) NOT IN (SELECT classid, objid FROM members)
    -- Neither is what is kept of a column that a revision has dropped.
    AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND d.objsubid > 0 AND EXISTS (
      SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = d.objid AND a.attnum = d.objsubid AND ${isHidden('a.attname')}))
  ), placed AS MATERIALIZED (
    SELECT extension, CASE users.classid
      WHEN 'pg_catalog.pg_class'::regclass THEN (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = users.objid)
      WHEN 'pg_catalog.pg_proc'::regclass THEN (SELECT pronamespace FROM pg_catalog.pg_proc WHERE oid = users.objid)
      WHEN 'pg_catalog.pg_type'::regclass THEN (SELECT typnamespace FROM pg_catalog.pg_type WHERE oid = users.objid)
      WHEN 'pg_catalog.pg_constraint'::regclass THEN (SELECT connamespace FROM pg_catalog.pg_constraint WHERE oid = users.objid)
      ELSE (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = CASE users.classid
        WHEN 'pg_catalog.pg_attrdef'::regclass THEN (SELECT adrelid FROM pg_catalog.pg_attrdef WHERE oid = users.objid)
        WHEN 'pg_catalog.pg_rewrite'::regclass THEN (SELECT ev_class FROM pg_catalog.pg_rewrite WHERE oid = users.objid)
        WHEN 'pg_catalog.pg_trigger'::regclass THEN (SELECT tgrelid FROM pg_catalog.pg_trigger WHERE oid = users.objid)
        WHEN 'pg_catalog.pg_policy'::regclass THEN (SELECT polrelid FROM pg_catalog.pg_policy WHERE oid = users.objid)
      END)
    END AS namespace FROM users
  )
  SELECT e.extname AS name,
    EXISTS (SELECT FROM placed JOIN namespaces n ON n.oid = placed.namespace WHERE placed.extension = e.oid) AS used,
    -- Not a schema that belongs to the extension itself: it creates that.
    (SELECT n.schema FROM namespaces n WHERE n.oid = e.extnamespace AND NOT ${isExtensionMember('pg_namespace', 'n.oid')}) AS schema
  FROM pg_catalog.pg_extension e WHERE e.extname <> 'plpgsql'`
