import { relative } from 'node:path'
import { root } from './process.mjs'

/**
 * A reporter for Node's test runner that writes the numbers of passed, failed and skipped tests, and which failed, as JSON.
 * It counts tests, not suites.
 *
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 */
export default async function* countReporter(events) {
  /** @type {import('./run-tests.mjs').Counts} */
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] }
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    if (event.data.details.type === 'suite') continue
    if (event.type === 'test:fail') {
      counts.failed++
      counts.failures.push(failureOf(event.data))
    } else if (event.data.skip !== undefined || event.data.todo !== undefined) counts.skipped++
    else counts.passed++
  }
  yield JSON.stringify(counts)
}

/**
 * @param {import('node:test').EventData.TestFail} test
 * @returns {import('./results.mjs').Failure}
 */
function failureOf({ file, name, details }) {
  const { error } = details
  const cause = error.cause instanceof Error ? error.cause : error
  return { file: file === undefined ? '' : relative(root, file), name, message: cause.stack ?? cause.message }
}
