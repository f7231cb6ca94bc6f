import { DataSource, type DataSourceOptions } from 'typeorm'

import { makeDatabase, sqliteOptions } from '../../../../../tools/testing/databases'
import type { DialectName } from '../../../src/dialect/registry'
import { dropSchemas } from '../drop-schemas'

/** Two databases that are reused for each pair. */
export interface PairDatabases {
  /** Empties one of the databases, and returns an initialized DataSource on it. */
  open(side: 'live' | 'wanted', entities: readonly (new () => object)[]): Promise<DataSource>
  close(): Promise<void>
}

/** Creates two databases. Those of PostgreSQL are on the server of ALUDEL_TEST_POSTGRES_URL. */
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
      await dropSchemas(dataSource)
      await createSchemas(dataSource)
      return dataSource
    },
    close: async () => {
      for (const database of Object.values(made)) await database.drop()
    },
  }
}

/** Creates the schemas of the entities, which TypeORM does not. */
async function createSchemas(dataSource: DataSource): Promise<void> {
  const names = new Set(dataSource.entityMetadatas.flatMap(({ schema }) => schema ?? []))
  if (names.size > 0) await dataSource.query([...names].map((name) => `CREATE SCHEMA "${name}"`).join(';'))
}
