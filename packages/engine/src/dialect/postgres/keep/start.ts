import type { Queryable } from '../../queryable'
import { keptSchema } from './names'
import { printing } from './settings'

/** What there was before the first statement of a step. */
export interface Start {
  /** Tables by their oids. */
  readonly tables: ReadonlyMap<string, StartTable>
  /** Oids of the sequences that no column owns. */
  readonly sequences: ReadonlySet<string>
}

/** A table before the first statement of a step. */
export interface StartTable {
  /** Null in the default schema. */
  readonly schema: string | null
  readonly name: string
  /** Its columns by their numbers. */
  readonly columns: ReadonlyMap<number, StartColumn>
}

export interface StartColumn {
  readonly name: string
  /** With the schema of the type, also where the search path leads to it. */
  readonly type: string
}

interface Row {
  readonly id: string
  readonly schema: string | null
  readonly name: string
  readonly columns: readonly (readonly [number: number, name: string, type: string])[]
}

/** Names in the registry are those before an upgrade. */
export async function readStart(database: Queryable): Promise<Start> {
  const [path] = (await database.query('SELECT current_schema()::text AS schema')) as { schema: string | null }[]
  const rows = (await printing(database, () =>
    database.query(
      `SELECT c.oid::text AS id, nullif(n.nspname, $1)::text AS schema, c.relname::text AS name,
         (SELECT coalesce(json_agg(json_build_array(a.attnum, a.attname, format_type(a.atttypid, a.atttypmod))), '[]')
          FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${keptSchema}')`,
      [path?.schema ?? null],
    ),
  )) as Row[]
  const sequences = (await database.query(
    `SELECT s.seqrelid::text AS id FROM pg_catalog.pg_sequence s WHERE NOT EXISTS (
       SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = s.seqrelid
         AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i'))`,
  )) as { id: string }[]
  return {
    tables: new Map(
      rows.map(({ id, schema, name, columns }) => [
        id,
        { schema, name, columns: new Map(columns.map(([number, column, type]) => [number, { name: column, type }])) },
      ]),
    ),
    sequences: new Set(sequences.map(({ id }) => id)),
  }
}
