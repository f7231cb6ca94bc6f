import type { Index, IndexKey } from '../../../schema/schema'
import { text } from '../literal'
import { canonicalExpression } from '../expression'
import { collationName } from './fragments'

export interface IndexRow {
  readonly relation: string
  readonly name: string
  readonly unique: boolean
  readonly method: string
  readonly keys: readonly {
    readonly column: string | null
    readonly expression: string | null
    readonly descending: boolean
    readonly nullsFirst: boolean
    readonly collation: string | null
    readonly opclass: string | null
    /** Parameters of the operator class, each `name=value`. */
    readonly parameters: readonly string[] | null
  }[]
  readonly include: readonly string[]
  readonly where: string | null
  readonly nullsNotDistinct: boolean
  readonly comment: string | null
  readonly storage: readonly string[] | null
}

/** The object id of `pg_catalog."default"`, fixed in PostgreSQL's sources (DEFAULT_COLLATION_OID). */
const defaultCollation = 100

/*
 * `indoption` bit 1: descending, bit 2: nulls first. `indkey` and its companions count from 0.
 * The collation of an expression is not known to the catalog: a key on an expression names its collation whenever it
 * is not the database's own, which means the same.
 */
export const indexesSql = `
  SELECT i.indrelid::text AS relation, c.relname AS name, i.indisunique AS unique, am.amname AS method,
    (
      SELECT json_agg(json_build_object(
        'column', a.attname,
        'expression', CASE WHEN i.indkey[k.n - 1] = 0 THEN pg_get_indexdef(i.indexrelid, k.n, true) END,
        'descending', i.indoption[k.n - 1] & 1 = 1,
        'nullsFirst', i.indoption[k.n - 1] & 2 = 2,
        'collation', CASE WHEN i.indcollation[k.n - 1] NOT IN (0, coalesce(a.attcollation, ${defaultCollation})) THEN ${collationName('i.indcollation[k.n - 1]')} END,
        'opclass', CASE WHEN NOT op.opcdefault OR stored.attoptions IS NOT NULL THEN
          CASE WHEN pg_opclass_is_visible(op.oid) THEN '' ELSE quote_ident(opn.nspname) || '.' END || quote_ident(op.opcname)
        END,
        'parameters', stored.attoptions
      ) ORDER BY k.n)
      FROM generate_series(1, i.indnkeyatts::integer) AS k(n)
      LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n - 1] AND a.attnum <> 0
      JOIN pg_catalog.pg_attribute stored ON stored.attrelid = i.indexrelid AND stored.attnum = k.n
      JOIN pg_catalog.pg_opclass op ON op.oid = i.indclass[k.n - 1]
      JOIN pg_catalog.pg_namespace opn ON opn.oid = op.opcnamespace
    ) AS keys,
    (
      SELECT coalesce(json_agg(a.attname ORDER BY k.n), '[]')
      FROM generate_series(i.indnkeyatts + 1, i.indnatts::integer) AS k(n)
      JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n - 1]
    ) AS include,
    pg_get_expr(i.indpred, i.indrelid, true) AS where,
    -- Before PostgreSQL 15 the inner name is the fallback's.
    (SELECT indnullsnotdistinct FROM pg_catalog.pg_index same WHERE same.indexrelid = i.indexrelid) AS "nullsNotDistinct",
    obj_description(i.indexrelid, 'pg_class') AS comment, c.reloptions AS storage
  FROM (
    SELECT indexrelid, indrelid, indisunique, indkey, indoption, indcollation, indclass, indnkeyatts, indnatts, indpred
    FROM pg_catalog.pg_index
  ) i
  CROSS JOIN (SELECT false AS indnullsnotdistinct) fallback
  JOIN relations r ON r.oid = i.indrelid
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_am am ON am.oid = c.relam
  WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_constraint con WHERE con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')
  )`

export function buildIndex(row: IndexRow): Index {
  return {
    name: row.name,
    unique: row.unique,
    method: row.method,
    keys: row.keys.map(buildKey),
    include: row.include.length === 0 ? undefined : row.include,
    where: row.where === null ? undefined : canonicalExpression(row.where),
    nullsNotDistinct: row.nullsNotDistinct || undefined,
    comment: row.comment ?? undefined,
    storage: row.storage === null ? undefined : [...row.storage].sort(),
  }
}

function buildKey(key: IndexRow['keys'][number]): IndexKey {
  return {
    ...(key.expression === null ? { column: key.column ?? '' } : { expression: canonicalExpression(key.expression) }),
    order: key.descending ? 'DESC' : undefined,
    // By default descending keys put nulls first, ascending ones last.
    nulls: key.nullsFirst === key.descending ? undefined : key.nullsFirst ? 'FIRST' : 'LAST',
    collation: key.collation ?? undefined,
    opclass: key.opclass === null ? undefined : key.opclass + parameters(key.parameters ?? []),
  }
}

/** `gist_trgm_ops (siglen='32')` */
function parameters(options: readonly string[]): string {
  if (options.length === 0) return ''
  return ` (${options.map((option) => option.replace(/^([^=]*)=([\s\S]*)$/, (_, name: string, value: string) => `${name}=${text(value)}`)).join(', ')})`
}
