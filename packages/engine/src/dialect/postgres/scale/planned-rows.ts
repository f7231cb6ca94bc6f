import type { Queryable } from '../../queryable'

/**
 * SQL that sets with how many rows of a table the planner reckons: parameters are its schema (null: the current one), its name and the
 * number. From PostgreSQL 18 on there is a function for that,
 * https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-ADMIN-STATSMOD; before it, only a superuser can. Null: this role cannot.
 */
export async function howToSetRows(database: Queryable): Promise<string | null> {
  const [row] = (await database.query(
    `SELECT current_setting('server_version_num')::integer >= 180000 AS restores, current_setting('is_superuser') = 'on' AS may`,
  )) as { restores: boolean; may: boolean }[]
  if (row?.restores === true)
    return `SELECT pg_restore_relation_stats('schemaname', coalesce($1::text, current_schema()), 'relname', $2::text, 'reltuples', $3::real)`
  if (row?.may !== true) return null
  return `UPDATE pg_catalog.pg_class c SET reltuples = $3::real FROM pg_catalog.pg_namespace n
    WHERE n.oid = c.relnamespace AND n.nspname = coalesce($1::text, current_schema()) AND c.relname = $2::text`
}
