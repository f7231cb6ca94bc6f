import type { Domain, ObjectName, Routine } from '../../../schema/schema'
import { nameOf, quote, quoteName } from '../names'
import { collationName, isBorrowed, isExtensionMember } from './fragments'

/** Functions and procedures that belong to no extension. Aggregates are left out: no single statement creates them. */
export interface RoutineRow {
  readonly schema: string | null
  /** As the server writes it: quoted where it must be. */
  readonly namespace: string
  readonly name: string
  /** `f` function, `w` window function, `p` procedure. */
  readonly kind: 'f' | 'w' | 'p'
  /** Types of the arguments. */
  readonly arguments: string
  readonly sql: string
  /** Ids of the relations that it reads, as far as the catalog knows. */
  readonly reads: readonly string[]
}

export const routinesSql = `
  SELECT n.schema, quote_ident(n.name) AS namespace, p.proname AS name, p.prokind AS kind,
    oidvectortypes(p.proargtypes) AS arguments, pg_get_functiondef(p.oid) AS sql,
    (
      SELECT coalesce(json_agg(DISTINCT d.refobjid::text), '[]') FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid
        AND d.refclassid = 'pg_catalog.pg_class'::regclass
    ) AS reads
  FROM pg_catalog.pg_proc p JOIN namespaces n ON n.oid = p.pronamespace
  WHERE p.prokind IN ('f', 'w', 'p') AND NOT ${isExtensionMember('pg_proc', 'p.oid')} AND NOT ${isBorrowed('n.name', 'p.proname')}
    -- A range type makes functions of its own.
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i' AND d.refclassid = 'pg_catalog.pg_type'::regclass)`

/** @param names of relations, by id */
export function buildRoutine(row: RoutineRow, names: ReadonlyMap<string, ObjectName>): Routine {
  // The server always writes the schema of a function, even the default one.
  const head = /^CREATE OR REPLACE (?:FUNCTION|PROCEDURE) /.exec(row.sql)?.[0] ?? ''
  const rest = row.sql.slice(head.length)
  const qualifier = `${row.namespace}.`
  const own = row.schema === null && rest.startsWith(qualifier) ? rest.slice(qualifier.length) : rest
  return {
    ...nameOf({ schema: row.schema, name: `${row.name}(${row.arguments})` }),
    kind: row.kind === 'p' ? 'procedure' : 'function',
    routine: row.name,
    sql: (head + own).trim(),
    dependsOn: row.reads.flatMap((id) => names.get(id) ?? []),
  }
}

export interface DomainRow {
  readonly schema: string | null
  readonly name: string
  readonly type: string
  readonly collation: string | null
  readonly notNull: boolean
  readonly default: string | null
  readonly checks: readonly { readonly name: string; readonly definition: string }[]
}

export const domainsSql = `
  SELECT n.schema, t.typname AS name, format_type(t.typbasetype, t.typtypmod) AS type, t.typnotnull AS "notNull",
    t.typdefault AS default,
    CASE WHEN t.typcollation <> base.typcollation THEN ${collationName('t.typcollation')} END AS collation,
    (
      SELECT coalesce(json_agg(json_build_object('name', con.conname, 'definition', pg_get_constraintdef(con.oid, true)) ORDER BY con.conname), '[]')
      FROM pg_catalog.pg_constraint con WHERE con.contypid = t.oid AND con.contype = 'c'
    ) AS checks
  FROM pg_catalog.pg_type t
  JOIN namespaces n ON n.oid = t.typnamespace
  JOIN pg_catalog.pg_type base ON base.oid = t.typbasetype
  WHERE t.typtype = 'd' AND NOT ${isExtensionMember('pg_type', 't.oid')}`

export function buildDomain(row: DomainRow): Domain {
  const name = nameOf(row)
  const sql = [
    `CREATE DOMAIN ${quoteName(name)} AS ${row.type}`,
    ...(row.collation === null ? [] : [`COLLATE ${row.collation}`]),
    ...(row.default === null ? [] : [`DEFAULT ${row.default}`]),
    ...(row.notNull ? ['NOT NULL'] : []),
    ...row.checks.map((check) => `CONSTRAINT ${quote(check.name)} ${check.definition}`),
  ].join(' ')
  return { ...name, sql }
}
