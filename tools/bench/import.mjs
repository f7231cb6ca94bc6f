import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onCopies } from './databases.mjs'
import { columns, writeDecisions } from '../testing/decisions.mjs'
import { finish } from './measure.mjs'
import { once } from './once.mjs'
import { aludel, shellPeer } from './programs.mjs'

/** @typedef {import('./databases.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('./databases.mjs').Place} Place */
/** @typedef {import('./measure.mjs').Scenario} Scenario */
/** @typedef {import('./setting.mjs').Setting} Setting */

/**
 * `aludel reviews import` against loading the same rows, which need no reading of JSON and no check, into the same table.
 *
 * @param {Setting} setting
 * @returns {Scenario[]}
 */
export function importing(setting) {
  const count = setting.sizes.decisions
  const files = once(() => makeFiles(setting, count))
  return ['SQLite', 'PostgreSQL'].map((title) => ({
    name: `reviews import, ${count.toLocaleString('en-US')} decisions, ${title}`,
    long: true,
    open: async () =>
      contest(setting, title === 'SQLite' ? setting.sqlite : await setting.postgres('durable'), await files()),
  }))
}

/**
 * @param {Setting} setting
 * @param {Place} place
 * @param {{ reviews: string, csv: string, count: number }} files
 * @returns {Promise<import('./measure.mjs').Contest>}
 */
async function contest(setting, place, { reviews, csv, count }) {
  const template = await place.create()
  const folder = setting.folder('import')
  const config = join(folder, 'aludel.config.json')
  writeFileSync(config, '{ "shipped": true }\n')
  /** @param {BenchDatabase} database @param {string[]} args */
  const on = ({ url }, ...args) => aludel(...args, '--config', config, '--database-url', url)
  await finish('aludel db init', on(template, 'db', 'init'))
  const script = join(folder, 'load.sql')
  writeFileSync(
    script,
    place.dialect === 'sqlite'
      ? `.import --csv ${csv} review_decisions\n`
      : `\\copy review_decisions (${columns.join(', ')}) FROM '${csv}' (FORMAT csv)\n`,
  )
  const onCopy = onCopies(() => place.create(template), 'review_decisions', count)
  return {
    ours: {
      name: 'aludel reviews import',
      prepare: onCopy((database) => on(database, 'reviews', 'import', reviews)),
    },
    peers: [
      shellPeer(
        place.dialect,
        place.dialect === 'sqlite' ? '.import of a CSV file' : 'COPY of a CSV file',
        { goal: 2.5 },
        (run) => onCopy((database) => run(database, script)),
      ),
    ],
    close: template.drop,
  }
}

/**
 * Writes decisions as files for `reviews import`, and as one CSV file of the same rows.
 *
 * @param {Setting} setting
 * @param {number} count
 */
async function makeFiles(setting, count) {
  setting.say(`files with ${count.toLocaleString('en-US')} decisions`)
  const folder = setting.folder('decisions')
  const [reviews, csv] = [join(folder, 'reviews'), join(folder, 'decisions.csv')]
  await writeDecisions(reviews, count, { csv })
  return { reviews, csv, count }
}
