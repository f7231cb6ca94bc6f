import { randomBytes } from 'node:crypto'
import { copyFileSync, openSync, fsyncSync, closeSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import pg from 'pg'

/**
 * A database for a program.
 *
 * @typedef {object} BenchDatabase
 * @property {string} url for the command line
 * @property {string} target for the shell of the database, and in {@link import('./projects.mjs').variable}: a URL or a file
 * @property {(sql: string) => Promise<unknown>} scalar returns the first value of the first row
 * @property {(sql: string) => Promise<void>} execute runs a script
 * @property {() => Promise<void>} drop
 */

/**
 * A kind of database to measure on.
 *
 * @typedef {object} Place
 * @property {'sqlite' | 'postgres'} dialect
 * @property {string} title
 * @property {(template?: BenchDatabase) => Promise<BenchDatabase>} create a database that is empty, or a copy
 */

/**
 * @param {string} folder
 * @returns {Place}
 */
export function sqlitePlace(folder) {
  return { dialect: 'sqlite', title: 'SQLite', create: async (template) => createSqlite(folder, template) }
}

/**
 * @param {string} server URL of a superuser
 * @param {string} [title]
 * @returns {Place}
 */
export function postgresPlace(server, title = 'PostgreSQL') {
  return { dialect: 'postgres', title, create: (template) => createPostgres(server, template) }
}

/**
 * @param {string} folder
 * @param {BenchDatabase} [template]
 * @returns {BenchDatabase}
 */
function createSqlite(folder, template) {
  const file = join(folder, `${randomBytes(6).toString('hex')}.db`)
  if (template) {
    copyFileSync(template.target, file)
    // What is not yet on disk would be written while a program is measured.
    const descriptor = openSync(file, 'r+')
    fsyncSync(descriptor)
    closeSync(descriptor)
  }
  /** @template T @param {(database: Database.Database) => T} work */
  const open = (work) => {
    const database = new Database(file)
    try {
      return work(database)
    } finally {
      database.close()
    }
  }
  return {
    url: `sqlite:///${file}`,
    target: file,
    scalar: async (sql) => open((database) => database.prepare(sql).pluck().get()),
    execute: async (sql) => void open((database) => database.exec(sql)),
    drop: async () =>
      ['', '-wal', '-shm', '-journal', '.aludel-lock'].forEach((end) => rmSync(file + end, { force: true })),
  }
}

/**
 * @param {string} server URL of a superuser
 * @param {BenchDatabase} [template] nobody may be connected to it
 * @returns {Promise<BenchDatabase>}
 */
async function createPostgres(server, template) {
  const name = `bench_${randomBytes(6).toString('hex')}`
  const source = template === undefined ? '' : ` TEMPLATE "${new URL(template.url).pathname.slice(1)}"`
  await query(server, `CREATE DATABASE "${name}"${source}`)
  const url = new URL(server)
  url.pathname = '/' + name
  return {
    url: url.href,
    target: url.href,
    scalar: (sql) => query(url.href, sql),
    execute: async (sql) => void (await query(url.href, sql)),
    drop: async () => void (await query(server, `DROP DATABASE "${name}" WITH (FORCE)`)),
  }
}

/**
 * Gives each command a database of its own, which must have this many rows in a table afterwards.
 *
 * @param {() => Promise<BenchDatabase>} create
 * @param {string} table
 * @param {number} rows
 * @returns {(command: (database: BenchDatabase) => import('./measure.mjs').Command) => () => Promise<import('./measure.mjs').Command>}
 */
export const onCopies = (create, table, rows) => (command) => async () => {
  const database = await create()
  const check = async () => {
    const found = Number(await database.scalar(`SELECT count(*) FROM "${table}"`))
    if (found !== rows) throw new Error(`${table} has ${found} rows instead of ${rows}`)
  }
  return { ...command(database), check, clean: database.drop }
}

/**
 * @param {string} url
 * @param {string} sql
 * @returns {Promise<unknown>} the first value of the first row
 */
export async function query(url, sql) {
  const client = new pg.Client(url)
  await client.connect()
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' })
    return rows?.[0]?.[0]
  } finally {
    await client.end()
  }
}
