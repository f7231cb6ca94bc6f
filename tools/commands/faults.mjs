import { parseArgs } from 'node:util'
import process from 'node:process'
import { optionsOr, wholeNumber } from '../lib/options.mjs'
import { main as test } from './test.mjs'

const help = `usage: npm run faults -- [option …]

Kills, stops and disconnects real processes while they migrate real databases. packages/engine/test/faults/README.md lists the
faults. \`npm test\` runs each test briefly; this runs them at length.

  --runs N    number of kills in each random test (ALUDEL_TEST_RUNS, which is 1 in npm test); default 200
  --rows N    minimum number of rows of a long backfill, for example 1000000; default as many as the kills need
  --seed S    seed of the random numbers; default the one of npm test`

/**
 * `npm run faults`: the tests of the fault plan, at length.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 all passed, 1 something failed, 2 wrong usage
 */
export async function main(args) {
  const options = optionsOr(args, read, help)
  if (typeof options === 'number') return options
  Object.assign(process.env, options.variables)
  return test(['packages/engine/test/faults/'])
}

/**
 * @param {string[]} args
 * @returns {{ help: boolean, variables: NodeJS.ProcessEnv }} with the variables that the tests read
 * @throws {Error} naming the wrong option
 */
export function read(args) {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: 'string', default: '200' },
      rows: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  for (const name of /** @type {const} */ (['runs', 'rows'])) wholeNumber(`--${name}`, values[name], 1)
  return {
    help: values.help,
    variables: {
      ALUDEL_TEST_RUNS: values.runs,
      ...(values.rows === undefined ? {} : { ALUDEL_FAULT_ROWS: values.rows }),
      ...(values.seed === undefined ? {} : { ALUDEL_SEED: values.seed }),
    },
  }
}
