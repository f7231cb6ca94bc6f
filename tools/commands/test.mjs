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

Installs, builds, checks types, rules, exports, spelling, format and text, starts its own PostgreSQL, and tests what a change can
break: every test on the main stack, and on the other stacks those that meet TypeORM's or a driver's own behavior. Everything on every
stack: npm run test:all.

  PATH         only the test files whose path contains it
  -t NAME      of these only the tests whose title matches
  --timings    measure where the time goes: prints it, and writes .cache/timings.txt and .cache/timings.json`

/** What checks the whole repository at once, as targets of the nx project \`workspace\`. */
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
  // Results of its own: a whole run in the same checkout keeps its.
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
  // Its table is drawn by a library, which is there only now.
  return timings ? (await import('../lib/timings.mjs')).measure() : () => undefined
}

/**
 * Without a server no test ran, and the summary says so.
 *
 * @param {unknown} error
 */
function notStarted(error) {
  console.error('error: PostgreSQL for the tests did not start', error)
  return 1
}

/** @param {string[]} tasks */
async function report(tasks) {
  // Its table is drawn by a library, too.
  const { printSummary } = await import('../lib/summary.mjs')
  return printSummary(tasks) === 0 ? 0 : 1
}
