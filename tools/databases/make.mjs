// Makes the databases with which `adopt` is tested: each with the real program, which runs migrations of its own, on SQLite and on
// PostgreSQL where it works with both.
//
// `node tools/databases/make.mjs` makes all of them, `node tools/databases/make.mjs knex alembic` only some. What each needs is in its
// file in `programs`: packages of npm are installed into the cache, those of Debian must be there (`apt-get install …`). PostgreSQL 15
// and its `pg_dump` write the dumps, which newer servers can read: `postgresql-15`, or another in ALUDEL_DATABASES_POSTGRES.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { startPostgres } from '../postgres.mjs'
import { root } from '../lib/process.mjs'
import { dumpPostgres, dumpSqlite } from './dump.mjs'
import { install } from './install.mjs'
import { runnerOf } from './place.mjs'
import { programs } from './programs/index.mjs'
import { addRows } from './rows.mjs'
import pg from 'pg'

const fixtures = join(root, 'packages', 'engine', 'test', 'adopt', 'fixtures')
const wanted = process.argv.slice(2)
const work = mkdtempSync(join(tmpdir(), 'aludel-databases-'))
const server = await startPostgres(process.env['ALUDEL_DATABASES_POSTGRES'] ?? '/usr/lib/postgresql/15')
let failed = 0
mkdirSync(fixtures, { recursive: true })
try {
  for (const program of programs) {
    if (wanted.length > 0 && !wanted.includes(program.name)) continue
    for (const dialect of program.dialects) {
      try {
        await make(program, dialect)
      } catch (error) {
        failed += 1
        console.error(`${program.name} ${dialect}: ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  }
} finally {
  await server.stop()
  rmSync(work, { recursive: true, force: true })
}
process.exitCode = failed === 0 ? 0 : 1

/**
 * @param {import('./place.mjs').Program} program
 * @param {import('./place.mjs').DialectName} dialect
 */
async function make(program, dialect) {
  const folder = mkdtempSync(join(work, `${program.name}-${dialect}-`))
  const libraries = await install(program.name, program.packages)
  const name = `adopt_${program.name.replaceAll(/\W/g, '_')}`
  const target = dialect === 'sqlite' ? join(folder, 'app.db') : new URL(`/${name}`, server.url).href
  if (dialect === 'postgres') await onServer(`DROP DATABASE IF EXISTS ${name}`, `CREATE DATABASE ${name}`)
  const place = { ...runnerOf(folder, libraries), folder, libraries, dialect, target }
  await program.make(place)
  await addRows(place, program.rows)
  const last = program.last(place)
  const dump = dialect === 'sqlite' ? dumpSqlite(target) : dumpPostgres(target)
  writeFileSync(join(fixtures, `${program.name}.${dialect}.sql`), `-- Last: ${last ?? ''}\n${dump}`)
  if (dialect === 'postgres') await onServer(`DROP DATABASE ${name} WITH (FORCE)`)
  console.log(`${program.name} ${dialect}: ${last ?? 'nothing'}, ${dump.length} characters`)
}

/** @param {string[]} statements */
async function onServer(...statements) {
  const client = new pg.Client(server.url)
  await client.connect()
  for (const sql of statements) await client.query(sql)
  await client.end()
}
