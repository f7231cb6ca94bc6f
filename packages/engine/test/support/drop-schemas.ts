import type { Queryable } from '../../src/dialect/queryable'

/** Drops everything in a PostgreSQL database and creates an empty schema `public`, which is faster than creating a database. */
export async function dropSchemas(database: Queryable): Promise<void> {
  const rows = (await database.query(
    `SELECT quote_ident(nspname) AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`,
  )) as { name: string }[]
  const statements = [...rows.map(({ name }) => `DROP SCHEMA ${name} CASCADE`), 'CREATE SCHEMA "public"']
  await database.query(statements.join(';'))
}
