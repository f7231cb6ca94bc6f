import type { Queryable } from '../../queryable'
import { AludelError } from '../../../errors'
import { keptSchema } from '../keep/names'
import { shadowPattern } from '../names'
import { columnsSql, type ColumnRow } from './columns'
import { constraintsSql, type ConstraintRow } from './constraints'
import { isExtensionMember } from './fragments'
import { indexesSql, type IndexRow } from './indexes'
import { queryWithKeptPlan } from './kept-plan'
import {
  partitionsSql,
  type PartitionRow,
  policiesSql,
  type PolicyRow,
  relationsSql,
  type RelationRow,
  triggersSql,
  type TriggerRow,
  viewsSql,
  type ViewRow,
} from './relations'
import { domainsSql, type DomainRow, routinesSql, type RoutineRow } from './routines'
import { enumsSql, type EnumRow, extensionsSql, schemasSql, sequencesSql, type SequenceRow } from './types'

/** The rows of one reading of the catalog; object ids are text. */
export interface Catalog {
  /** The default schema: what `current_schema()` is. */
  readonly defaultSchema: string
  readonly relations: readonly RelationRow[]
  readonly columns: readonly ColumnRow[]
  readonly constraints: readonly ConstraintRow[]
  readonly indexes: readonly IndexRow[]
  readonly triggers: readonly TriggerRow[]
  readonly views: readonly ViewRow[]
  readonly enums: readonly EnumRow[]
  readonly sequences: readonly SequenceRow[]
  readonly schemas: readonly { readonly name: string }[]
  readonly extensions: readonly { readonly name: string; readonly used: boolean; readonly schema: string | null }[]
  readonly partitions: readonly PartitionRow[]
  readonly policies: readonly PolicyRow[]
  readonly routines: readonly RoutineRow[]
  readonly domains: readonly DomainRow[]
}

const parts = {
  relations: relationsSql,
  columns: columnsSql,
  constraints: constraintsSql,
  indexes: indexesSql,
  triggers: triggersSql,
  views: viewsSql,
  enums: enumsSql,
  sequences: sequencesSql,
  schemas: schemasSql,
  extensions: extensionsSql,
  partitions: partitionsSql,
  policies: policiesSql,
  routines: routinesSql,
  domains: domainsSql,
} as const

/** Settings that the printed texts depend on, and their values while the catalog prints. */
const settings: readonly (readonly [name: string, value: string])[] = [
  // Objects of the default schema print without it, all others with theirs.
  ['search_path', 'quote_ident(before.schema)'],
  ['TimeZone', "'UTC'"],
  ['DateStyle', "'ISO, MDY'"],
  ['IntervalStyle', "'postgres'"],
  ['extra_float_digits', "'1'"],
  ['bytea_output', "'hex'"],
  ['quote_all_identifiers', "'off'"],
]

/**
 * One statement reads everything: one round trip, one snapshot, and the same result on a pool, on a session and inside a
 * transaction. The settings are changed for the transaction only and restored within the statement; the CTE that changes
 * them is evaluated before the projection above it prints the texts.
 */
export const catalogStatement = `
WITH before AS MATERIALIZED (
  SELECT current_schema()::text AS schema,
    ${settings.map(([name], index) => `current_setting('${name}') AS setting_${String(index)}`).join(', ')}
), prepared AS MATERIALIZED (
  SELECT before.*,
    ${settings.map(([name, value], index) => `set_config('${name}', ${value}, true) AS set_${String(index)}`).join(', ')}
  FROM before WHERE before.schema IS NOT NULL
), namespaces AS MATERIALIZED (
  SELECT n.oid, n.nspname::text AS name, nullif(n.nspname, before.schema)::text AS schema
  FROM pg_catalog.pg_namespace n CROSS JOIN before
  WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '${keptSchema}')
    -- A shadow schema is a world of its own, and no part of the world around it.
    AND CASE WHEN before.schema LIKE '${shadowPattern}' THEN n.nspname = before.schema ELSE n.nspname NOT LIKE '${shadowPattern}' END
), relations AS MATERIALIZED (
  SELECT c.oid, c.relname::text AS name, n.schema, c.relkind AS kind
  FROM pg_catalog.pg_class c JOIN namespaces n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT c.relispartition
    AND NOT ${isExtensionMember('pg_class', 'c.oid')}
)
SELECT json_build_object(
  'defaultSchema', prepared.schema,
${Object.entries(parts)
  .map(([name, sql]) => `  '${name}', (SELECT coalesce(json_agg(item), '[]') FROM (${sql}) AS item),`)
  .join('\n')}
  'restored', json_build_array(${settings.map(([name], index) => `set_config('${name}', prepared.setting_${String(index)}, true)`).join(', ')})
)::text AS catalog
FROM prepared`

/**
 * Reads the catalog of the connected database.
 *
 * @throws AludelError `ALUDEL_DATA_SOURCE` when the connection's search_path names no schema that exists
 */
export async function readCatalog(database: Queryable): Promise<Catalog> {
  const rows = (await queryWithKeptPlan(database, catalogStatement)) as readonly { readonly catalog: string }[]
  const [row] = rows
  if (row === undefined) {
    throw new AludelError('ALUDEL_DATA_SOURCE', "the connection's search_path names no schema that exists", {
      help: 'Create the schema, or correct search_path (option `extra.options`, or ALTER ROLE … SET search_path).',
    })
  }
  return JSON.parse(row.catalog) as Catalog
}
