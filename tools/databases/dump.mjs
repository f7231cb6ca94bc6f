import { execFileSync } from 'node:child_process'
import Database from 'better-sqlite3'

/**
 * A database as statements that make it again: the text of each object as SQLite keeps it, and the rows.
 *
 * @param {string} path
 */
export function dumpSqlite(path) {
  const database = new Database(path)
  try {
    const quote = (/** @type {string} */ name) => `"${name.replaceAll('"', '""')}"`
    const objects = /** @type {{ type: string, name: string, sql: string }[]} */ (
      database.prepare(`SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid`).all()
    )
    const isOwn = (/** @type {string} */ name) => name.startsWith('sqlite_')
    const tables = objects.filter(({ type }) => type === 'table')
    const rows = tables.flatMap(({ name }) => {
      const columns = /** @type {{ name: string }[]} */ (
        database.prepare(`PRAGMA table_info(${quote(name)})`).all()
      ).map((column) => quote(column.name))
      const values = columns.map((column) => `quote(${column})`).join(` || ', ' || `)
      const found = /** @type {{ row: string }[]} */ (
        database.prepare(`SELECT ${values} AS "row" FROM ${quote(name)}`).all()
      )
      return found.map(({ row }) => `INSERT INTO ${quote(name)} (${columns.join(', ')}) VALUES (${row});`)
    })
    const made = (/** @type {typeof objects} */ some) =>
      some.filter(({ name }) => !isOwn(name)).map(({ sql }) => `${sql};`)
    // SQLite makes `sqlite_sequence` with the first table that needs it.
    const reset = objects.some(({ name }) => name === 'sqlite_sequence') ? ['DELETE FROM sqlite_sequence;'] : []
    const kept = (/** @type {string} */ row) => row.startsWith('INSERT INTO "sqlite_')
    const others = objects.filter(({ type }) => type !== 'table')
    return [
      ...made(tables),
      ...rows.filter((row) => !kept(row)),
      ...reset,
      ...rows.filter(kept),
      ...made(others),
      '',
    ].join('\n')
  } finally {
    database.close()
  }
}

/**
 * What `pg_dump` writes, without what only its own server and `psql` understand.
 *
 * @param {string} url
 */
export function dumpPostgres(url) {
  const text = execFileSync('pg_dump', ['--inserts', '--no-owner', '--no-privileges', '--dbname', url], {
    encoding: 'utf8',
  })
  return text
    .split('\n')
    .filter((line) => !/^(?:\\|--|SET |SELECT pg_catalog\.set_config)/.test(line))
    .join('\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trimStart()
}
