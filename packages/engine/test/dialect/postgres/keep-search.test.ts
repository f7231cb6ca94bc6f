import { testRuns } from '../../../../../tools/testing/runs.cjs'
import { searchKept } from './keep-search'

jest.setTimeout(3_600_000)

test('random pairs of models lose no row and no value between an upgrade that keeps and its downgrade', async () => {
  const pairs = Number(process.env['ALUDEL_KEEP_PAIRS'] ?? testRuns(6))
  const seed = Number(process.env['ALUDEL_KEEP_SEED'] ?? 20261130)
  const summary = await searchKept({
    pairs,
    seed,
    rounds: 2,
    onFailure: (text) => {
      process.stderr.write(`${text}\n\n`)
    },
  })
  process.stderr.write(`${JSON.stringify({ ...summary, failures: summary.failures.length })}\n`)
  expect(summary.failures.join('\n\n')).toBe('')
  expect(summary.kept).toBeGreaterThan(pairs / 4)
})
