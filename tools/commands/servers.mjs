import { runOnServer } from '../lib/elsewhere.mjs'
import { withLock } from '../lib/lock.mjs'
import { packageNames } from '../lib/nx.mjs'
import { olderServers } from '../lib/older-servers.mjs'
import { clearResults } from '../lib/results.mjs'
import { setUp } from '../lib/setup.mjs'

const versions = Object.keys(olderServers)

const help = `usage: npm run servers [-- VERSION … PATH …]

Runs the tests that use PostgreSQL on servers older than that of \`npm test\`. Each server is installed once from npm, into
node_modules.

  VERSION  ${versions.join(', ')}; default all of them
  PATH     run only tests whose path contains it`

/**
 * `npm run servers`: runs the tests on all supported older servers.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 all passed, 1 something failed, 2 wrong usage
 */
export async function main(args) {
  const wrong = args.find((arg) => arg.startsWith('-') || (/^\d+$/.test(arg) && !versions.includes(arg)))
  if (wrong !== undefined) {
    if (wrong === '--help') console.log(help)
    else console.error(`error: ${wrong} is not a version that can be installed\n\n${help}`)
    return wrong === '--help' ? 0 : 2
  }
  const wanted = versions.filter((version) => args.includes(version))
  const filters = args.filter((arg) => !versions.includes(arg))
  const named = packageNames.filter((name) => filters.some((filter) => filter.includes(`packages/${name}/`)))
  const packages = named.length === 0 ? packageNames : named

  return withLock('test', async () => {
    clearResults()
    const ready = await setUp({ quiet: true })
    if (ready !== 0) return ready
    /** @type {string[]} */
    const tasks = []
    for (const version of wanted.length === 0 ? versions : wanted) {
      tasks.push(...(await runOnServer(version, { packages, filters })))
    }
    const { printSummary } = await import('../lib/summary.mjs')
    return printSummary(tasks) === 0 ? 0 : 1
  })
}
