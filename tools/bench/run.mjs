import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { describeMachine, describeVersions } from './machine.mjs'
import { compare } from './measure.mjs'
import { drawPicture } from './picture.mjs'
import { printHead, printRow } from './report.mjs'
import { scenarios } from './scenarios.mjs'
import { fullSizes, openSetting, quickSizes } from './setting.mjs'

/**
 * @typedef {object} Options
 * @property {boolean} quick
 * @property {string} only a part of the names of the scenarios; empty: all
 * @property {number} runs
 * @property {number} revisions
 * @property {string} [json]
 * @property {string} [svg]
 */

/**
 * Everything that is known after a run: what `--json` writes.
 *
 * @typedef {object} Results
 * @property {string} date
 * @property {Record<string, string | number>} machine
 * @property {Record<string, string>} versions
 * @property {number} runs
 * @property {import('./setting.mjs').Sizes} sizes
 * @property {import('./measure.mjs').Row[]} rows
 */

/**
 * @param {Pick<Options, 'quick' | 'revisions'>} options
 * @returns {import('./setting.mjs').Sizes}
 */
const sizesOf = ({ quick, revisions }) => ({
  ...(quick ? quickSizes : fullSizes),
  few: Math.max(8, Math.round(revisions / 10)),
  revisions,
  many: revisions * 10,
})

/**
 * @param {Options} options
 * @param {import('./setting.mjs').Setting} setting
 */
const selected = ({ only }, setting) =>
  scenarios(setting).filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()))

/**
 * @param {Options} options
 * @returns {string[]} the names of the selected scenarios
 */
export function listScenarios(options) {
  const setting = openSetting({ sizes: sizesOf(options), install: false, say: () => undefined })
  const names = selected(options, setting).map(({ name }) => name)
  void setting.close()
  return names
}

/**
 * Measures the selected scenarios, and prints each row as soon as it is known.
 *
 * @param {Options} options
 * @returns {Promise<Results>}
 */
export async function measure(options) {
  const { quick, runs } = options
  const sizes = sizesOf(options)
  const setting = openSetting({ sizes, install: !quick, say: (text) => console.error(`  … ${text}`) })
  const onSignal = () => void setting.close().finally(() => process.exit(130))
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    const all = selected(options, setting)
    const machine = describeMachine()
    if (all.length > 0) {
      console.log(
        `\n${machine.processor}, ${machine.cores} cores, Node ${process.versions.node}; ${runs} rounds, the programs in turns\n`,
      )
      printHead()
    }
    const rows = []
    for (const [index, scenario] of all.entries()) {
      setting.say(`${index + 1} of ${all.length}: ${scenario.name}`)
      const found = await compare(scenario, { runs })
      printRows(found)
      rows.push(...found)
    }
    return { date: new Date().toISOString(), machine, versions: describeVersions(), runs, sizes, rows }
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    await setting.close()
  }
}

/** @param {Results} results */
export function printResults({ rows }) {
  printHead()
  printRows(rows)
}

/** @param {import('./measure.mjs').Row[]} rows */
export function printRows(rows) {
  for (const [index, row] of rows.entries()) printRow(row, row.figure === rows[index - 1]?.figure)
}

/**
 * Writes the files that were asked for.
 *
 * @param {Results} results
 * @param {Pick<Options, 'json' | 'svg'>} options
 */
export function report(results, { json, svg }) {
  if (json !== undefined) writeFileSync(json, JSON.stringify(results, undefined, 2) + '\n')
  if (svg === undefined) return
  mkdirSync(svg, { recursive: true })
  for (const theme of /** @type {const} */ (['light', 'dark'])) {
    writeFileSync(join(svg, `bench-${theme}.svg`), drawPicture(results, theme))
  }
}
