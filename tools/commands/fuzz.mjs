import { parseArgs } from 'node:util'
import process from 'node:process'
import { setUp } from '../lib/setup.mjs'

const help = `usage: npm run fuzz -- [option …]

Random pairs of entity models, with rows in their tables: the difference, applied, gives what was wanted; a second
difference is empty; undone, it gives what was; and no row is lost that no operation declares lost. One in five is
created as a revision instead, whose proof finds the rows itself. A pair that fails is made smaller, and shown with its
seed.

  --dialect sqlite|postgres   only on this database; default: on both
  --pairs N                   pairs on each database; default 500
  --minutes M                 at most so long on each database
  --seed S                    the first seed, as a failure printed it; default: by chance
  --shrink STEPS              how many smaller pairs are tried after a failure; default 200`

/**
 * `npm run fuzz`: looks for entities that the engine gets wrong, for as long as it is let.
 *
 * @param {string[]} args
 * @returns {Promise<number>} the exit code: 0 nothing found, 1 something found, 2 wrong usage, 130 interrupted
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

  // Imported only now: it needs what has just been installed and built.
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
 * @returns {import('../fuzz/run.mjs').FuzzRun & { help: boolean } | string} what is wrong, when it is a text
 */
function read(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        dialect: { type: 'string' },
        pairs: { type: 'string' },
        minutes: { type: 'string' },
        seed: { type: 'string' },
        shrink: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    })
    const { dialect, help: wantsHelp } = values
    if (dialect !== undefined && dialect !== 'sqlite' && dialect !== 'postgres')
      return `--dialect ${dialect} is neither sqlite nor postgres`
    return {
      help: wantsHelp,
      dialects: dialect === undefined ? ['sqlite', 'postgres'] : [dialect],
      pairs: number('--pairs', values.pairs) ?? 500,
      minutes: number('--minutes', values.minutes) ?? Infinity,
      seed: number('--seed', values.seed) ?? Math.floor(Math.random() * 1_000_000_000),
      shrinkSteps: number('--shrink', values.shrink) ?? 200,
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
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) throw new Error(`${option} ${text} is not a number`)
  return value
}
