import { applyEvent, doneSteps, progressOf, viewOf } from '../../page/src/model/run'
import type { RunView } from '../../page/src/model/run'
import type { Run, RunStep, RunUpdate } from '../../src/api/types'

function step(revision: string, state: RunStep['state'] = 'pending'): RunStep {
  return { revision, message: `message of ${revision}`, state, durationMs: null }
}

const run: Run = {
  id: '1',
  kind: 'upgrade',
  title: 'upgrade to head',
  state: 'running',
  actor: 'ada@ops',
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: null,
  steps: [step('a'), step('b')],
  lastEvent: 0,
  result: null,
  error: null,
}

const start = { type: 'stepStart', revision: 'a', index: 0, total: 2 } as const
const statement = { type: 'statement', revision: 'a', statement: 0, sql: 'SELECT 1' } as const
const done = { type: 'stepDone', revision: 'a', index: 0, total: 2, durationMs: 12 } as const

function view(...events: RunUpdate[]): RunView {
  return events.reduce((seen, event, index) => applyEvent(seen, index + 1, event), viewOf(run))
}

test('a step runs, and is done', () => {
  expect(view(start).steps.map((it) => it.state)).toEqual(['running', 'pending'])
  const after = view(start, statement, done)
  expect(after.steps[0]).toEqual({ ...step('a', 'done'), durationMs: 12 })
  expect(after.log.map((line) => line.text)).toEqual(['message of a'])
  expect(doneSteps(after.steps)).toBe(1)
  expect(progressOf(after)).toBe(0.5)
})

test('an event that comes again after a lost connection counts once', () => {
  const once = view(start, statement, done)
  const twice = applyEvent(applyEvent(once, 2, statement), 3, done)
  expect(twice).toBe(once)
})

test('a statement shows its number from 1, and forgets the batches of the one before', () => {
  const batch = { type: 'batch', revision: 'a', name: 'orders', rows: 50, total: 100, remainingMs: null } as const
  const inBatch = view(start, statement, batch)
  expect(inBatch.activity).toMatchObject({
    kind: 'step',
    statement: { number: 1, sql: 'SELECT 1' },
    batch: { rows: 50 },
  })
  expect(progressOf(inBatch)).toBe(0.25)
  const next = applyEvent(inBatch, 4, { ...statement, statement: 1, sql: 'SELECT 2' })
  expect(next.activity).toMatchObject({ statement: { number: 2 }, batch: undefined })
})

test('a retry names who holds the lock, until the statement goes on', () => {
  const retry = { type: 'retry', revision: 'a', try: 1, delayMs: 1000, blockers: ['pid 7'] } as const
  const waiting = view(start, statement, retry)
  expect(waiting.activity).toMatchObject({ retry: { blockers: ['pid 7'] } })
  expect(waiting.log.at(-1)).toMatchObject({ kind: 'warning', text: 'waited for a table lock, try 1: pid 7' })
  expect(applyEvent(waiting, 4, statement).activity).toMatchObject({ retry: undefined })
})

test('steps that were planned again replace those that were shown', () => {
  const planned = view({ type: 'planned', steps: [step('b'), step('c')] })
  expect(planned.steps.map((it) => it.revision)).toEqual(['b', 'c'])
  // Its index is that of a plan before.
  const late = applyEvent(planned, 2, { type: 'stepStart', revision: 'c', index: 0, total: 2 })
  expect(late.steps.map((it) => it.state)).toEqual(['pending', 'running'])
  const unknown = applyEvent(late, 3, { ...done, revision: 'x' })
  expect(unknown.steps).toBe(late.steps)
})

test('a step that fails says why', () => {
  const failed = view(start, { type: 'stepFailed', revision: 'a', index: 0, total: 2, message: 'no such table' })
  expect(failed.steps[0]?.state).toBe('failed')
  expect(failed.log.at(-1)).toMatchObject({ kind: 'failed', text: 'message of a: no such table' })
})

test('the last event has the run as it ended', () => {
  const ended: Run = { ...run, state: 'done', steps: [step('a', 'done'), step('b', 'done')] }
  const after = view(start, { type: 'end', run: ended })
  expect(after).toMatchObject({ ended, activity: { kind: 'ended' } })
  expect(after.steps.map((it) => it.state)).toEqual(['done', 'done'])
})

test('a backup is copied in the first half, and verified in the second', () => {
  const other: Run = { ...run, kind: 'backup', steps: [] }
  const copy = (phase: 'copy' | 'verify', bytes: number, total: number | null = 100): number | null =>
    progressOf(applyEvent(viewOf(other), 1, { type: 'backup', phase, bytes, total }))
  expect([copy('copy', 0), copy('copy', 50), copy('verify', 50), copy('verify', 200)]).toEqual([0, 0.25, 0.75, 1])
  expect(copy('copy', 50, null)).toBeNull()
})

test('a backup before the steps counts as none of them', () => {
  expect(progressOf(view({ type: 'backup', phase: 'copy', bytes: 50, total: 100 }))).toBe(0)
})

test('a long log keeps its last lines', () => {
  let seen = viewOf(run)
  for (let id = 1; id <= 1_000; id += 1) {
    seen = applyEvent(seen, id, { type: 'message', level: 'note', message: String(id) })
  }
  expect(seen.log).toHaveLength(300)
  expect(seen.log.at(-1)?.text).toBe('1000')
})
