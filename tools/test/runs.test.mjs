// Tests the variable that sets the number of random cases: invalid values are refused.
import assert from 'node:assert/strict'
import process from 'node:process'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { main, read } from '../commands/faults.mjs'
import runs from '../testing/runs.cjs'

const { testRuns } = runs

describe('ALUDEL_TEST_RUNS', () => {
  /** @type {string | undefined} */
  let before
  beforeEach(() => {
    before = process.env['ALUDEL_TEST_RUNS']
  })
  afterEach(() => {
    if (before === undefined) delete process.env['ALUDEL_TEST_RUNS']
    else process.env['ALUDEL_TEST_RUNS'] = before
  })

  test('is 1 unless it is set', () => {
    delete process.env['ALUDEL_TEST_RUNS']
    assert.equal(testRuns(7), 7)
  })

  test('multiplies the number of runs', () => {
    process.env['ALUDEL_TEST_RUNS'] = '20'
    assert.equal(testRuns(7), 140)
  })

  for (const wrong of ['0', '-1', '1.5', '1e3', ' 2', 'many', '']) {
    test(`must not be ${JSON.stringify(wrong)}`, () => {
      process.env['ALUDEL_TEST_RUNS'] = wrong
      assert.throws(() => testRuns(7), {
        message: `ALUDEL_TEST_RUNS is ${JSON.stringify(wrong)}: it must be a positive integer`,
      })
    })
  }
})

describe('npm run faults', () => {
  test('passes its options to the tests as variables', () => {
    assert.deepEqual(read(['--runs', '50']).variables, { ALUDEL_TEST_RUNS: '50' })
    assert.deepEqual(read(['--rows', '1000000', '--seed', '7']).variables, {
      ALUDEL_TEST_RUNS: '200',
      ALUDEL_FAULT_ROWS: '1000000',
      ALUDEL_SEED: '7',
    })
  })

  test('refuses values that are not positive integers, and unknown options', async (t) => {
    const print = t.mock.method(console, 'error', () => undefined)
    for (const wrong of [
      ['--runs', '0'],
      ['--rows', '1e6'],
      ['--kills', '2'],
    ])
      assert.equal(await main(wrong), 2)
    const text = print.mock.calls.map((call) => String(call.arguments[0])).join('\n')
    assert.match(text, /^error: --runs 0 is not a whole number above 0\n\nusage: npm run faults/)
    assert.match(text, /ALUDEL_TEST_RUNS/)
  })
})
