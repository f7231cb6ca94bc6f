// Tests that `npm run drill` checks its arguments before it installs anything, and that its report does not hide a loss.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { main, read } from '../commands/drill.mjs'
import { report } from '../drill/report.mjs'

test('refuses wrong options', async (t) => {
  const print = t.mock.method(console, 'error', () => undefined)
  for (const wrong of [['--database', 'mysql'], ['--rows', 'many'], ['--kills', '-1'], ['--all']])
    assert.equal(await main(wrong), 2)
  assert.match(String(print.mock.calls[0]?.arguments[0]), /^error: --database mysql is neither/)
})

test('prints its usage with --help', async (t) => {
  const print = t.mock.method(console, 'log', () => undefined)
  assert.equal(await main(['--help']), 0)
  assert.match(String(print.mock.calls[0]?.arguments[0]), /^usage: npm run drill/)
})

test('drills both databases with 100,000 rows and 100 kills, unless told otherwise', () => {
  const { seed, ...options } = read([])
  assert.equal(typeof seed, 'number')
  assert.deepEqual(options, { help: false, databases: ['sqlite', 'postgres'], rows: 100_000, kills: 50, servers: true })
})

test('fails when a row is lost, when a part fails, and when nothing was drilled', (t) => {
  t.mock.method(console, 'log', () => undefined)
  const line = { database: 'sqlite', scenario: 'all', runs: 1, kills: 1, left: 0, lost: 0 }
  assert.equal(report([line]), 0)
  assert.equal(report([{ ...line, skipped: 'why not' }, line]), 0)
  assert.equal(report([line, { ...line, lost: 1 }]), 1)
  assert.equal(report([line, { ...line, problem: 'it failed' }]), 1)
  assert.equal(report([]), 1)
})
