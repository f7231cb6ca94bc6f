import { DataSource, type DataSourceOptions } from 'typeorm'

import { makeDatabase, sqliteOptions } from '../../../../../tools/testing/databases'
import type { DialectName } from '../../../src/dialect/registry'

/** Two databases, used again for one pair after the other. */
export interface PairDatabases {
  /** A DataSource on the one or the other, with nothing in it. */
  open(side: 'live' | 'wanted', entities: readonly (new () => object)[]): Promise<DataSource>
  close(): Promise<void>
}

/** On PostgreSQL, of the server that ALUDEL_TEST_POSTGRES_URL names. */
export async function pairDatabases(dialect: DialectName): Promise<PairDatabases> {
  return dialect === 'sqlite' ? sqliteDatabases() : postgresDatabases()
}

function sqliteDatabases(): PairDatabases {
  return {
    open: async (_side, entities) =>
      new DataSource({ ...sqliteOptions(':memory:'), entities: [...entities] } as DataSourceOptions).initialize(),
    close: () => Promise.resolve(),
  }
}

async function postgresDatabases(): Promise<PairDatabases> {
  const made = { live: await makeDatabase('postgres'), wanted: await makeDatabase('postgres') }
  return {
    open: async (side, entities) => {
      const options = {
        type: 'postgres',
        url: made[side].url,
        poolSize: 1,
        entities: [...entities],
        uuidExtension: 'pgcrypto',
        installExtensions: false,
      } as DataSourceOptions
      const dataSource = await new DataSource(options).initialize()
      await empty(dataSource)
      return dataSource
    },
    close: async () => {
      for (const database of Object.values(made)) await database.drop()
    },
  }
}

/** Everything out but an empty `public`; the schemas that entities ask for are made, for TypeORM does not. */
async function empty(dataSource: DataSource): Promise<void> {
  const rows = await dataSource.query<{ name: string }[]>(
    `SELECT quote_ident(nspname) AS name FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'`,
  )
  const wanted = new Set(dataSource.entityMetadatas.flatMap(({ schema }) => schema ?? []))
  const statements = [
    ...rows.map(({ name }) => `DROP SCHEMA ${name} CASCADE`),
    'CREATE SCHEMA "public"',
    ...[...wanted].map((name) => `CREATE SCHEMA "${name}"`),
  ]
  await dataSource.query(statements.join(';'))
}
