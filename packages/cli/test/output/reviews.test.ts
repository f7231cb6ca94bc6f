import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'

import { main } from '../../src/main'
import { displayWidth } from '../../src/output/table'

import { shippedConfig } from '../e2e/harness'
import { collector } from '../world'

/** The lists of reviews in a terminal: a decision is one line, however long its texts are. */

let directory: string
beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'aludel-reviews-'))
  writeFileSync(path.join(directory, 'aludel.config.json'), shippedConfig['aludel.config.json'])
  const entry = {
    original_decision: 'Mitigate',
    final_decision: 'Accept with Controls',
    reviewer: 'Maria Magdalena de la Cruz y Fernández',
    justification: 'Fine.',
    review_date: '2025-04-20',
  }
  const file = { 'ECU001-body-control-module': { [`Replay of ${'very '.repeat(20)}old messages`]: entry, x: entry } }
  writeFileSync(path.join(directory, 'payment-gateway-2025q2_reviews.json'), JSON.stringify(file))
  for (const words of ['db init', 'reviews import .']) expect((await aludel(words, 80)).code).toBe(0)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function aludel(words: string, columns: number): Promise<{ code: number; lines: string[] }> {
  const [stdout, stderr] = [collector({ isTTY: true, columns }), collector()]
  const code = await main([...words.split(' '), '--no-color'], {
    stdin: new PassThrough(),
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: { PATH: process.env['PATH'] ?? '', DATABASE_URL: `sqlite:///${path.join(directory, 'test.db')}` },
    cwd: directory,
    exit: () => undefined,
  })
  return { code, lines: stdout.text().trimEnd().split('\n') }
}

test.each([
  ['reviews list', 3],
  ['reviews list --analysis payment-gateway-2025q2', 3],
  ['reviews status', 4],
])('%s fits a terminal of 80 columns', async (words, count) => {
  const { code, lines } = await aludel(words, 80)
  expect(code).toBe(0)
  expect(lines).toHaveLength(count)
  expect(lines.filter((line) => displayWidth(line) > 80)).toEqual([])
  expect(lines.join('\n')).toMatch(words.includes('status') ? /payment-gateway-2025q2 +2/ : /2025-04-20 {2}completed/)
})
