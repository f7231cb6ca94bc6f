/**
 * The number of cases of random tests. One variable, ALUDEL_TEST_RUNS, multiplies the number that each test tries in `npm test`. It
 * does not depend on time, so a slow machine tries the same cases as a fast one.
 */
const process = require('node:process')

/**
 * @param {number} base the number of cases in `npm test`
 * @returns {number} the number of cases in this run
 * @throws {Error} if ALUDEL_TEST_RUNS is not a positive integer
 */
function testRuns(base) {
  const text = process.env['ALUDEL_TEST_RUNS'] ?? '1'
  if (!isPositiveInteger(text)) {
    throw new Error(`ALUDEL_TEST_RUNS is ${JSON.stringify(text)}: it must be a positive integer`)
  }
  return base * Number(text)
}

/** @param {string} text */
const isPositiveInteger = (text) => /^[1-9]\d*$/.test(text)

module.exports = { testRuns }
