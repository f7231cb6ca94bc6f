import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { finish } from './measure.mjs'
import { aludelIn, scripts } from './programs.mjs'
import { smallSteps, writeProject, writeRevisions } from './projects.mjs'
import { onEmpty } from './upgrade.mjs'

/** @typedef {import('./databases.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('./databases.mjs').Place} Place */
/** @typedef {import('./measure.mjs').Command} Command */
/** @typedef {import('./measure.mjs').Scenario} Scenario */
/** @typedef {import('./setting.mjs').Setting} Setting */

/**
 * How time and memory grow with the number of revisions, and what undoing them costs.
 *
 * @param {Setting} setting
 * @returns {Scenario[]}
 */
export function long(setting) {
  const { revisions, many } = setting.sizes
  return ['SQLite', 'PostgreSQL'].flatMap((title) => {
    const place = async () => (title === 'SQLite' ? setting.sqlite : setting.postgres('fast'))
    return [
      {
        name: `upgrade of ${many.toLocaleString('en-US')}, time and peak memory, ${title}`,
        long: true,
        open: async () => growth(setting, await place()),
      },
      {
        name: `downgrade base of ${revisions.toLocaleString('en-US')}, ${title}`,
        open: async () => downgrade(setting, await place()),
      },
    ]
  })
}

/**
 * @param {Setting} setting
 * @param {Place} place
 * @returns {Promise<import('./measure.mjs').Contest>}
 */
async function growth(setting, place) {
  const { few, revisions, many } = setting.sizes
  /** @param {number} count */
  const upgradeOf = (count) => {
    setting.say(`${count.toLocaleString('en-US')} revision files`)
    const project = writeProject(setting.folder('growth'), place.dialect)
    const steps = smallSteps(count)
    writeRevisions(project.revisions, steps)
    return {
      name: `the same of ${count.toLocaleString('en-US')}`,
      prepare: onEmpty(place, steps, 'migrations', (database) =>
        withMemory(project.folder, aludelIn(project, database, 'migrate', 'upgrade')),
      ),
    }
  }
  return {
    ours: upgradeOf(many),
    peers: [
      {
        ...upgradeOf(revisions),
        rows: [
          {
            figure: `upgrade of ${many.toLocaleString('en-US')}, ${place.title}`,
            factor: many / revisions,
            goal: 1.15,
          },
        ],
      },
      {
        ...upgradeOf(few),
        rows: [
          {
            figure: `peak memory, upgrade of ${many.toLocaleString('en-US')}, ${place.title}`,
            measure: 'rss',
            goal: 1.5,
          },
        ],
      },
    ],
  }
}

/**
 * @param {string} folder
 * @param {Command} command of Node
 * @returns {Command} that also measures its peak memory
 */
function withMemory(folder, command) {
  const file = join(folder, 'usage.json')
  return {
    ...command,
    args: ['--require', join(scripts, 'usage.cjs'), ...command.args],
    env: { ...command.env, BENCH_USAGE: file },
    collect: () => {
      const usage = JSON.parse(readFileSync(file, 'utf8'))
      rmSync(file)
      return usage
    },
  }
}

/**
 * Without the backup that comes before a downgrade that loses data: `upgrade` makes none.
 *
 * @param {Setting} setting
 * @param {Place} place
 * @returns {Promise<import('./measure.mjs').Contest>}
 */
async function downgrade(setting, place) {
  const steps = smallSteps(setting.sizes.revisions)
  const project = writeProject(setting.folder('downgrade'), place.dialect)
  writeRevisions(project.revisions, steps)
  const template = await place.create()
  await finish('aludel migrate upgrade', aludelIn(project, template, 'migrate', 'upgrade'))
  return {
    ours: {
      name: 'aludel migrate downgrade base --backup never',
      prepare: async () => {
        const database = await place.create(template)
        const check = async () => {
          const applied = Number(await database.scalar('SELECT count(*) FROM "migrations"'))
          if (applied !== 0) throw new Error(`${applied} revisions are still applied`)
        }
        const command = aludelIn(project, database, 'migrate', 'downgrade', 'base', '--yes', '--backup', 'never')
        return { ...command, check, clean: database.drop }
      },
    },
    peers: [
      {
        name: 'aludel migrate upgrade of them',
        goal: 1.1,
        prepare: onEmpty(place, steps, 'migrations', (database) => aludelIn(project, database, 'migrate', 'upgrade')),
      },
    ],
    close: template.drop,
  }
}
