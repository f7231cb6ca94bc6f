/**
 * fast-check as the tests of this repository get it:
 *
 * - with the same seed each time, so that a test run says the same twice. Another seed looks further: `ALUDEL_SEED=random npm
 *   test`, or a number that a failure printed;
 * - with as many runs as ALUDEL_TEST_RUNS says, where a property does not say it itself (see tools/testing/runs.cjs);
 * - with an end to shrinking: after so many executions, the smallest counterexample that was found is reported. It has a path;
 *   an assertion with that `seed` and `path` goes on from there.
 */
const path = require('node:path')
const process = require('node:process')
const { testRuns } = require('./testing/runs.cjs')
// By its path: by its name, jest would lead back here.
const fc = require(path.join(__dirname, '../node_modules/fast-check/lib/cjs/fast-check.js'))

/** How often a property is executed once more after it has failed, at most. fast-check itself only knows limits of time. */
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
