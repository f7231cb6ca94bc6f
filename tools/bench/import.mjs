import { randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { once as event } from 'node:events'
import { join } from 'node:path'
import { onCopies } from './databases.mjs'
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
  const files = once(() => writeDecisions(setting, count))
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

/** The columns of the CSV file, in the order of the table. */
const columns = [
  'id',
  'analysis_id',
  'component_id',
  'threat_id',
  'original_decision',
  'final_decision',
  'reviewer',
  'justification',
  'additional_notes',
  'review_date',
  'evidence_references',
  'status',
  'created_at',
  'updated_at',
]

/** How many decisions a file contains. */
const perFile = 10_000

/** How many threats a component has. */
const perComponent = 10

/**
 * Writes decisions as files for `reviews import`, and as one CSV file of the same rows.
 *
 * @param {Setting} setting
 * @param {number} count
 */
async function writeDecisions(setting, count) {
  setting.say(`files with ${count.toLocaleString('en-US')} decisions`)
  const folder = setting.folder('decisions')
  const reviews = join(folder, 'reviews')
  mkdirSync(reviews)
  const csv = join(folder, 'decisions.csv')
  const rows = createWriteStream(csv)
  for (let from = 0; from < count; from += perFile) {
    const analysis = `analysis-${from / perFile + 1}`
    /** @type {Record<string, Record<string, object>>} */
    const components = {}
    let lines = ''
    for (let number = from; number < Math.min(count, from + perFile); number++) {
      const component = `component-${Math.floor(number / perComponent)}`
      const threat = `Threat ${number % perComponent} of the component`
      const decision = decisionOf(number)
      ;(components[component] ??= {})[threat] = decision
      lines += csvLine(analysis, component, threat, decision)
    }
    writeFileSync(join(reviews, `${analysis}_reviews.json`), JSON.stringify(components))
    if (!rows.write(lines)) await event(rows, 'drain')
  }
  rows.end()
  await event(rows, 'finish')
  return { reviews, csv, count }
}

/** @param {number} number */
const decisionOf = (number) => ({
  original_decision: 'Mitigate',
  final_decision: 'Accept',
  reviewer: `Reviewer ${number % 20}`,
  justification: `The signed firmware makes this unlikely; see the analysis of the component, section ${number}.`,
  additional_notes: `To be looked at again with release ${number % 7}.`,
  review_date: '2026-03-04',
  evidence_references: [`DOC-${number}`],
})

/**
 * @param {string} analysis
 * @param {string} component
 * @param {string} threat
 * @param {ReturnType<typeof decisionOf>} decision
 */
function csvLine(analysis, component, threat, decision) {
  const { evidence_references: evidence, ...texts } = decision
  const now = '2026-03-04 05:06:07.000'
  const values = [
    // Random, as those of the import are: ascending ones are indexed faster.
    ...[randomUUID(), analysis, component, threat, ...Object.values(texts)],
    ...[JSON.stringify(evidence), 'completed', now, now],
  ]
  return values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',') + '\n'
}
