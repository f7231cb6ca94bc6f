import { installIfNeeded } from '../lib/install.mjs'
import { packageNames, runTargets } from '../lib/nx.mjs'
import { run } from '../lib/process.mjs'
import { clearResults, printSummary } from '../lib/results.mjs'
import { withPostgres } from '../lib/run-tests.mjs'
import testing from '../testing/stacks.cjs'

const { stacks, stack } = testing

/**
 * `npm test`: installs, builds, checks types, rules, format and text, starts its own PostgreSQL, and runs every test.
 * `npm test -- packages/engine/test/revision` runs only the tests whose path contains one of the arguments, on the stack
 * that ALUDEL_TEST_STACK names.
 *
 * @param {string[]} filters
 * @returns {Promise<number>} the exit code
 */
export async function main(filters) {
  clearResults()
  if ((await installIfNeeded()) !== 0) return report(['install'])
  return filters.length === 0 ? everything() : selection(filters)
}

async function everything() {
  const ofPackages = ['build', 'typecheck', 'lint'].flatMap((target) => packageNames.map((name) => `${name}:${target}`))
  const ofTools = ['typecheck', 'typecheck-typeorm-0.3', 'lint', 'format', 'text'].map((target) => `tools:${target}`)
  const targets = Object.values(stacks).map(({ target }) => target)
  const tests = ['tools:test', ...targets.flatMap((target) => packageNames.map((name) => `${name}:${target}`))]

  const checked = await runTargets(['build', 'typecheck', 'typecheck-typeorm-0.3', 'lint', 'format', 'text'])
  const tested = await withPostgres(() => runTargets(targets)).catch(notStarted)
  return report([...ofPackages, ...ofTools, ...tests]) || checked || tested
}

/** @param {string[]} filters */
async function selection(filters) {
  const named = packageNames.filter((name) => filters.some((filter) => filter.includes(`packages/${name}/`)))
  const selected = named.length === 0 ? packageNames : named

  if ((await runTargets(['build'])) !== 0) return report(packageNames.map((name) => `${name}:build`))
  await withPostgres(async () => {
    for (const name of selected) await run('node', ['tools/run-jest.mjs', name, ...filters, '--passWithNoTests'])
  })
  return report(selected.map((name) => `${name}:${stack.target}`))
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
const report = (tasks) => (printSummary(tasks) === 0 ? 0 : 1)
