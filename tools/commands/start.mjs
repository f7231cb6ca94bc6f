import { run } from '../lib/process.mjs'
import { setUp } from '../lib/setup.mjs'

const bold =
  process.stdout.isTTY && !process.env['NO_COLOR'] ? (/** @type {string} */ text) => `\x1b[1m${text}\x1b[0m` : String

/**
 * What `npm start` shows, in order: a heading, and the command below it, as the reader can type it.
 *
 * @type {[heading: string, command: string][]}
 */
const tour = [
  ['The database: made, and brought to the newest revision', 'db init'],
  ['The example reviews, imported', 'reviews import examples/reviews'],
  ['Where the database stands', 'migrate current'],
  ['How it got there', 'migrate history --indicate-current'],
  ['What is in it', 'db info'],
]

const next = `
${bold('Next')}
  npx aludel migrate --help             the commands
  npx aludel migrate upgrade --plan     what an upgrade would do
  npx aludel reviews list               the decisions that were imported
  npm test                              everything proved, on SQLite and on PostgreSQL
  README.md                             five minutes: change an entity, create a revision, upgrade, downgrade
`

/**
 * `npm start`: installs, builds, creates the embedded database with its example data, and shows what is there.
 * Run again, it takes seconds and changes nothing.
 *
 * @returns {Promise<number>} the exit code
 */
export async function main() {
  const ready = await setUp({ quiet: true })
  if (ready !== 0) return ready

  for (const [heading, command] of tour) {
    console.log(`\n${bold(heading)}\n$ npx aludel ${command}`)
    // The database of this folder, whatever DATABASE_URL the shell has: it may be one that matters.
    const args = ['packages/cli/bin/aludel.js', '--no-input', ...command.split(' ')]
    const code = await run('node', args, { env: { DATABASE_URL: undefined } })
    if (code !== 0) return code
  }
  console.log(next)
  return 0
}
