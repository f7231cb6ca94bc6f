import type {
  Check,
  Deferrable,
  Exclusion,
  ForeignKey,
  ObjectName,
  PrimaryKey,
  ReferentialAction,
  Unique,
} from '../../../schema/schema'
import { canonicalExpression } from '../expression'
import { isHidden } from '../keep/names'

export interface ConstraintRow {
  readonly relation: string
  readonly name: string
  /** `p` primary key, `u` unique, `c` check, `x` exclusion, `f` foreign key. NOT NULL (PostgreSQL 18) is the column's. */
  readonly kind: 'p' | 'u' | 'c' | 'x' | 'f'
  readonly deferrable: boolean
  readonly deferred: boolean
  /** In key order. */
  readonly columns: readonly string[]
  readonly target: string | null
  readonly targetColumns: readonly string[]
  readonly onDelete: string
  readonly onUpdate: string
  readonly match: string
  /** Of a check. */
  readonly expression: string | null
  /** The whole definition of a unique or an exclusion constraint. */
  readonly definition: string | null
}

const keyColumns = (relation: string, key: string): string => `(
      SELECT coalesce(json_agg(a.attname ORDER BY k.place), '[]')
      FROM unnest(${key}) WITH ORDINALITY AS k(number, place)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = ${relation} AND a.attnum = k.number
    )`

export const constraintsSql = `
  SELECT con.conrelid::text AS relation, con.conname AS name, con.contype AS kind,
    con.condeferrable AS deferrable, con.condeferred AS deferred,
    ${keyColumns('con.conrelid', 'con.conkey')} AS columns,
    CASE WHEN con.confrelid <> 0 THEN con.confrelid::text END AS target,
    ${keyColumns('con.confrelid', 'con.confkey')} AS "targetColumns",
    con.confdeltype AS "onDelete", con.confupdtype AS "onUpdate", con.confmatchtype AS match,
    CASE con.contype WHEN 'c' THEN pg_get_expr(con.conbin, con.conrelid, true) END AS expression,
    CASE WHEN con.contype IN ('u', 'x') THEN pg_get_constraintdef(con.oid, true) END AS definition
  FROM pg_catalog.pg_constraint con JOIN relations r ON r.oid = con.conrelid
  -- A foreign key on a partitioned table has one more row for each partition.
  WHERE con.contype IN ('p', 'u', 'c', 'x', 'f') AND con.conparentid = 0 AND NOT ${isHidden('con.conname')}`

const actions: Readonly<Record<string, ReferentialAction>> = {
  a: 'NO ACTION',
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
}

export function buildPrimaryKey(row: ConstraintRow): PrimaryKey {
  return { name: row.name, columns: row.columns, deferrable: deferrable(row) }
}

export function buildUnique(row: ConstraintRow): Unique {
  return {
    name: row.name,
    columns: row.columns,
    deferrable: deferrable(row),
    nullsNotDistinct: row.definition?.startsWith('UNIQUE NULLS NOT DISTINCT') === true || undefined,
  }
}

export function buildCheck(row: ConstraintRow): Check {
  return { name: row.name, expression: canonicalExpression(row.expression ?? '') }
}

export function buildExclusion(row: ConstraintRow): Exclusion {
  const definition = (row.definition ?? '').replace(/^EXCLUDE /, '').replace(/ DEFERRABLE(?: INITIALLY DEFERRED)?$/, '')
  return { name: row.name, definition: canonicalExpression(definition), deferrable: deferrable(row) }
}

export function buildForeignKey(row: ConstraintRow, target: ObjectName): ForeignKey {
  return {
    name: row.name,
    columns: row.columns,
    references: { ...target, columns: row.targetColumns },
    onDelete: actions[row.onDelete] ?? 'NO ACTION',
    onUpdate: actions[row.onUpdate] ?? 'NO ACTION',
    deferrable: deferrable(row),
    match: row.match === 'f' ? 'FULL' : undefined,
  }
}

function deferrable(row: ConstraintRow): Deferrable | undefined {
  if (!row.deferrable) return undefined
  return row.deferred ? 'initially deferred' : 'initially immediate'
}
