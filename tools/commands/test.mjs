import process from 'node:process'
import { parseArgs } from 'node:util'
import { packageNames, runTargets } from '../lib/nx.mjs'
import { withLock } from '../lib/lock.mjs'
import { run } from '../lib/process.mjs'
import { clearResults, printEnd } from '../lib/results.mjs'
import { withPostgres } from '../lib/run-tests.mjs'
import { select } from '../lib/select.mjs'
import { build, install } from '../lib/setup.mjs'

const help = `usage: npm test [-- [option …] PATH …]

Installs, builds, checks types, lint rules, exports, spelling, format and text, starts its own PostgreSQL, and runs every test on the
main stack, and on the other stacks those that depend on TypeORM or a driver. \`npm run test:all\` runs every test on every stack.

  PATH         run only the test files whose path contains it
  -t NAME      run only the tests whose title matches
  --timings    measure the time of each test file, print it, and write .cache/timings.txt and .cache/timings.json`

/** Targets of the nx project `workspace` that check the whole repository at once. */
const checks = ['typecheck', 'lint', 'typed-lint', 'api', 'spelling', 'format', 'text']

/**
 * `npm test`.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 all passed, 1 something failed, 2 wrong usage
 */
export async function main(args) {
  let options
  try {
    options = parseArgs({
      args,
      allowPositionals: true,
      options: {
        t: { type: 'string', short: 't' },
        timings: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}\n\n${help}`)
    return 2
  }
  const { values, positionals: paths } = options
  if (values.help) {
    console.log(help)
    return 0
  }
  if (paths.length > 0 || values.t !== undefined) return selection(paths, values.t, values.timings)
  return withLock('test', () => everything(values.timings))
}

/** @param {boolean} timings */
async function everything(timings) {
  clearResults()
  if ((await install()) !== 0) return printEnd(['install'])
  const end = await measured(timings)
  if ((await build()) !== 0) return report(['workspace:build'])
  const ran = await withPostgres(() => runTargets([...checks, 'test'])).catch(notStarted)
  end()
  const tasks = ['build', ...checks].map((target) => `workspace:${target}`)
  return (await report([...tasks, ...['tools', ...packageNames].map((name) => `${name}:test`)])) || ran
}

/**
 * @param {string[]} paths
 * @param {string | undefined} title
 * @param {boolean} timings
 */
async function selection(paths, title, timings) {
  // Writes its results to another folder than a whole run in the same checkout.
  process.env['ALUDEL_TEST_RESULTS'] = `selection-${process.pid}`
  const { tasks, missing } = select(paths)
  if (missing.length > 0) {
    for (const path of missing) console.error(`error: no test file has ${JSON.stringify(path)} in its path`)
    return printEnd(missing.map((path) => `no test: ${path}`)) === 0 ? 0 : 1
  }
  if ((await install()) !== 0) return printEnd(['install'])
  const end = await measured(timings)
  if ((await build({ quiet: true })) !== 0) return report(['workspace:build'])
  await withPostgres(async () => {
    for (const { args, files } of tasks) {
      await run('node', [...args, ...files, ...(title === undefined ? [] : ['-t', title])])
    }
  }).catch(notStarted)
  end()
  const failed = await report(tasks.map(({ task }) => task))
  clearResults()
  return failed
}

/**
 * @param {boolean} timings
 * @returns {Promise<() => void>} ends the measurement
 */
async function measured(timings) {
  // It uses a library for its table, which is installed by now.
  return timings ? (await import('../lib/timings.mjs')).measure() : () => undefined
}

/**
 * Without a server no test ran, and the summary counts the missing results as failures.
 *
 * @param {unknown} error
 */
function notStarted(error) {
  console.error('error: PostgreSQL for the tests did not start', error)
  return 1
}

/** @param {string[]} tasks */
async function report(tasks) {
  // It uses the library for tables, too.
  const { printSummary } = await import('../lib/summary.mjs')
  return printSummary(tasks) === 0 ? 0 : 1
}
