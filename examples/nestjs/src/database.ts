import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { entities } from '@aludel/models'
import type { TypeOrmModuleOptions } from '@nestjs/typeorm'

/** PostgreSQL at DATABASE_URL, or a SQLite file. */
export function databaseOptions(): TypeOrmModuleOptions {
  const url = process.env['DATABASE_URL']
  if (url !== undefined && url !== '') return { type: 'postgres', url, entities }
  const database = process.env['SQLITE_FILE'] ?? 'data/app.db'
  mkdirSync(dirname(database), { recursive: true })
  return { type: 'better-sqlite3', database, entities }
}
