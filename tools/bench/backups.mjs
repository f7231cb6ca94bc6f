import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { bundledServer, matchingServer, toolsMajor } from '../lib/older-servers.mjs'
import { onCopies } from './databases.mjs'
import { finish } from './measure.mjs'
import { aludelIn, versionOf } from './programs.mjs'
import { writeProject } from './projects.mjs'

/** @typedef {import('./databases.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('./databases.mjs').Place} Place */
/** @typedef {import('./measure.mjs').Command} Command */
/** @typedef {import('./measure.mjs').Contest} Contest */
/** @typedef {import('./measure.mjs').Scenario} Scenario */
/** @typedef {import('./setting.mjs').Setting} Setting */

/** Ours includes what theirs does not: the backup is read again completely, and its rows are counted and compared. */
const goal = 1.1

/**
 * Backups that are verified, against the bare programs of the databases.
 *
 * @param {Setting} setting
 * @returns {Scenario[]}
 */
export function backups(setting) {
  const rows = setting.sizes.rows.toLocaleString('en-US')
  const [sqlite, postgres] = [onSqlite(setting), onPostgres(setting)]
  return [
    { name: `verified backup of ${rows} rows, SQLite`, open: () => create(setting, sqlite) },
    { name: `verified restore of ${rows} rows, SQLite`, open: () => restore(setting, sqlite) },
    { name: `verified backup of ${rows} rows, PostgreSQL`, open: () => create(setting, postgres) },
    { name: `verified restore of ${rows} rows, PostgreSQL`, open: () => restore(setting, postgres) },
  ]
}

/**
 * @typedef {object} Kind
 * @property {() => Promise<Place>} place
 * @property {'sqlite' | 'postgres'} dialect
 * @property {(rows: number) => string} fill the statements that create and fill the table
 * @property {string} [missing] why the programs cannot run here
 * @property {string} backUp the name of the bare program
 * @property {string} putBack
 * @property {(database: BenchDatabase, file: string) => Command} dump
 * @property {(database: BenchDatabase, file: string) => Command} load
 */

/**
 * @param {Setting} setting
 * @returns {Kind}
 */
const onSqlite = (setting) => ({
  dialect: 'sqlite',
  place: async () => setting.sqlite,
  fill: (
    rows,
  ) => `CREATE TABLE "big" ("id" integer PRIMARY KEY, "name" varchar(100) NOT NULL, "amount" integer, "note" text);
    INSERT INTO "big" ("id", "name", "amount", "note")
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows})
    SELECT n, 'name of ' || n, n % 1000, 'a note that is somewhat longer than the name: ' || n FROM numbers;
    CREATE INDEX "ix_big_name" ON "big" ("name")`,
  ...(versionOf('sqlite3') === null && { missing: 'no sqlite3 here' }),
  backUp: 'sqlite3 .backup',
  putBack: 'cp',
  dump: ({ target }, file) => ({ command: 'sqlite3', args: ['-batch', '-bail', target, `.backup ${file}`] }),
  load: ({ target }, file) => ({ command: 'cp', args: [file, target] }),
})

/**
 * @param {Setting} setting
 * @returns {Kind}
 */
const onPostgres = (setting) => ({
  dialect: 'postgres',
  place: () => setting.postgres('matching'),
  fill: (
    rows,
  ) => `CREATE TABLE "big" ("id" integer PRIMARY KEY, "name" varchar(100) NOT NULL, "amount" integer, "note" text);
    INSERT INTO "big" ("id", "name", "amount", "note")
    SELECT n, 'name of ' || n, n % 1000, 'a note that is somewhat longer than the name: ' || n FROM generate_series(1, ${rows}) AS numbers(n);
    CREATE INDEX "ix_big_name" ON "big" ("name")`,
  ...missingTools(setting),
  backUp: `pg_dump -Fc ${String(toolsMajor() ?? '')}`.trim(),
  putBack: `pg_restore ${String(toolsMajor() ?? '')}`.trim(),
  dump: ({ target }, file) => ({ command: 'pg_dump', args: ['-Fc', '--no-password', '-f', file, '-d', target] }),
  load: ({ target }, file) => {
    const url = new URL(target)
    const name = `bench_${randomBytes(6).toString('hex')}`
    const fresh = new URL(target)
    fresh.pathname = `/${name}`
    // What somebody does who puts the restored database in the place of the old one.
    const script = `psql -qXd "$1" -c 'CREATE DATABASE ${name}' && pg_restore --no-password -d "$2" "$3" && psql -qXd "$1" -c 'DROP DATABASE "${url.pathname.slice(1)}"' -c 'ALTER DATABASE ${name} RENAME TO "${url.pathname.slice(1)}"'`
    url.pathname = '/postgres'
    return { command: 'sh', args: ['-c', script, 'sh', url.href, fresh.href, file] }
  },
})

/**
 * @param {Setting} setting
 * @returns {{ missing?: string }}
 */
function missingTools({ install }) {
  const major = matchingServer()
  if (major === undefined || versionOf('psql') === null) return { missing: 'no pg_dump here' }
  return major === bundledServer || install ? {} : { missing: 'not installed with --quick' }
}

/**
 * A database with the table, and a project for it.
 *
 * @param {Setting} setting
 * @param {Kind} kind
 */
async function opened(setting, kind) {
  const { rows } = setting.sizes
  const place = await kind.place()
  const project = writeProject(setting.folder('backups'), kind.dialect)
  const template = await place.create()
  setting.say(`a ${place.title} table of ${rows.toLocaleString('en-US')} rows`)
  await template.execute(kind.fill(rows))
  await template.execute(kind.dialect === 'sqlite' ? 'ANALYZE' : 'VACUUM ANALYZE')
  return { place, project, template, rows }
}

/**
 * @param {string} scenario
 * @param {Kind} kind
 * @param {string} name
 * @returns {Contest}
 */
function skipped(scenario, { missing = '' }, name) {
  return {
    ours: { name: scenario, prepare: async () => ({ command: 'true', args: [] }) },
    peers: [{ name, skipped: missing, goal }],
  }
}

/**
 * @param {Setting} setting
 * @param {Kind} kind
 * @returns {Promise<Contest>}
 */
async function create(setting, kind) {
  const ours = 'aludel backup create'
  if (kind.missing !== undefined) return skipped(ours, kind, kind.backUp)
  const { project, template } = await opened(setting, kind)
  const into = (/** @type {(folder: string) => Command} */ command) => async () => {
    const folder = join(project.folder, randomBytes(6).toString('hex'))
    mkdirSync(folder)
    const check = async () => {
      if (readdirSync(folder).length === 0) throw new Error('it wrote no file')
    }
    return { ...command(folder), check, clean: async () => rmSync(folder, { recursive: true }) }
  }
  return {
    ours: {
      name: ours,
      prepare: into((folder) => aludelIn(project, template, 'backup', 'create', '--directory', folder)),
    },
    peers: [{ name: kind.backUp, goal, prepare: into((folder) => kind.dump(template, join(folder, 'backup'))) }],
    close: template.drop,
  }
}

/**
 * @param {Setting} setting
 * @param {Kind} kind
 * @returns {Promise<Contest>}
 */
async function restore(setting, kind) {
  const ours = 'aludel backup restore --drop-old'
  if (kind.missing !== undefined) return skipped(ours, kind, kind.putBack)
  const { place, project, template, rows } = await opened(setting, kind)
  const { stdout } = await finish('aludel backup create', aludelIn(project, template, 'backup', 'create', '--json'))
  /** @type {{ id: string, path: string }} */
  const { id, path } = JSON.parse(stdout)
  const onCopy = onCopies(() => place.create(template), 'big', rows)
  return {
    ours: {
      name: ours,
      prepare: onCopy((database) =>
        aludelIn(project, database, 'backup', 'restore', id, '--yes', '--drop-old', '--disconnect'),
      ),
    },
    peers: [{ name: kind.putBack, goal, prepare: onCopy((database) => kind.load(database, path)) }],
    close: template.drop,
  }
}
