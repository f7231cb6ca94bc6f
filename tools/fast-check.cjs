/**
 * fast-check for the tests of this repository:
 *
 * - It uses the same seed each time, so that test runs are repeatable. `ALUDEL_SEED=random npm test` uses another seed, and so does
 *   ALUDEL_SEED with a number that a failure printed.
 * - A property without `numRuns` runs 100 times ALUDEL_TEST_RUNS (see tools/testing/runs.cjs).
 * - Shrinking is limited: after a number of executions, it reports the smallest counterexample so far and its path. An assertion
 *   with that `seed` and `path` continues from there.
 */
const path = require('node:path')
const process = require('node:process')
const { testRuns } = require('./testing/runs.cjs')
// By its path, because jest maps the name to this file.
const fc = require(path.join(__dirname, '../node_modules/fast-check/lib/cjs/fast-check.js'))

/** Maximum number of executions of a property after it failed. fast-check itself can only limit the time. */
const shrinkSteps = 200

const seed = process.env['ALUDEL_SEED'] ?? '20261121'
fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  numRuns: testRuns(100),
  ...(seed === 'random' ? {} : { seed: Number(seed) }),
})

fc.installGlobalPlugin(() => {
  let left = Infinity
  const look = (/** @type {{ error: unknown } | import('fast-check').PreconditionFailure | null} */ outcome) => {
    if (outcome !== null && !fc.PreconditionFailure.isFailure(outcome) && left === Infinity) left = shrinkSteps
    return outcome
  }
  return {
    decorateRun: (/** @type {(value: unknown) => unknown} */ run) => (/** @type {unknown} */ value) => {
      if (left === 0) return new fc.PreconditionFailure(true)
      left -= 1
      const outcome = run(value)
      return outcome instanceof Promise ? outcome.then(look) : look(outcome)
    },
  }
})

module.exports = fc
