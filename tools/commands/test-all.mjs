import process from 'node:process'
import { runOnNode, runOnServer } from '../lib/elsewhere.mjs'
import { withLock } from '../lib/lock.mjs'
import { nodeLines, ownLine } from '../lib/node-versions.mjs'
import { packageNames, runTargets } from '../lib/nx.mjs'
import { olderServers } from '../lib/older-servers.mjs'
import { clearResults, orFailure, printEnd } from '../lib/results.mjs'
import { withPostgres } from '../lib/run-tests.mjs'
import { setUp } from '../lib/setup.mjs'

const parts = /** @type {const} */ (['stacks', 'servers', 'nodes'])
/** @typedef {typeof parts[number]} Part */

/** Random tests try this many times as many cases as in `npm test`. */
const runs = '5'

const help = `usage: npm run test:all [-- PART …]

Runs everything, for a nightly job and before a larger change is finished. Parts, by default all of them:

  stacks    every test on every stack, with random tests and faults ${runs} times as long, and all checks of npm test
  servers   the tests that use PostgreSQL, on PostgreSQL ${Object.keys(olderServers).join(', ')}
  nodes     npm test on Node ${nodeLines.join(', ')}, except the current one, each in a copy with its own installation`

/**
 * `npm run test:all`.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 all passed, 1 something failed, 2 wrong usage
 */
export async function main(args) {
  const wrong = args.find((arg) => !parts.some((part) => part === arg))
  if (wrong !== undefined) {
    if (wrong === '--help') console.log(help)
    else console.error(`error: ${wrong} is not a part\n\n${help}`)
    return wrong === '--help' ? 0 : 2
  }
  const wanted = args.length === 0 ? parts : parts.filter((part) => args.includes(part))
  return withLock('test', async () => {
    clearResults()
    if ((await setUp()) !== 0) return printEnd(['workspace:build'])
    const tasks = ['workspace:build']
    for (const part of wanted) tasks.push(...(await orFailure(`workspace:${part}`, work[part])))
    const { printSummary } = await import('../lib/summary.mjs')
    return printSummary(tasks) === 0 ? 0 : 1
  })
}

/** @type {Readonly<Record<Part, () => Promise<string[]>>>} each returns the tasks that must have a result */
const work = {
  async stacks() {
    const targets = ['typecheck', 'lint', 'typed-lint', 'api', 'docs', 'spelling', 'format', 'text', 'test']
    const before = { ...process.env }
    // Nothing comes from the cache: a nightly result must be from this night.
    Object.assign(process.env, {
      ALUDEL_TEST_SCOPE: 'all',
      ALUDEL_TEST_RUNS: process.env['ALUDEL_TEST_RUNS'] ?? runs,
      NX_SKIP_NX_CACHE: 'true',
    })
    try {
      await withPostgres(() => runTargets(targets))
    } finally {
      process.env = before
    }
    const checks = targets.slice(0, -1).map((target) => `workspace:${target}`)
    return [...checks, ...['tools', ...packageNames].map((name) => `${name}:test`)]
  },

  async servers() {
    /** @type {string[]} */
    const tasks = []
    for (const version of Object.keys(olderServers))
      tasks.push(...(await orFailure(`workspace:test-postgres-${version}`, () => runOnServer(version))))
    return tasks
  },

  async nodes() {
    /** @type {string[]} */
    const tasks = []
    for (const line of nodeLines)
      if (line !== ownLine) tasks.push(...(await orFailure(`workspace:test-node-${line}`, () => runOnNode(line))))
    return tasks
  },
}
