import { parseArgs } from 'node:util'
import { withLock } from '../lib/lock.mjs'
import { setUp } from '../lib/setup.mjs'

const help = `usage: npm run drill -- [option …]

Backs up and restores databases with rows of every type, foreign keys and a writer at work, and compares every row and the schema
afterwards; kills backups and restores; fills disks; damages files; changes servers. Prints a table, and exits with 1 if a row is
lost, a restore is half-way, or something is left that the next command does not remove.

  --database sqlite|postgres   only this one; default both
  --rows N                     rows of the largest table; default 100,000
  --kills N                    kills of backups, and as many of restores, on each database; default 50
  --seed S                     of the moments of the kills; default random
  --no-servers                 leave out older and newer PostgreSQL servers, which are installed for it`

/**
 * `npm run drill`: what a restore is worth.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 nothing lost, 1 a problem, 2 wrong usage
 */
export async function main(args) {
  const options = read(args)
  if (typeof options === 'string') {
    console.error(`error: ${options}\n\n${help}`)
    return 2
  }
  if (options.help) {
    console.log(help)
    return 0
  }
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
 * @returns {import('../drill/index.mjs').DrillOptions & { help: boolean } | string} the options, or an error message
 */
export function read(args) {
  try {
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
    const { database } = values
    if (database !== undefined && database !== 'sqlite' && database !== 'postgres')
      return `--database ${database} is neither sqlite nor postgres`
    return {
      help: values.help,
      databases: database === undefined ? ['sqlite', 'postgres'] : [database],
      rows: number('--rows', values.rows) ?? 100_000,
      kills: number('--kills', values.kills) ?? 50,
      seed: number('--seed', values.seed) ?? Math.floor(Math.random() * 1_000_000_000),
      servers: !values['no-servers'],
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/**
 * @param {string} option
 * @param {string | undefined} text
 */
function number(option, text) {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${option} ${text} is not a number`)
  return Number(text)
}
