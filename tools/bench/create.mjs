import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { drizzlePeer } from './drizzle.mjs'
import { finish } from './measure.mjs'
import { once } from './once.mjs'
import { prismaPeer } from './prisma.mjs'
import { aludelIn, typeormIn } from './programs.mjs'
import { changeVariable, manyEntities, shippedEntities, writeProject } from './projects.mjs'

/** @typedef {import('./databases.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('./databases.mjs').Place} Place */
/** @typedef {import('./measure.mjs').Command} Command */
/** @typedef {import('./measure.mjs').Scenario} Scenario */
/** @typedef {import('./projects.mjs').Project} Project */
/** @typedef {import('./setting.mjs').Setting} Setting */

/**
 * `aludel migrate create`: nothing changed, with everything in the cache as on any day; and one change that the cache does not
 * know, with the proof of its revision. The database of TypeORM, which compares with one, is at head.
 *
 * @param {Setting} setting
 * @returns {Scenario[]}
 */
export function create(setting) {
  const { entities } = setting.sizes
  return ['SQLite', 'PostgreSQL'].flatMap((title) => {
    const place = async () => (title === 'SQLite' ? setting.sqlite : setting.postgres('fast'))
    const shipped = once(async () => revised(setting, await place(), shippedEntities))
    const many = once(async () => revised(setting, await place(), manyEntities(entities)))
    return [
      {
        name: `create, nothing changed, 8 entities, ${title}`,
        open: async () => {
          const { project, database } = await shipped()
          return { ...nothingChanged(project, database), close: database.drop }
        },
      },
      {
        name: `create, nothing changed, ${entities} entities, ${title}`,
        open: async () => {
          const { project, database } = await many()
          const { ours, peers } = nothingChanged(project, database)
          const { dialect } = await place()
          const others = [await drizzlePeer(setting, dialect, entities), await prismaPeer(setting, dialect, entities)]
          return { ours, peers: [...peers, ...others] }
        },
      },
      {
        name: `create, one change, ${entities} entities, ${title}`,
        open: async () => {
          const { project, database } = await many()
          return { ...oneChange(project, database), close: database.drop }
        },
      },
    ]
  })
}

/**
 * A project with a revision of its entities, and a database with that revision.
 *
 * @param {Setting} setting
 * @param {Place} place
 * @param {string} entities
 */
async function revised(setting, place, entities) {
  setting.say(`a ${place.title} project with its first revision`)
  const project = writeProject(setting.folder('create'), place.dialect, entities)
  const database = await place.create()
  await finish('aludel migrate create', aludelIn(project, database, 'migrate', 'create', 'first', '--yes'))
  await finish('aludel migrate upgrade', aludelIn(project, database, 'migrate', 'upgrade'))
  await setting.warm(
    async () =>
      void (await finish('aludel migrate create', aludelIn(project, database, 'migrate', 'create', 'nothing'))),
  )
  return { project, database }
}

/**
 * @param {Project} project
 * @param {BenchDatabase} database
 */
function nothingChanged(project, database) {
  return {
    ours: {
      name: 'aludel migrate create',
      prepare: async () => ({
        ...aludelIn(project, database, 'migrate', 'create', 'nothing'),
        check: async () => expectFiles(project.revisions, 1),
      }),
    },
    peers: [
      {
        name: 'typeorm migration:generate --check',
        goal: 0.7,
        // On SQLite it reports a change of CHECK constraints that does not exist. That takes no longer.
        prepare: async () => ({
          ...typeormIn(project, database, 'migration:generate', 'nothing', '--check'),
          codes: [0, 1],
        }),
      },
    ],
  }
}

/**
 * @param {Project} project
 * @param {BenchDatabase} database
 */
function oneChange(project, database) {
  const out = join(project.folder, 'generated')
  mkdirSync(out)
  const [first] = readdirSync(project.revisions)
  let round = 0
  /**
   * @param {string} folder of the file that the command writes
   * @param {number} files
   * @param {Command} command
   * @returns {Command}
   */
  const changing = (folder, files, command) => ({
    ...command,
    env: { ...command.env, [changeVariable]: `added_${(round += 1)}` },
    check: async () => expectFiles(folder, files),
    clean: async () => {
      for (const file of readdirSync(folder)) if (file !== first) rmSync(join(folder, file))
    },
  })
  return {
    ours: {
      name: 'aludel migrate create, with its proof',
      prepare: async () =>
        changing(project.revisions, 2, aludelIn(project, database, 'migrate', 'create', 'one change', '--yes')),
    },
    peers: [
      {
        name: 'typeorm migration:generate',
        goal: 1,
        prepare: async () => changing(out, 1, typeormIn(project, database, 'migration:generate', join(out, 'change'))),
      },
    ],
  }
}

/**
 * @param {string} folder
 * @param {number} count
 */
function expectFiles(folder, count) {
  const files = readdirSync(folder)
  if (files.length !== count) throw new Error(`${folder} contains ${files.join(', ')}`)
}
