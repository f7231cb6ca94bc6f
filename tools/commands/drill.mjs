import { parseArgs } from 'node:util'
import { withLock } from '../lib/lock.mjs'
import { databasesOf, optionsOr, wholeNumber } from '../lib/options.mjs'
import { setUp } from '../lib/setup.mjs'

const help = `usage: npm run drill -- [option …]

Backs up and restores databases with rows of every type, foreign keys and a writer at work, keeps what an upgrade drops and gives it
back, and compares every row and the schema afterwards; kills each of them; fills disks; damages files; changes servers. Prints a
table, and exits with 1 if a row is lost, something is half-way, or something is left that the next command does not mend.

  --database sqlite|postgres   only this one; default both
  --rows N                     rows of the largest table; default 100,000
  --kills N                    kills of each on each database: backups, restores, upgrades that keep what they drop, and downgrades
                               that give it back; default 50
  --seed S                     of the moments of the kills; default random
  --no-servers                 leave out older and newer PostgreSQL servers, which are installed for it`

/**
 * `npm run drill`: what a restore is worth.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 nothing lost, 1 a problem, 2 wrong usage
 */
export async function main(args) {
  const options = optionsOr(args, read, help)
  if (typeof options === 'number') return options
  const ready = await setUp({ quiet: true })
  if (ready !== 0) return ready
  return withLock('test', async () => {
    // Imported here because it needs the packages that have just been built.
    const { runDrill } = await import('../drill/index.mjs')
    return runDrill(options)
  })
}

/**
 * @param {string[]} args
 * @returns {import('../drill/index.mjs').DrillOptions & { help: boolean }}
 * @throws {Error} naming the wrong option
 */
export function read(args) {
  const { values } = parseArgs({
    args,
    options: {
      database: { type: 'string' },
      rows: { type: 'string' },
      kills: { type: 'string' },
      seed: { type: 'string' },
      'no-servers': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    help: values.help,
    databases: databasesOf('--database', values.database),
    rows: wholeNumber('--rows', values.rows) ?? 100_000,
    kills: wholeNumber('--kills', values.kills) ?? 50,
    seed: wholeNumber('--seed', values.seed) ?? Math.floor(Math.random() * 1_000_000_000),
    servers: !values['no-servers'],
  }
}
