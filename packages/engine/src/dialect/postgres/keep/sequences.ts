import type { ObjectName } from '../../../schema/schema'
import type { Queryable } from '../../queryable'
import { quote } from '../names'
import type { ObjectId } from './catalog'

/** Where a sequence stands, and where it is found again. */
export interface Position {
  readonly id: string
  readonly schema: string
  readonly name: string
  /** The column that owns it; null for a sequence of its own. */
  readonly owner: { readonly schema: string; readonly table: string; readonly column: string } | null
  /** The last number; text, because it may exceed what a number holds. */
  readonly last: string
  /** Whether that number was given out. */
  readonly called: boolean
  readonly descending: boolean
}

interface SequenceRow {
  readonly id: string
  readonly schema: string
  readonly name: string
  readonly owner: Position['owner']
  readonly descending: boolean
}

/** The positions of the sequences among objects. Those that this role may not read are left out. */
export async function positionsOf(database: Queryable, ids: readonly ObjectId[]): Promise<readonly Position[]> {
  const candidates = ids.filter(({ catalog }) => catalog === 'pg_class').map(({ id }) => id)
  if (candidates.length === 0) return []
  const rows = (await database.query(
    `SELECT c.oid::text AS id, n.nspname::text AS schema, c.relname::text AS name, s.seqincrement < 0 AS descending,
       (SELECT json_build_object('schema', tn.nspname, 'table', t.relname, 'column', a.attname) FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_class t ON t.oid = d.refobjid JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')) AS owner
     FROM pg_catalog.pg_class c JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.oid = ANY ($1::text[]::oid[])
       -- CASE, because the planner may try conditions in any order, and the function fails for other relations.
       AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT') END`,
    [candidates],
  )) as SequenceRow[]
  const positions: Position[] = []
  for (const row of rows) {
    const [state] = (await database.query(
      `SELECT last_value::text AS last, is_called AS called FROM ${quote(row.schema)}.${quote(row.name)}`,
    )) as { last: string; called: boolean }[]
    if (state !== undefined) positions.push({ ...row, ...state })
  }
  return positions
}

/**
 * Sets a sequence to where it was, unless it is already further.
 *
 * @returns false if it does not exist
 */
export async function advance(database: Queryable, position: Position): Promise<boolean> {
  const sequence = await sequenceOf(database, position)
  if (sequence === undefined) return false
  const written = `${quote(sequence.schema ?? '')}.${quote(sequence.name)}`
  const before = position.descending ? '<' : '>'
  await database.query(
    `SELECT pg_catalog.setval($1::text::regclass, $2::text::bigint, $3::boolean) FROM ${written}
     WHERE $2::text::bigint ${before} last_value OR ($2::text::bigint = last_value AND $3::boolean AND NOT is_called)`,
    [written, position.last, position.called],
  )
  return true
}

async function sequenceOf(database: Queryable, { owner, schema, name }: Position): Promise<ObjectName | undefined> {
  const [row] = (await database.query(
    `SELECT n.nspname::text AS schema, c.relname::text AS name FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'S' AND c.oid = coalesce(
       (SELECT d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
          AND d.refobjid = to_regclass($1) AND a.attname = $2 LIMIT 1),
       to_regclass($3))`,
    [
      owner === null ? null : `${quote(owner.schema)}.${quote(owner.table)}`,
      owner?.column ?? null,
      `${quote(schema)}.${quote(name)}`,
    ],
  )) as { schema: string; name: string }[]
  return row
}
