import { parseArgs } from 'node:util'
import process from 'node:process'
import runs from '../testing/runs.cjs'
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
  let variables
  try {
    variables = read(args)
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}\n\n${help}`)
    return 2
  }
  if (variables === undefined) {
    console.log(help)
    return 0
  }
  Object.assign(process.env, variables)
  return test(['packages/engine/test/faults/'])
}

/**
 * @param {string[]} args
 * @returns {NodeJS.ProcessEnv | undefined} the variables that the tests read; `undefined` with `--help`
 * @throws {Error} naming the invalid option
 */
export function read(args) {
  const options = /** @type {const} */ ({
    runs: { type: 'string', default: '200' },
    rows: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  })
  const { values } = parseArgs({ args, options })
  if (values.help) return undefined
  for (const name of /** @type {const} */ (['runs', 'rows'])) {
    const value = values[name]
    if (value !== undefined && !runs.isPositiveInteger(value))
      throw new Error(`--${name} takes a number, and not ${JSON.stringify(value)}`)
  }
  return {
    ALUDEL_TEST_RUNS: values.runs,
    ...(values.rows === undefined ? {} : { ALUDEL_FAULT_ROWS: values.rows }),
    ...(values.seed === undefined ? {} : { ALUDEL_SEED: values.seed }),
  }
}
