import { join } from 'node:path'
import process from 'node:process'
import { clearLine, cursorTo } from 'node:readline'
import { SingleBar } from 'cli-progress'
import { root } from '../lib/process.mjs'
import { withPostgres } from '../lib/run-tests.mjs'
import { createModuleLoader } from '../../packages/engine/dist/files/load.js'

/** @typedef {import('../../packages/engine/dist/dialect/dialect.js').Dialect} Dialect */

/**
 * @typedef {object} FuzzRun
 * @property {('sqlite' | 'postgres')[]} dialects
 * @property {number} pairs on each of them
 * @property {number} minutes maximum time on each of them
 * @property {number} seed
 * @property {number} shrinkSteps smaller pairs to try after a failure
 * @property {{ readonly rows: number }} [kept] checks upgrades that keep what they drop, with so many rows for each table
 * @property {number} [maxFailures] number of kinds of failures after which it stops; default: no limit
 * @property {AbortSignal} [signal] stops it after the current pair
 * @property {(dialect: Dialect) => Dialect} [plant] returns a broken dialect to test instead
 */

/** Milliseconds between two lines of progress without a terminal. */
const interval = 15_000

/**
 * Runs pairs on one database after the other. Prints each kind of failure once, and a summary.
 *
 * @param {FuzzRun} run
 * @returns {Promise<number>} 0 without a failure, 1 with failures, 130 if it was interrupted without one
 */
export async function runFuzz(run) {
  // Loads the TypeScript files of the tests with the engine's own loader, since they are not compiled.
  const load = createModuleLoader({ anchor: root })
  const engine = (/** @type {string} */ path) => load(join(root, 'packages', 'engine', path))
  const { fuzz } = await engine('test/support/pairs/fuzz.ts')
  const { checkKept } = /** @type {any} */ (await engine('test/support/pairs/check-kept.ts'))
  const { kept } = run
  const check = kept && ((/** @type {object} */ request) => checkKept(request, kept.rows))
  const { loadDialect } = /** @type {any} */ (await engine('src/dialect/registry.ts'))

  let failed = false
  for (const name of run.dialects) {
    if (run.signal?.aborted) break
    const dialect = run.plant ? run.plant(loadDialect(name)) : loadDialect(name)
    const work = () => onDatabase(/** @type {any} */ (fuzz), dialect, { ...run, check })
    const summary = name === 'postgres' ? await withPostgres(work) : await work()
    failed ||= summary.failures.size > 0
  }
  if (failed) return 1
  return run.signal?.aborted ? 130 : 0
}

/**
 * @param {(options: object) => Promise<any>} fuzz
 * @param {Dialect} dialect
 * @param {FuzzRun & { check?: ((request: object) => unknown) | undefined }} run
 */
async function onDatabase(fuzz, dialect, run) {
  console.log(`${dialect.name}: ${run.pairs} pairs from seed ${run.seed}`)
  const started = Date.now()
  const timeUp = new AbortController()
  const timer =
    run.minutes === Infinity ? undefined : setTimeout(() => timeUp.abort(), Math.round(run.minutes * 60_000))
  const progress = progressOf(run.pairs, run.seed)
  try {
    const summary = await fuzz({
      dialect,
      check: run.check,
      pairs: run.pairs,
      seed: run.seed,
      maxFailures: run.maxFailures,
      shrinkSteps: run.shrinkSteps,
      signal: run.signal ? AbortSignal.any([run.signal, timeUp.signal]) : timeUp.signal,
      onProgress: progress.update,
      onUnobserved: (/** @type {string} */ reason) => progress.print(`${dialect.name}: not observed: ${reason}`),
      onFailure: (/** @type {{ report: string }} */ { report }) => progress.print(`\n${report}\n`),
    })
    progress.stop()
    printSummary(dialect.name, summary, (Date.now() - started) / 1000)
    return summary
  } finally {
    progress.stop()
    clearTimeout(timer)
  }
}

/**
 * @param {string} name
 * @param {any} summary
 * @param {number} seconds
 */
function printSummary(name, summary, seconds) {
  const { pairs, changed, operations, rows, refused, impossible, failures } = summary
  const total = (/** @type {Map<string, number>} */ counts) => [...counts.values()].reduce((sum, one) => sum + one, 0)
  console.log(
    `${name}: ${pairs} pairs in ${seconds.toFixed(0)} s, ${changed} of them different; ${operations} operations, ${rows} rows; ` +
      `${refused} times the rows did not fit; ${total(impossible)} models that TypeORM cannot make; ${total(failures)} failures`,
  )
  for (const [reason, times] of impossible) console.log(`  cannot be made, ${times} times: ${reason}`)
  for (const [kind, times] of failures) console.log(`  failed, ${times} times: ${kind}`)
}

/**
 * A bar in a terminal, and otherwise a line from time to time.
 *
 * @param {number} pairs
 * @param {number} firstSeed
 */
function progressOf(pairs, firstSeed) {
  const { stderr } = process
  const bar = new SingleBar({
    format: stderr.isTTY
      ? '{bar} {value}/{total} pairs, seed {seed}, {failures} failures, {eta_formatted} left'
      : '{value} of {total} pairs, seed {seed}, {failures} failures',
    stream: stderr,
    noTTYOutput: true,
    notTTYSchedule: interval,
  })
  bar.start(pairs, 0, { seed: firstSeed, failures: 0 })
  return {
    /**
     * @param {any} summary
     * @param {number} seed
     */
    update(summary, seed) {
      const failures = [...summary.failures.values()].reduce((sum, one) => sum + one, 0)
      bar.update(summary.pairs, { seed, failures })
    },
    print(/** @type {string} */ text) {
      if (stderr.isTTY) {
        // The bar is drawn again below the text.
        cursorTo(stderr, 0)
        clearLine(stderr, 0)
      }
      console.log(text)
    },
    stop() {
      bar.stop()
    },
  }
}
