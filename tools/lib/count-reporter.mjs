/**
 * A reporter for Node's test runner that says only how many tests passed, failed and were skipped, as JSON.
 * A suite is no test: its tests are counted one by one.
 *
 * @param {AsyncIterable<import('node:test/reporters').TestEvent>} events
 */
export default async function* countReporter(events) {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for await (const event of events) {
    if (event.type !== 'test:pass' && event.type !== 'test:fail') continue
    if (event.data.details.type === 'suite') continue
    if (event.type === 'test:fail') counts.failed++
    else if (event.data.skip !== undefined || event.data.todo !== undefined) counts.skipped++
    else counts.passed++
  }
  yield JSON.stringify(counts)
}
