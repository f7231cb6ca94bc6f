/**
 * How many cases a search among random ones tries. One variable says it for all of them, ALUDEL_TEST_RUNS: how many times as
 * many as each search tries in `npm test`. Time has no part in it, so a slow machine tries the same cases as a fast one.
 */
const process = require('node:process')

/**
 * @param {number} base how many cases `npm test` tries
 * @returns {number} how many this run tries
 * @throws {Error} when ALUDEL_TEST_RUNS is not a positive integer
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

module.exports = { testRuns, isPositiveInteger }
