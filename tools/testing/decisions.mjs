import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/** The columns of the CSV file, in the order of the table. */
export const columns = [
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
const defaultPerFile = 10_000

/** How many threats a component has. */
const perComponent = 10

/**
 * Writes review decisions as files for `aludel reviews import`.
 *
 * @param {string} folder is created
 * @param {number} count
 * @param {{ perFile?: number, csv?: string }} [options] csv: a file that gets the same rows
 */
export async function writeDecisions(folder, count, { perFile = defaultPerFile, csv } = {}) {
  mkdirSync(folder, { recursive: true })
  const rows = csv === undefined ? undefined : createWriteStream(csv)
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
      if (rows !== undefined) lines += csvLine(analysis, component, threat, decision)
    }
    writeFileSync(join(folder, `${analysis}_reviews.json`), JSON.stringify(components))
    if (rows?.write(lines) === false) await once(rows, 'drain')
  }
  if (rows === undefined) return
  rows.end()
  await once(rows, 'finish')
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

const usage = `usage: node tools/testing/decisions.mjs DIR [--count 1000000] [--per-file 10000]

Writes review decisions as *_reviews.json files, for trying \`aludel reviews import\` with many.`

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values, positionals } = parseArgs({
    options: { count: { type: 'string' }, 'per-file': { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  })
  const [folder, ...more] = positionals
  const [count, perFile] = [Number(values.count ?? 1_000_000), Number(values['per-file'] ?? defaultPerFile)]
  const isWrong = folder === undefined || more.length > 0 || !(count > 0) || !(perFile > 0)
  if (values.help === true || isWrong) {
    console[values.help === true ? 'log' : 'error'](usage)
    process.exitCode = values.help === true ? 0 : 2
  } else await writeDecisions(folder, count, { perFile })
}
