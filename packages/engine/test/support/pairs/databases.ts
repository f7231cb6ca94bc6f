import { randomBytes } from 'node:crypto'

import { DataSource, type DataSourceOptions } from 'typeorm'

import { dropPostgres, sqliteOptions } from '../../../../../tools/testing/databases'
import type { DialectName } from '../../../src/dialect/dialect'

/** Two databases, used again for one pair after the other. */
export interface PairDatabases {
  /** A DataSource on the one or the other, with nothing in it. */
  open(side: 'live' | 'wanted', entities: readonly (new () => object)[]): Promise<DataSource>
  close(): Promise<void>
}

/** @param serverUrl of a PostgreSQL superuser; SQLite needs none */
export async function pairDatabases(dialect: DialectName, serverUrl?: string): Promise<PairDatabases> {
  return dialect === 'sqlite' ? sqliteDatabases() : postgresDatabases(serverUrl)
}

function sqliteDatabases(): PairDatabases {
  return {
    open: async (_side, entities) =>
      new DataSource({ ...sqliteOptions(':memory:'), entities: [...entities] } as DataSourceOptions).initialize(),
    close: () => Promise.resolve(),
  }
}

async function postgresDatabases(serverUrl: string | undefined): Promise<PairDatabases> {
  if (serverUrl === undefined) throw new Error('PostgreSQL pairs need the URL of a server')
  const admin = await new DataSource({ type: 'postgres', url: serverUrl, poolSize: 1 }).initialize()
  const prefix = `aludel_pairs_${String(process.pid)}_${randomBytes(4).toString('hex')}`
  const urls = new Map<string, string>()
  for (const side of ['live', 'wanted']) {
    await admin.query(`CREATE DATABASE "${prefix}_${side}"`)
    // Nothing here survives the run, so nothing needs to reach the disk; and no catalog is large enough to be compiled for.
    for (const setting of ['synchronous_commit', 'jit'])
      await admin.query(`ALTER DATABASE "${prefix}_${side}" SET ${setting} = off`)
    const url = new URL(serverUrl)
    url.pathname = `/${prefix}_${side}`
    urls.set(side, url.href)
  }
  return {
    open: async (side, entities) => {
      const options = {
        type: 'postgres',
        url: urls.get(side),
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
      for (const side of urls.keys()) await dropPostgres(`${prefix}_${side}`, (sql) => admin.query(sql))
      await admin.destroy()
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
