import type { RunEvent } from '@aludel/engine'

import { Output } from '../../src/output/output'
import { barLine, Progress } from '../../src/output/progress'
import { displayWidth } from '../../src/output/table'
import { collector } from '../world'

const revision = {
  id: 'a1b2c3d4e5f6',
  name: 'A1',
  exportName: 'A1',
  timestamp: 1,
  down: [],
  dependsOn: [],
  branchLabels: [],
  message: 'first',
  path: '/a.ts',
  checksum: '',
  plain: false,
}
const step = { revision, direction: 'upgrade' as const }

function make(options: { readonly isTTY: boolean; readonly quiet?: boolean }) {
  const stderr = collector({ isTTY: options.isTTY, columns: 80 })
  const stdout = collector()
  const clock = { now: 0 }
  const output = new Output({
    stdout: stdout.stream,
    stderr: stderr.stream,
    env: { NO_COLOR: '1' },
    json: false,
    quiet: options.quiet === true,
    verbose: false,
    noColor: true,
  })
  return { progress: new Progress(output, () => clock.now), clock, stderr, stdout }
}

function started(index: number, total: number): RunEvent {
  return { type: 'stepStart', step, index, total }
}

test('names the lock holder once, and again when the holder changes', () => {
  const { progress, stderr } = make({ isTTY: false })
  const holder = 'deploy@ci, process 4242, since 2026-11-27T10:00:00Z'
  for (const waitedMs of [0, 30, 80]) progress.onEvent({ type: 'waiting', waitedMs, holder })
  expect(stderr.text()).toBe(`waiting for another migrator to finish (${holder})\n`)
  progress.onEvent({ type: 'waiting', waitedMs: 120, holder: 'other@ci' })
  expect(stderr.text().split('\n')).toHaveLength(3)
})

test('says in a log for what a command waits, when that changes and twice a minute', () => {
  const { progress, clock, stderr } = make({ isTTY: false })
  const at = (ms: number, text: string): void => {
    clock.now = ms
    progress.waitingFor(text, ms)
  }
  at(0, 'nothing listens at db:5432')
  for (const ms of [500, 2000, 20_000]) at(ms, 'nothing listens at db:5432')
  at(29_000, '3 revisions are pending')
  at(31_000, '3 revisions are pending')
  at(59_500, '3 revisions are pending')
  at(240_000, '3 revisions are pending')
  expect(stderr.text()).toBe(
    [
      'waiting: nothing listens at db:5432',
      'waiting for 29 s: 3 revisions are pending',
      'waiting for 60 s: 3 revisions are pending',
      'waiting for 4 min: 3 revisions are pending',
      '',
    ].join('\n'),
  )
})

test('prints steps to a log only every few seconds, and messages at once', () => {
  const { progress, clock, stderr, stdout } = make({ isTTY: false })
  progress.onEvent(started(0, 3))
  expect(stderr.text()).toBe('')
  clock.now = 6000
  progress.onEvent(started(1, 3))
  progress.onEvent(started(2, 3))
  expect(stderr.text()).toBe('1/3 a1b2c3d4e5f6 first\n')
  progress.onEvent({ type: 'progress', message: 'starting an embedded PostgreSQL' })
  progress.clear()
  expect(stderr.text()).toBe('1/3 a1b2c3d4e5f6 first\nstarting an embedded PostgreSQL\n')
  expect(stdout.text()).toBe('')
})

test('rewrites one line in a terminal and clears it at the end', () => {
  const { progress, stderr } = make({ isTTY: true })
  progress.onEvent({ type: 'progress', message: 'replaying' })
  progress.onEvent({ type: 'progress', message: 'proving' })
  progress.clear()
  progress.clear()
  expect(stderr.text()).toBe('replaying\r\u001b[2Kproving\r\u001b[2K')
})

test('clears the progress line and prints a warning on a line of its own', () => {
  const { progress, stderr } = make({ isTTY: true })
  progress.onEvent({ type: 'progress', message: 'proving' })
  progress.onEvent({ type: 'warning', message: 'no sample row' })
  expect(stderr.text()).toBe('proving\r\u001b[2Kwarning: no sample row\n')
})

test('prints only warnings with --quiet', () => {
  const { progress, clock, stderr } = make({ isTTY: false, quiet: true })
  clock.now = 60_000
  progress.onEvent({ type: 'waiting', waitedMs: 1 })
  progress.onEvent(started(1, 3))
  progress.onEvent({ type: 'warning', message: 'careful' })
  expect(stderr.text()).toBe('warning: careful\n')
})

test.each([20, 40, 60, 80, 120])('keeps the bar within %d columns, and names the revision', (width) => {
  const label = 'a1b2c3d4e5f6 a message that is as long as messages sometimes are'
  for (const shown of ['1/3', '1,999,999/2,000,000 rows (99 %), 1,235 rows/s, 65 s left']) {
    const line = barLine(0.5, shown, label, width)
    expect(displayWidth(line)).toBeLessThanOrEqual(width)
    expect(line).toContain('a1b2c3d4e5f6')
  }
  expect(barLine(0.5, '1/2', 'a1b2c3d4e5f6 x', 120)).toBe(`${'█'.repeat(12)}${'░'.repeat(12)} 1/2 a1b2c3d4e5f6 x`)
})

test('cuts a line of progress to the terminal by cells, not by characters', () => {
  const { progress, stderr } = make({ isTTY: true })
  progress.onEvent({ type: 'progress', message: '表'.repeat(60) })
  expect(displayWidth(stderr.text())).toBeLessThanOrEqual(79)
})

describe('progress of a backup', () => {
  const backup = (phase: 'copy' | 'verify', bytes: number, total: number | null): RunEvent => ({
    ...{ type: 'backup', phase, bytes, total },
  })

  test('prints bytes to a log every few seconds, and an estimate until it is exceeded', () => {
    const { progress, clock, stderr } = make({ isTTY: false })
    progress.onEvent(backup('copy', 0, 5_000_000))
    clock.now = 6000
    progress.onEvent(backup('copy', 1_048_576, 5_242_880))
    progress.onEvent(backup('copy', 1_048_577, 5_242_880))
    clock.now = 12_000
    progress.onEvent(backup('copy', 6_291_456, 5_242_880))
    clock.now = 18_000
    progress.onEvent(backup('verify', 1_048_576, null))
    expect(stderr.text().split('\n')).toEqual([
      '1.0 MiB of about 5.0 MiB backed up',
      '6.0 MiB backed up',
      '1.0 MiB verified',
      '',
    ])
  })

  test('reports a restore in the same way, and makes the command end by itself after a signal', () => {
    const { progress, clock, stderr } = make({ isTTY: false })
    progress.onEvent({ type: 'restore', phase: 'copy', bytes: 0, total: null })
    expect(progress.runs).toBe(true)
    clock.now = 6000
    progress.onEvent({ type: 'restore', phase: 'copy', bytes: 1_048_576, total: null })
    clock.now = 12_000
    progress.onEvent({ type: 'restore', phase: 'verify', bytes: 1_048_576, total: 1_048_576 })
    expect(stderr.text()).toBe('1.0 MiB restored\n1.0 MiB of 1.0 MiB verified\n')
  })

  test('draws a bar in a terminal, and makes the command end by itself after a signal', () => {
    const { progress, stderr } = make({ isTTY: true })
    expect(progress.runs).toBe(false)
    progress.onEvent(backup('copy', 2_621_440, 5_242_880))
    const { runs } = progress
    progress.clear()
    expect(runs).toBe(true)
    expect(stderr.text()).toContain(`${'█'.repeat(12)}${'░'.repeat(12)} 2.5 MiB of about 5.0 MiB backed up`)
    expect(stderr.text()).not.toContain('\n')
  })
})

describe('progress of batches', () => {
  const batch = (done: number, total: number | null, more: object = {}): RunEvent => ({
    ...{ type: 'batch', step, name: 'users', table: 'users', done, total, ratePerSecond: 1234.5, remainingMs: 65_000 },
    ...more,
  })

  test('prints rows done, rate and time left to a log every few seconds', () => {
    const { progress, clock, stderr } = make({ isTTY: false })
    progress.onEvent(batch(1000, 2_000_000))
    clock.now = 6000
    progress.onEvent(batch(1_999_999, 2_000_000))
    progress.onEvent(batch(2_000_000, 2_000_000))
    clock.now = 12_000
    progress.onEvent(batch(5, null, { ratePerSecond: 0, remainingMs: null }))
    clock.now = 18_000
    progress.onEvent(batch(2_000_000, 2_000_000, { remainingMs: 0 }))
    clock.now = 24_000
    progress.onEvent(batch(1, 9, { remainingMs: 11_100_000, ratePerSecond: 0.4 }))
    expect(stderr.text().split('\n')).toEqual([
      '1,999,999/2,000,000 rows (99 %), 1,235 rows/s, 65 s left a1b2c3d4e5f6 users',
      '5 rows a1b2c3d4e5f6 users',
      '2,000,000/2,000,000 rows (100 %), 1,235 rows/s a1b2c3d4e5f6 users',
      '1/9 rows (11 %), 0 rows/s, 3 h 05 min left a1b2c3d4e5f6 users',
      '',
    ])
  })

  test('draws one bar of steps and rows in a terminal, and removes it at the end', () => {
    const { progress, stderr } = make({ isTTY: true })
    progress.onEvent(started(0, 3))
    progress.onEvent(batch(1000, 2000))
    progress.onEvent(batch(2000, 3000))
    progress.clear()
    const [last, ...removed] = stderr.text().split('\u001b[1G').slice(-2)
    expect(last).toContain(
      `${'█'.repeat(6)}${'░'.repeat(4)} 2,000/3,000 rows (66 %), 1,235 rows/s, 65 s left a1b2c3d4e5f6 users`,
    )
    expect(removed).toEqual(['\u001b[2K'])
    expect(stderr.text()).not.toContain('\n')
  })

  test('prints only the count of rows in a terminal when the total is unknown', () => {
    const { progress, stderr } = make({ isTTY: true })
    progress.onEvent(batch(7, null))
    expect(stderr.text()).toBe('a1b2c3d4e5f6 users  7 rows, 1,235 rows/s, 65 s left')
  })
})
