import { parseArgs } from 'node:util'
import process from 'node:process'
import { databasesOf, number, optionsOr } from '../lib/options.mjs'
import { setUp } from '../lib/setup.mjs'

const help = `usage: npm run fuzz -- [option …]

Checks random pairs of entity models with rows in their tables: applying the difference leads to the second model, a second
difference is empty, undoing it leads back to the first model, and no row is lost unless an operation declares it. For one in
five, the proof of a revision is checked instead, which makes its own rows. A pair that fails is shrunk and printed with its seed.

  --dialect sqlite|postgres   test only this database; default both
  --pairs N                   number of pairs on each database; default 500
  --minutes M                 maximum time on each database
  --seed S                    first seed, as printed by a failure; default random
  --shrink STEPS              number of smaller pairs to try after a failure; default 200
  --kept                      check instead that an upgrade with --keep-dropped and its downgrade lose no value and no row
  --rows N                    with --kept: number of rows for each table; default 12`

/**
 * `npm run fuzz`: searches for entities that the engine handles incorrectly.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 no failure, 1 a failure, 2 wrong usage, 130 interrupted
 */
export async function main(args) {
  const options = optionsOr(args, read, help)
  if (typeof options === 'number') return options
  const ready = await setUp({ quiet: true })
  if (ready !== 0) return ready

  // Imported here because it needs the packages that have just been installed and built.
  const { runFuzz } = await import('../fuzz/run.mjs')
  const interrupt = new AbortController()
  const onSignal = () => interrupt.abort()
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    return await runFuzz({ ...options, signal: interrupt.signal })
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

/**
 * @param {string[]} args
 * @returns {import('../fuzz/run.mjs').FuzzRun & { help: boolean }}
 * @throws {Error} naming the wrong option
 */
function read(args) {
  const { values } = parseArgs({
    args,
    options: {
      dialect: { type: 'string' },
      pairs: { type: 'string' },
      minutes: { type: 'string' },
      seed: { type: 'string' },
      shrink: { type: 'string' },
      kept: { type: 'boolean', default: false },
      rows: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  return {
    help: values.help,
    dialects: databasesOf('--dialect', values.dialect),
    pairs: number('--pairs', values.pairs) ?? 500,
    minutes: number('--minutes', values.minutes) ?? Infinity,
    seed: number('--seed', values.seed) ?? Math.floor(Math.random() * 1_000_000_000),
    shrinkSteps: number('--shrink', values.shrink) ?? 200,
    kept: values.kept ? { rows: number('--rows', values.rows) ?? 12 } : undefined,
  }
}
