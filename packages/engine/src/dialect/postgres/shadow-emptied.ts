import type { DataSource } from 'typeorm'

/** The first object id of objects that users create: https://www.postgresql.org/docs/current/system-catalog-initial-data.html */
const firstNormalId = 16384

/** Catalogs of objects that may remain after all schemas and extensions are dropped; each has an `oid` and is readable by every role. */
const catalogs = [
  ...['pg_class', 'pg_type', 'pg_proc', 'pg_extension', 'pg_event_trigger', 'pg_publication'],
  ...['pg_language', 'pg_cast', 'pg_transform', 'pg_am', 'pg_operator', 'pg_opclass', 'pg_opfamily', 'pg_collation'],
  ...['pg_conversion', 'pg_ts_config', 'pg_ts_dict', 'pg_ts_parser', 'pg_ts_template', 'pg_statistic_ext'],
  ...['pg_foreign_data_wrapper', 'pg_foreign_server', 'pg_default_acl', 'pg_largeobject_metadata'],
]

/**
 * Drops every extension and schema, and recreates `public`. Fails, and changes nothing, when other objects remain: settings
 * of the database, default privileges, casts, event triggers, large objects. One statement, and so one transaction.
 */
const emptyStatement = `
DO $empty$
DECLARE
  one record;
  public record;
  found boolean;
BEGIN
  SELECT pg_catalog.pg_get_userbyid(nspowner) AS owner, nspacl AS acl, pg_catalog.obj_description(oid, 'pg_namespace') AS comment
    INTO STRICT public FROM pg_catalog.pg_namespace WHERE nspname = 'public';
  FOR one IN SELECT extname AS name FROM pg_catalog.pg_extension WHERE oid >= ${String(firstNormalId)} LOOP
    EXECUTE pg_catalog.format('DROP EXTENSION IF EXISTS %I CASCADE', one.name);
  END LOOP;
  FOR one IN SELECT nspname AS name FROM pg_catalog.pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE pg_catalog.format('DROP SCHEMA %I CASCADE', one.name);
  END LOOP;
  FOR one IN SELECT pg_catalog.unnest(ARRAY[${catalogs.map((name) => `'${name}'`).join(', ')}]) AS name LOOP
    EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM pg_catalog.%I WHERE oid >= ${String(firstNormalId)})', one.name) INTO found;
    IF found THEN RAISE EXCEPTION '% is not empty', one.name; END IF;
  END LOOP;
  -- Schemas for temporary tables stay, and are nobody's.
  IF EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE oid >= ${String(firstNormalId)} AND nspname !~ '^pg_(toast_)?temp_')
  THEN RAISE EXCEPTION 'pg_namespace is not empty'; END IF;
  IF EXISTS (SELECT FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
      WHERE d.datname = pg_catalog.current_database())
    OR EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database() AND datacl IS NOT NULL)
  THEN RAISE EXCEPTION 'the database has settings'; END IF;
  EXECUTE pg_catalog.format('CREATE SCHEMA public AUTHORIZATION %I', public.owner);
  FOR one IN SELECT privilege_type AS privilege FROM pg_catalog.aclexplode(public.acl) WHERE grantee = 0 LOOP
    EXECUTE pg_catalog.format('GRANT %s ON SCHEMA public TO PUBLIC', one.privilege);
  END LOOP;
  IF public.comment IS NOT NULL THEN EXECUTE pg_catalog.format('COMMENT ON SCHEMA public IS %L', public.comment); END IF;
END
$empty$`

/** The members of a `pg` pool that are used here. */
interface Pool {
  readonly totalCount: number
  readonly idleCount: number
}

/**
 * Empties a shadow database and its sessions, as if both were new. Creating a database, connecting to it and reading its
 * catalogs for the first time takes the server four times as long.
 *
 * @returns false when it cannot be emptied completely, and must be dropped. Never throws
 */
export async function empty(dataSource: DataSource): Promise<boolean> {
  try {
    const { master: pool } = dataSource.driver as unknown as { readonly master: Pool }
    // Some session is still in use.
    if (pool.idleCount !== pool.totalCount) return false
    const runners = Array.from({ length: pool.totalCount }, () => dataSource.createQueryRunner())
    try {
      // All at once, or the pool would hand out one session several times.
      await Promise.all(runners.map((runner) => runner.connect()))
      // Resets settings, temporary tables, plans and locks; fails inside a transaction that was left open.
      for (const runner of runners) await runner.query('DISCARD ALL')
      const [first] = runners
      if (first === undefined) return false
      await first.query('SET client_min_messages = error')
      await first.query(emptyStatement)
      await first.query('RESET client_min_messages')
    } finally {
      for (const runner of runners) await runner.release()
    }
    // As after connecting: TypeORM creates the extensions that the entities require.
    await dataSource.driver.afterConnect()
    return true
  } catch {
    return false
  }
}
