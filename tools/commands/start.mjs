import { run } from '../lib/process.mjs'
import { setUp } from '../lib/setup.mjs'

const bold =
  process.stdout.isTTY && !process.env['NO_COLOR'] ? (/** @type {string} */ text) => `\x1b[1m${text}\x1b[0m` : String

/**
 * The commands that `npm start` runs, in order, each with a heading.
 *
 * @type {[heading: string, command: string][]}
 */
const tour = [
  ['Create the database and upgrade it to the newest revision', 'db init'],
  ['Import the example reviews', 'reviews import examples/reviews'],
  ['Show the current revision', 'migrate current'],
  ['Show the history', 'migrate history --indicate-current'],
  ['Show the content of the database', 'db info'],
]

const next = `
${bold('Next')}
  npx aludel migrate --help             list the commands
  npx aludel migrate upgrade --plan     show what an upgrade would do
  npx aludel reviews list               list the imported decisions
  npx aludel web                        show all of it in the browser
  npm test                              run all tests, on SQLite and PostgreSQL
  README.md                             follow the tour: change an entity, create a revision, upgrade, downgrade
`

/**
 * `npm start`: installs, builds, creates the default database with example data, and shows its content. Another run takes
 * seconds and changes nothing.
 *
 * @returns {Promise<number>} the exit code
 */
export async function main() {
  const ready = await setUp({ quiet: true })
  if (ready !== 0) return ready

  for (const [heading, command] of tour) {
    console.log(`\n${bold(heading)}\n$ npx aludel ${command}`)
    // DATABASE_URL of the shell is ignored, since it may name a database that matters.
    const args = ['packages/cli/bin/aludel.js', '--no-input', ...command.split(' ')]
    const code = await run('node', args, { env: { DATABASE_URL: undefined } })
    if (code !== 0) return code
  }
  console.log(next)
  return 0
}
