import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { entities } from '@aludel/models'
import { DataSource } from 'typeorm'

const { env } = process

/** Where the application listens. In a container, HOST is 0.0.0.0. */
export const address = { host: env['HOST'] ?? '127.0.0.1', port: Number(env['PORT'] ?? 3000) }

/** `MIGRATE=false` where something else migrates, for example a job of the deployment. */
export const migrate = env['MIGRATE'] !== 'false'

/** PostgreSQL at DATABASE_URL, or a SQLite file. */
export function createDataSource(): DataSource {
  const url = env['DATABASE_URL']
  if (url !== undefined && url !== '') return new DataSource({ type: 'postgres', url, entities })
  const database = env['SQLITE_FILE'] ?? 'data/app.db'
  mkdirSync(dirname(database), { recursive: true })
  return new DataSource({ type: 'better-sqlite3', database, entities })
}
