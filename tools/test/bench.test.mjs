// Tests the smallest `npm run bench`: every program does its work on both databases. It does not test speed.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import { current } from '../bench/current.mjs'
import { compare } from '../bench/measure.mjs'
import { scale } from '../bench/scale.mjs'
import { upgrade } from '../bench/upgrade.mjs'

test('compares every scenario with every peer on both databases', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'aludel-bench-test-'))
  const server = process.env['ALUDEL_TEST_POSTGRES_URL']
  assert(server, 'ALUDEL_TEST_POSTGRES_URL is not set: npm test sets it')
  const print = t.mock.method(console, 'log', () => undefined)
  try {
    const sizes = { few: 8, thousand: 10, many: 20 }
    const scenarios = [
      ...(await current(folder, server)),
      ...(await scale(folder, sizes, ['wide'])),
      ...(await upgrade(folder, server, 12)),
    ]
    for (const scenario of scenarios) await compare(scenario, 1)
  } finally {
    rmSync(folder, { recursive: true })
  }
  const rows = print.mock.calls.map((call) => String(call.arguments[0]))
  assert.equal(rows.length, 11)
  for (const row of rows) assert.match(row, /\d+\.\d\d \(\d+\.\d\d–\d+\.\d\d\) +\d+/)
})

test('fails when a program did not do its work', async () => {
  const program = {
    name: 'true',
    prepare: async () => ({ command: 'true', args: [], check: () => Promise.reject(new Error('no row')) }),
  }
  await assert.rejects(compare({ name: 'nothing', ours: program, peers: [] }, 1), /true did not do its work/)
})
