import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'

/**
 * A database for a program, empty at first.
 *
 * @typedef {object} BenchDatabase
 * @property {string} url for the command line
 * @property {import('typeorm').DataSourceOptions} options for TypeORM
 * @property {(sql: string) => Promise<unknown>} scalar returns the first value of the first row
 * @property {() => Promise<void>} drop
 */

/**
 * @param {string} folder
 * @returns {Promise<BenchDatabase>}
 */
export async function createSqlite(folder) {
  const file = join(folder, `${randomBytes(6).toString('hex')}.db`)
  return {
    url: `sqlite:///${file}`,
    options: { type: 'better-sqlite3', database: file },
    scalar: async (sql) => {
      const database = new Database(file)
      try {
        return database.prepare(sql).pluck().get()
      } finally {
        database.close()
      }
    },
    drop: async () =>
      ['', '-wal', '-shm', '-journal', '.aludel-lock'].forEach((end) => rmSync(file + end, { force: true })),
  }
}

/**
 * @param {string} server URL of a superuser
 * @returns {Promise<BenchDatabase>}
 */
export async function createPostgres(server) {
  const name = `bench_${randomBytes(6).toString('hex')}`
  await query(server, `CREATE DATABASE "${name}"`)
  const url = new URL(server)
  url.pathname = '/' + name
  return {
    url: url.href,
    options: { type: 'postgres', url: url.href },
    scalar: (sql) => query(url.href, sql),
    drop: async () => void (await query(server, `DROP DATABASE "${name}" WITH (FORCE)`)),
  }
}

/**
 * @param {string} url
 * @param {string} sql
 * @returns {Promise<unknown>} the first value of the first row
 */
async function query(url, sql) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' })
    return rows[0]?.[0]
  } finally {
    await client.end()
  }
}
