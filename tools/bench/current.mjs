import { execFileSync } from 'node:child_process'
import { createPostgres, createSqlite } from './databases.mjs'
import { aludel, selectOne, typeorm, writeDataSource } from './programs.mjs'
import { join } from 'node:path'
import { root } from '../lib/process.mjs'

/**
 * `aludel migrate current` on a database of the shipped entities, at head: the cost of a command that only reads.
 *
 * @param {string} folder
 * @param {string} server
 * @returns {Promise<import('./measure.mjs').Scenario[]>}
 */
export async function current(folder, server) {
  const databases = [
    { dialect: 'SQLite', database: await createSqlite(folder) },
    { dialect: 'PostgreSQL', database: await createPostgres(server) },
  ]
  return databases.map(({ dialect, database }) => {
    const { command, args } = aludel('db', 'init', '--quiet', '--database-url', database.url)
    execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
    const migrations = JSON.stringify(join(root, 'packages', 'migrations', 'dist', 'revisions', '*.js'))
    const options = JSON.stringify(database.options).replace(/}$/, `, "migrations": [${migrations}] }`)
    const dataSource = writeDataSource(folder, `${dialect}.cjs`, options)
    const target = 'database' in database.options ? String(database.options.database) : database.url
    return {
      name: `current, ${dialect}`,
      close: database.drop,
      ours: {
        name: 'aludel migrate current',
        prepare: async () => aludel('migrate', 'current', '--database-url', database.url),
      },
      peers: [
        { name: 'a bare Node script: connect, select 1', prepare: async () => selectOne(target) },
        { name: 'typeorm migration:show', prepare: async () => typeorm('migration:show', '-d', dataSource) },
      ],
    }
  })
}
