// Tests a small `npm run fuzz`: it finds nothing in a correct engine, and a failure in a broken one.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eachWay } from '../../packages/engine/dist/dialect/roles/ddl.js'
import { main } from '../commands/fuzz.mjs'
import { runFuzz } from '../fuzz/run.mjs'

/** @type {import('../fuzz/run.mjs').FuzzRun} */
const tiny = { dialects: ['sqlite'], pairs: 8, minutes: Infinity, seed: 20261121, shrinkSteps: 15 }

/**
 * A dialect that omits some of its statements in each direction.
 *
 * @param {import('../fuzz/run.mjs').Dialect} dialect
 * @returns {import('../fuzz/run.mjs').Dialect}
 */
function broken(dialect) {
  /** @type {typeof dialect.ddl.render} */
  const render = (operations, from) =>
    dialect.ddl
      .render(operations, from)
      .filter(({ sql }) => !/ADD COLUMN|DROP COLUMN|CREATE TABLE "aludel_new/.test(sql))
  return { ...dialect, ddl: { ...dialect.ddl, render, renderBothWays: eachWay(render) } }
}

test('reports its counts for each database and returns 0 when nothing fails', async (t) => {
  const print = t.mock.method(console, 'log', () => undefined)
  assert.equal(await runFuzz({ ...tiny, dialects: ['sqlite', 'postgres'] }), 0)
  const lines = print.mock.calls.map((call) => String(call.arguments[0]))
  assert(lines.includes('sqlite: 8 pairs from seed 20261121'))
  assert(
    lines.some((line) =>
      /^sqlite: 8 pairs in \d+ s, \d+ of them different; \d+ operations, \d+ rows; .* 0 failures$/.test(line),
    ),
  )
  assert(lines.some((line) => /^postgres: 8 pairs in/.test(line)))
})

test('fails with the smallest pair and its seed when the engine is broken', async (t) => {
  const print = t.mock.method(console, 'log', () => undefined)
  const code = await runFuzz({
    ...tiny,
    pairs: 100,
    maxFailures: 1,
    plant: broken,
  })
  assert.equal(code, 1)
  const text = print.mock.calls.map((call) => String(call.arguments[0])).join('\n')
  assert.match(text, /sqlite: \w+ .*\(seed \d+; rows by \d+; run by [\w, ]+; 15 smaller pairs tried\)/)
  assert.match(text, /--- entities before\n@Entity\(/)
  assert.match(text, /--- statements\n/)
  assert.match(text, /\n {2}failed, \d+ times: /)
})

test('stops when it is interrupted and when its time is up', async (t) => {
  t.mock.method(console, 'log', () => undefined)
  assert.equal(await runFuzz({ ...tiny, pairs: 1e6, signal: AbortSignal.timeout(1000) }), 130)
  assert.equal(await runFuzz({ ...tiny, pairs: 1e6, minutes: 0.01 }), 0)
})

test('refuses unknown options and values', async (t) => {
  t.mock.method(console, 'error', () => undefined)
  assert.equal(await main(['--dialect', 'mysql']), 2)
  assert.equal(await main(['--pairs', 'many']), 2)
  assert.equal(await main(['--shrink', '10s']), 2)
  assert.equal(await main(['--bogus']), 2)
})
