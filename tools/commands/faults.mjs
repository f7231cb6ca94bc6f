import { parseArgs } from 'node:util'
import process from 'node:process'
import runs from '../testing/runs.cjs'
import { main as test } from './test.mjs'

const help = `usage: npm run faults -- [option …]

Real processes that are killed, stopped and cut off while they migrate real databases; see docs of each test in
packages/engine/test/faults. \`npm test\` does a little of everything; this does a lot.

  --runs N    how often each test that goes by chance kills something: ALUDEL_TEST_RUNS, which is 1 in npm test;
              default 200
  --rows N    how many rows a long backfill has at least, for example 1000000; default as many as the kills need
  --seed S    where chance begins; default the one of npm test`

/**
 * `npm run faults`: all of the fault plan that can be run on one machine.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 nothing found, 1 something found, 2 wrong usage
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
 * @returns {NodeJS.ProcessEnv | undefined} the variables that the tests read; `undefined` when help was asked for
 * @throws {Error} naming what is wrong
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
