import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { finish } from './measure.mjs'
import { once } from './once.mjs'
import { aludelIn } from './programs.mjs'
import { writeProject, writeRevisions } from './projects.mjs'

/** @typedef {import('./measure.mjs').Scenario} Scenario */
/** @typedef {import('./setting.mjs').Setting} Setting */

/**
 * `merge` and `check` of two branches, with everything in the cache. The figure to compare with is one second.
 *
 * @param {Setting} setting
 * @returns {Scenario[]}
 */
export function branches(setting) {
  const count = setting.sizes.branched
  return ['SQLite', 'PostgreSQL'].flatMap((title) => {
    const ready = once(() => branched(setting, title, count))
    const questions = [
      { command: 'check', args: ['check'] },
      { command: 'merge', args: ['merge', 'heads', '-m', 'both'] },
    ]
    return questions.map(({ command, args }, index) => ({
      name: `${command}, ${count} revisions in two branches, ${title}`,
      open: async () => {
        const { project, database } = await ready()
        const clean = async () => {
          for (const file of readdirSync(project.revisions)) {
            if (/both/.test(file)) rmSync(join(project.revisions, file))
          }
        }
        const prepare = async () => ({ ...aludelIn(project, database, 'migrate', ...args), clean })
        await setting.warm(async () => {
          await finish(`aludel migrate ${command}`, await prepare())
          await clean()
        })
        return {
          ours: { name: `aludel migrate ${command}`, prepare },
          peers: [],
          limits: [{ against: 'one second', goal: 1000 }],
          ...(index === questions.length - 1 && { close: database.drop }),
        }
      },
    }))
  })
}

/**
 * A project of a first revision and two branches from it: each revision creates a table, and the entities are all of them.
 *
 * @param {Setting} setting
 * @param {string} title
 * @param {number} count
 */
async function branched(setting, title, count) {
  const place = title === 'SQLite' ? setting.sqlite : await setting.postgres('fast')
  setting.say(`a ${title} project with ${count} revisions in two branches`)
  const project = writeProject(setting.folder('branches'), place.dialect, entities(count))
  const columns = (/** @type {number} */ index) =>
    place.dialect === 'sqlite'
      ? '"id" integer PRIMARY KEY NOT NULL, "name" varchar(100) NOT NULL'
      : `"id" integer NOT NULL, "name" character varying(100) NOT NULL, CONSTRAINT "pk_item_${index}" PRIMARY KEY ("id")`
  const steps = Array.from({ length: count }, (_, index) => ({
    up: `CREATE TABLE "item_${index}" (${columns(index)})`,
    down: `DROP TABLE "item_${index}"`,
  }))
  // Revisions 1, 3, 5 … are one branch, and 2, 4, 6 … the other.
  writeRevisions(project.revisions, steps, { parentOf: (index) => (index === 0 ? null : Math.max(0, index - 2)) })
  const database = await place.create()
  return { project, database }
}

/** @param {number} count */
const entities = (count) => `Array.from({ length: ${count} }, (_, index) => new EntitySchema({
    name: 'Item' + index,
    tableName: 'item_' + index,
    columns: {
      id: { type: 'int', primary: true, primaryKeyConstraintName: 'pk_item_' + index },
      name: { type: 'varchar', length: 100 },
    },
  }))`
