import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { finish } from './measure.mjs'
import { once } from './once.mjs'
import { aludel, aludelIn, script, selectOne, typeormIn } from './programs.mjs'
import { smallSteps, variable, writeProject, writeRevisions } from './projects.mjs'

/** @typedef {import('./databases.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('./measure.mjs').Scenario} Scenario */
/** @typedef {import('./projects.mjs').Project} Project */

/**
 * `aludel migrate current` and `upgrade` on a database at head: the cost of a command that only reads. The bare script connects
 * and runs one query, with the same driver. A project with a DataSource file also loads TypeORM, so there the script does, too.
 *
 * @param {import('./setting.mjs').Setting} setting
 * @returns {Scenario[]}
 */
export function atHead(setting) {
  const { revisions, many } = setting.sizes
  const goals = [
    { count: 2, goal: 1.3 },
    { count: revisions, goal: 1.4 },
    { count: many, goal: 1.5 },
  ]
  return ['SQLite', 'PostgreSQL'].flatMap((title) =>
    goals.flatMap(({ count, goal }) => {
      const ready = once(() => databaseAtHead(setting, title, count))
      return [bare(ready, title, count, goal), count === revisions ? withDataSource(ready, title, count) : []].flat()
    }),
  )
}

/** @typedef {{ project: Project, database: BenchDatabase }} Ready */

const commands = /** @type {const} */ ([
  { command: 'current', typeorm: 'migration:show' },
  { command: 'upgrade', typeorm: 'migration:run' },
])

/**
 * @param {() => Promise<Ready>} ready
 * @param {string} title
 * @param {number} count
 * @param {number} goal
 * @returns {Scenario[]}
 */
function bare(ready, title, count, goal) {
  return commands.map(({ command }) => ({
    name: `${command} at head, ${count.toLocaleString('en-US')} revisions, ${title}`,
    open: async () => {
      const { project, database } = await ready()
      return {
        ours: {
          name: `aludel migrate ${command}`,
          prepare: async () => ({ ...withUrl(project, database, command), cwd: project.folder }),
        },
        peers: [{ name: 'a bare Node script: connect, select 1', goal, prepare: async () => selectOne(database) }],
      }
    },
  }))
}

/**
 * @param {() => Promise<Ready>} ready
 * @param {string} title
 * @param {number} count
 * @returns {Scenario[]}
 */
function withDataSource(ready, title, count) {
  return commands.map(({ command, typeorm }) => ({
    name: `${command} at head, DataSource file, ${count.toLocaleString('en-US')} revisions, ${title}`,
    open: async () => {
      const { project, database } = await ready()
      const env = { [variable]: database.target }
      return {
        ours: {
          name: `aludel migrate ${command}`,
          prepare: async () => aludelIn(project, database, 'migrate', command),
        },
        peers: [
          {
            name: 'a bare Node script with the DataSource',
            prepare: async () => ({ ...script('data-source-query.cjs', project.dataSource), env }),
          },
          { name: `typeorm ${typeorm}`, prepare: async () => typeormIn(project, database, typeorm) },
        ],
      }
    },
  }))
}

/**
 * The command without the DataSource file.
 *
 * @param {Project} project
 * @param {BenchDatabase} database
 * @param {string} command
 */
const withUrl = (project, database, command) =>
  aludel('migrate', command, '--config', join(project.folder, 'url.config.json'), '--database-url', database.url)

/**
 * @param {import('./setting.mjs').Setting} setting
 * @param {string} title
 * @param {number} count of revisions
 * @returns {Promise<Ready>}
 */
async function databaseAtHead(setting, title, count) {
  const place = title === 'SQLite' ? setting.sqlite : await setting.postgres('fast')
  setting.say(`a ${title} database with ${count.toLocaleString('en-US')} applied revisions`)
  const project = writeProject(setting.folder('at-head'), place.dialect)
  writeRevisions(project.revisions, smallSteps(count))
  writeFileSync(join(project.folder, 'url.config.json'), JSON.stringify({ shipped: true, revisions: './revisions' }))
  const database = await place.create()
  await finish('aludel migrate upgrade', aludelIn(project, database, 'migrate', 'upgrade'))
  await setting.warm(async () => void (await finish('aludel migrate current', withUrl(project, database, 'current'))))
  return { project, database }
}
