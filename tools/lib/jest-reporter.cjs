/**
 * A jest reporter that writes the numbers of passed, failed and skipped tests, and which failed on which stack, as JSON to the
 * file that ALUDEL_TEST_REPORT names.
 */
const { writeFileSync } = require('node:fs')
const { join, relative } = require('node:path')
const process = require('node:process')

const root = join(__dirname, '../..')

module.exports = class {
  constructor() {
    /** @type {import('./run-tests.mjs').Counts} */
    this.counts = { passed: 0, failed: 0, skipped: 0, failures: [] }
  }

  /**
   * @param {import('@jest/reporters').Test} test
   * @param {import('@jest/test-result').TestResult} result
   */
  onTestResult(test, { testFilePath, testExecError, failureMessage, testResults }) {
    const { counts } = this
    const { displayName } = test.context.config
    const file = relative(root, testFilePath)
    const add = (/** @type {string} */ name, /** @type {string} */ message) =>
      counts.failures.push({ file, name: displayName === undefined ? name : `${displayName.name}: ${name}`, message })
    // A file that cannot run, or leaves something open, has an error without a test.
    if (testExecError !== undefined && testExecError !== null) {
      counts.failed++
      add('could not be run', failureMessage ?? testExecError.message ?? String(testExecError))
    }
    for (const { status, fullName, failureMessages } of testResults) {
      if (status === 'passed') counts.passed++
      else if (status === 'failed') {
        counts.failed++
        add(fullName, failureMessages.join('\n'))
      } else counts.skipped++
    }
  }

  onRunComplete() {
    const report = process.env['ALUDEL_TEST_REPORT']
    if (report !== undefined) writeFileSync(report, JSON.stringify(this.counts))
  }
}
