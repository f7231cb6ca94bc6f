import { readFileSync } from 'node:fs'
import path from 'node:path'

import { findPackage, type ProjectDefaults } from '@aludel/engine'
import type { DataSourceOptions } from 'typeorm'

import { connect } from './connect'
import { requirePackage } from './packages'

const setting = 'the configuration with "shipped": true'

/**
 * The shipped entities and their revisions, for configurations that say `shipped: true`. Their packages are optional.
 *
 * @param cwd the lock file from here upwards tells which package manager a message names
 */
export function projectDefaults(cwd: string): ProjectDefaults {
  const legacy = hasOnlySqlite3()
  return {
    async shipped() {
      requirePackage('@aludel/migrations', setting, cwd)
      // import() would start the loader of ES modules, and this is none.
      // eslint-disable-next-line @typescript-eslint/no-require-imports
      const { revisionsDirectory } = require('@aludel/migrations') as typeof import('@aludel/migrations')
      return Promise.resolve({ revisions: revisionsDirectory, dialects: ['sqlite', 'postgres'] } as const)
    },
    // Made for the drivers of TypeORM 1.
    connect: legacy ? undefined : connect,
    async createDataSource(connection, entities) {
      const { DataSource } = await import('typeorm')
      const type = legacy && connection.type === 'better-sqlite3' ? 'sqlite' : connection.type
      const options = { ...connection, type, entities: [...(entities ?? (await shippedEntities()))] }
      return new DataSource(options as DataSourceOptions)
    },
  }

  async function shippedEntities() {
    requirePackage('@aludel/models', setting, cwd)
    return (await import('@aludel/models')).entities
  }
}

/** A SQLite URL names no driver. TypeORM 0.3 also takes `sqlite3`, which projects have instead of `better-sqlite3`. */
function hasOnlySqlite3(): boolean {
  const has = (name: string): boolean => findPackage(name, __dirname) !== undefined
  return !has('better-sqlite3') && has('sqlite3') && versionOf('typeorm').startsWith('0.')
}

function versionOf(name: string): string {
  const directory = findPackage(name, __dirname)
  if (directory === undefined) return ''
  // It is not exported everywhere, so that `require` would not find it.
  const { version } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8')) as { version: string }
  return version
}
