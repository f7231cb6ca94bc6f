/**
 * fast-check as the tests of this repository get it:
 *
 * - with the same seed each time, so that a test run says the same twice. Another seed looks further: `ALUDEL_SEED=random npm
 *   test`, or a number that a failure printed;
 * - with as many runs as ALUDEL_TEST_RUNS says, where a property does not say it itself (see tools/testing/runs.cjs).
 */
const path = require('node:path')
const process = require('node:process')
const { testRuns } = require('./testing/runs.cjs')
// By its path: by its name, jest would lead back here.
const fc = require(path.join(__dirname, '../node_modules/fast-check/lib/cjs/fast-check.js'))

const seed = process.env['ALUDEL_SEED'] ?? '20261121'
fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  numRuns: testRuns(100),
  ...(seed === 'random' ? {} : { seed: Number(seed) }),
})

module.exports = fc
