import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { finish } from './measure.mjs'
import { once } from './once.mjs'
import { installed } from './peers.mjs'
import { aludelIn, shellPeer, typeormIn, versionOf } from './programs.mjs'
import {
  smallSteps,
  variable,
  writeAlembicFiles,
  writeDbmateFiles,
  writeNodePgMigrateFiles,
  writeProject,
  writeRevisions,
} from './projects.mjs'
import { openSlowProxy } from './slow-proxy.mjs'

/** @typedef {import('./databases.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('./databases.mjs').Place} Place */
/** @typedef {import('./measure.mjs').Command} Command */
/** @typedef {import('./measure.mjs').Scenario} Scenario */
/** @typedef {import('./projects.mjs').Project} Project */
/** @typedef {import('./setting.mjs').Setting} Setting */

/**
 * `aludel migrate upgrade` of many small revisions on an empty database, one transaction for each: the overhead of the tool
 * over the work of the database.
 *
 * @param {Setting} setting
 * @returns {Scenario[]}
 */
export function upgrade(setting) {
  const count = setting.sizes.revisions
  const figure = `upgrade of ${count.toLocaleString('en-US')}`
  const steps = smallSteps(count)
  return [
    {
      name: `${figure}, SQLite`,
      open: () => contest(setting, setting.sqlite, steps, 1.25),
    },
    {
      name: `${figure}, PostgreSQL, fsync on`,
      open: async () => contest(setting, await setting.postgres('durable'), steps, 1.25),
    },
    {
      name: `${figure}, PostgreSQL, fsync off`,
      open: async () => contest(setting, await setting.postgres('fast'), steps, 2),
    },
    {
      name: `${figure}, PostgreSQL, 1 ms each way, round trips`,
      open: async () => slowContest(setting, await setting.postgres('fast'), steps),
    },
  ]
}

/** @typedef {readonly { up: string, down: string }[]} Steps */

/**
 * @param {Setting} setting
 * @param {Place} place
 * @param {Steps} steps
 * @param {number} goal
 * @returns {Promise<import('./measure.mjs').Contest>}
 */
async function contest(setting, place, steps, goal) {
  const { dialect } = place
  const project = writeUpgrade(setting, dialect, steps)
  const file = join(project.folder, 'upgrade.sql')
  writeFileSync(file, (await offline(place, project)).join('\n') + '\n')
  return {
    ours: {
      name: 'aludel migrate upgrade',
      prepare: onEmpty(place, steps, 'migrations', (database) => aludelIn(project, database, 'migrate', 'upgrade')),
    },
    peers: [
      shellPeer(dialect, 'the SQL of upgrade --sql', { goal }, (run) =>
        onEmpty(place, steps, 'migrations', (database) => run(database, file)),
      ),
      {
        name: 'typeorm migration:run --transaction each',
        goal: 1,
        prepare: onEmpty(place, steps, 'migrations', (database) =>
          typeormIn(project, database, 'migration:run', '--transaction', 'each'),
        ),
      },
      await dbmate(setting, place, steps),
      ...(dialect === 'postgres' ? [await nodePgMigrate(setting, place, steps)] : []),
      await alembic(setting, place, steps),
    ],
  }
}

/**
 * The same over a network on which each way takes 1 ms. `psql` sends each revision, from BEGIN to COMMIT, as one request.
 *
 * @param {Setting} setting
 * @param {Place} place
 * @param {Steps} steps
 * @returns {Promise<import('./measure.mjs').Contest>}
 */
async function slowContest(setting, place, steps) {
  const project = writeUpgrade(setting, 'postgres', steps)
  const file = join(project.folder, 'upgrade.sql')
  writeFileSync(file, requests(await offline(place, project)).join('\n') + '\n')
  const proxy = await openSlowProxy(await setting.server('fast'), 1)
  /** @type {Place} */
  const slow = {
    ...place,
    create: async () => {
      const database = await place.create()
      return { ...database, target: proxy.through(database.target) }
    },
  }
  /** @param {(database: BenchDatabase) => Command} command */
  const counting = (command) =>
    onEmpty(slow, steps, 'migrations', (database) => {
      proxy.takeTrips()
      return { ...command(database), collect: () => ({ trips: proxy.takeTrips() }) }
    })
  // What a run costs beside its revisions: a run of the first one, less what each one costs.
  const first = await slow.create()
  await finish('aludel migrate upgrade +1', aludelIn(project, first, 'migrate', 'upgrade', '+1'))
  const tripsOfFirst = proxy.takeTrips()
  await first.drop()
  // To one decimal: what is asked once a second, however many revisions run, is no cost of a revision.
  const perRevision = (/** @type {number} */ trips) =>
    Math.round(((trips - tripsOfFirst) / (steps.length - 1)) * 10) / 10
  const ours = counting((database) => aludelIn(project, database, 'migrate', 'upgrade'))
  return {
    ours: {
      name: 'aludel migrate upgrade',
      prepare: async () => {
        const command = await ours()
        return { ...command, collect: () => ({ trips: perRevision(proxy.takeTrips()) }) }
      },
    },
    peers: [
      shellPeer('postgres', 'one request a revision', {}, (run) => counting((database) => run(database, file))),
      {
        name: 'typeorm migration:run --transaction each',
        prepare: counting((database) => typeormIn(project, database, 'migration:run', '--transaction', 'each')),
      },
    ],
    limits: [{ figure: 'round trips for each revision, PostgreSQL', against: 'three', measure: 'trips', goal: 3 }],
    close: async () => proxy.close(),
  }
}

/**
 * @param {Setting} setting
 * @param {'sqlite' | 'postgres'} dialect
 * @param {Steps} steps
 */
function writeUpgrade(setting, dialect, steps) {
  const project = writeProject(setting.folder('upgrade'), dialect)
  writeRevisions(project.revisions, steps)
  return project
}

/**
 * @param {Place} place
 * @param {Project} project
 * @returns {Promise<string[]>} the statements of `upgrade --sql`
 */
async function offline(place, project) {
  const empty = await place.create()
  const { stdout } = await finish(
    'aludel migrate upgrade --sql',
    aludelIn(project, empty, 'migrate', 'upgrade', '--sql', '--json'),
  )
  await empty.drop()
  return JSON.parse(stdout).statements
}

/**
 * Joins the statements of each transaction to one request: https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-META-COMMAND-SEMICOLON
 *
 * @param {readonly string[]} statements
 */
function requests(statements) {
  let inside = false
  return statements.map((statement) => {
    if (statement === 'BEGIN;') inside = true
    if (statement === 'COMMIT;') inside = false
    return inside ? statement.replace(/;$/, '\\;') : statement
  })
}

/**
 * @param {Place} place
 * @param {Steps} steps
 * @param {string} history the table with a row for each applied revision
 * @param {(database: BenchDatabase) => Command} command
 */
export const onEmpty = (place, steps, history, command) => async () => {
  const database = await place.create()
  const check = async () => {
    const applied = Number(await database.scalar(`SELECT count(*) FROM "${history}"`))
    if (applied !== steps.length) throw new Error(`${applied} of ${steps.length} revisions were applied`)
  }
  return { ...command(database), check, clean: database.drop }
}

/**
 * @param {Setting} setting
 * @param {Place} place
 * @param {Steps} steps
 */
async function dbmate(setting, place, steps) {
  const peer = { name: 'dbmate up', goal: 1 }
  return installed(setting, peer, 'dbmate', async (folder) => {
    const files = setting.folder('dbmate')
    writeDbmateFiles(files, steps)
    const args = ['--migrations-dir', files, '--no-dump-schema']
    return {
      ...peer,
      prepare: onEmpty(place, steps, 'schema_migrations', ({ target }) => ({
        command: join(folder, 'node_modules', '.bin', 'dbmate'),
        args: ['--url', place.dialect === 'sqlite' ? `sqlite:${target}` : `${target}?sslmode=disable`, ...args, 'up'],
      })),
    }
  })
}

/**
 * @param {Setting} setting
 * @param {Place} place
 * @param {Steps} steps
 */
async function nodePgMigrate(setting, place, steps) {
  const peer = { name: 'node-pg-migrate up --no-single-transaction', goal: 1 }
  return installed(setting, peer, 'node-pg-migrate', async (folder) => {
    const files = setting.folder('node-pg-migrate')
    writeNodePgMigrateFiles(files, steps)
    return {
      ...peer,
      prepare: onEmpty(place, steps, 'pgmigrations', ({ target }) => ({
        command: process.execPath,
        args: [
          join(folder, 'node_modules', 'node-pg-migrate', 'bin', 'node-pg-migrate.js'),
          'up',
          '-m',
          files,
          '--no-single-transaction',
        ],
        env: { DATABASE_URL: target },
      })),
    }
  })
}

/** Whether Alembic can be started: asked once, because Python takes its time. */
const alembicVersion = once(async () => versionOf('alembic'))

/**
 * @param {Setting} setting
 * @param {Place} place
 * @param {Steps} steps
 * @returns {Promise<import('./measure.mjs').Peer | import('./measure.mjs').SkippedPeer>}
 */
async function alembic(setting, place, steps) {
  const name = 'alembic upgrade head'
  if ((await alembicVersion()) === null) return { name, skipped: 'no alembic here' }
  const files = setting.folder('alembic')
  writeAlembicFiles(files, steps)
  return {
    name,
    prepare: async () => {
      const database = await place.create()
      const check = async () => {
        const last = Number(`0x${String(await database.scalar('SELECT version_num FROM alembic_version'))}`)
        if (last !== steps.length) throw new Error(`${last} of ${steps.length} revisions were applied`)
      }
      const url =
        place.dialect === 'sqlite'
          ? `sqlite:///${database.target}`
          : database.target.replace(/^postgres:/, 'postgresql:')
      return {
        command: 'alembic',
        args: ['-c', join(files, 'alembic.ini'), 'upgrade', 'head'],
        env: { [variable]: url },
        check,
        clean: database.drop,
      }
    },
  }
}
