// Tests the columns that the tools print.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { printHead } from '../bench/report.mjs'
import { root } from '../lib/process.mjs'
import { orFailure, writeResult } from '../lib/results.mjs'
import { printSummary } from '../lib/summary.mjs'
import { columns } from '../lib/table.mjs'

describe('columns', () => {
  test('are as wide as their widest cell and hold no spaces at the end of a line', () => {
    const rows = [
      ['a', 1, 'x'],
      ['longer', 100, ''],
    ]
    assert.equal(
      columns({ head: ['name', 'n', ''], rows, align: ['left', 'right', 'left'] }),
      ['name      n', 'a         1  x', 'longer  100'].join('\n'),
    )
  })

  test('of a fixed width wrap what does not fit', () => {
    const rows = [['one two three', 'x']]
    assert.equal(columns({ rows, align: ['left', 'left'], widths: [8, 3] }), ['one two   x', 'three'].join('\n'))
  })
})

describe('the summary of a run', () => {
  const folder = 'selftest-summary'
  /** @type {string | undefined} */
  let before
  beforeEach(() => {
    before = process.env['ALUDEL_TEST_RESULTS']
    process.env['ALUDEL_TEST_RESULTS'] = folder
  })
  afterEach(() => {
    rmSync(join(root, '.cache', folder), { recursive: true, force: true })
    if (before === undefined) delete process.env['ALUDEL_TEST_RESULTS']
    else process.env['ALUDEL_TEST_RESULTS'] = before
  })

  test('has a line for each task and ends with the counts alone on the last line', (t) => {
    const print = t.mock.method(console, 'log', () => undefined)
    writeResult('engine:test', { passed: 1234, failed: 0, skipped: 5, seconds: 61.25 })
    assert.equal(printSummary(['engine:test', 'workspace:lint']), 1)
    const lines = print.mock.calls.flatMap((call) => String(call.arguments[0]).split('\n'))
    assert.deepEqual(lines, [
      '',
      'task            passed  failed  skipped  seconds',
      'engine:test       1234       0        5     61.3',
      'workspace:lint       -       1        -        -  did not finish',
      '',
      '1234 passed, 1 failed',
    ])
  })

  test('names what kept tasks from running, and has the others', async (t) => {
    const print = t.mock.method(console, 'log', () => undefined)
    const tasks = await orFailure('workspace:test-postgres-13', () => Promise.reject(new Error('it does not start')))
    tasks.push(
      ...(await orFailure('workspace:test-postgres-14', async () => {
        writeResult('engine:test-postgres-14', { passed: 7, failed: 0, skipped: 0, seconds: 1 })
        return ['engine:test-postgres-14']
      })),
    )
    assert.equal(printSummary(tasks), 1)
    const printed = print.mock.calls.map((call) => String(call.arguments[0])).join('\n')
    assert.match(printed, /FAILED workspace:test-postgres-13/)
    assert.match(printed, /it does not start/)
    assert.match(printed, /\n7 passed, 1 failed$/)
  })
})

test('the benchmark prints a line under each column of its head', (t) => {
  const print = t.mock.method(console, 'log', () => undefined)
  printHead()
  const [names = '', lines = ''] = print.mock.calls.map((call) => String(call.arguments[0]))
  assert.equal(names.indexOf('ratio'), lines.lastIndexOf('─  ─', names.indexOf('ratio')) + 3)
  assert.equal(lines.split(/ {2}/).length, 7)
})
