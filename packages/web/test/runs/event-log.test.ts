import type { RunUpdate } from '../../src'
import { EventLog } from '../../src/runs/event-log'

const statement = (number: number): RunUpdate => ({
  type: 'statement',
  revision: 'aa',
  statement: number,
  sql: 'SELECT 1',
})
const copied = (bytes: number): RunUpdate => ({ type: 'backup', phase: 'copy', bytes, total: null })

/** All updates after a number, as a client reads them. */
function read(log: EventLog, after = 0): { id: number; update: RunUpdate; skipped: boolean }[] {
  const found = []
  for (let next = log.after(after); next !== undefined; next = log.after(next.id)) found.push(next)
  return found
}

test('numbers updates from 1, and gives those after a number', () => {
  const log = new EventLog()
  expect([log.last, log.after(0)]).toEqual([0, undefined])
  for (const number of [1, 2, 3]) log.add(statement(number))
  expect(read(log).map(({ id }) => id)).toEqual([1, 2, 3])
  expect(read(log, 2)).toEqual([{ id: 3, update: statement(3), skipped: false }])
  expect(read(log, 3)).toEqual([])
  expect(read(log, 99)).toEqual([])
})

test('keeps the last of updates that only tell how far something has come', () => {
  const log = new EventLog()
  log.add(statement(1))
  for (const bytes of [1, 2, 3]) log.add(copied(bytes))
  log.add(statement(2))
  log.add(copied(4))
  expect(read(log).map(({ id, update }) => [id, update])).toEqual([
    [1, statement(1)],
    [4, copied(3)],
    [5, statement(2)],
    [6, copied(4)],
  ])
  // Who has seen the second one gets the last.
  expect(read(log, 3)[0]).toMatchObject({ id: 4 })
})

test('forgets the oldest updates, and says so', () => {
  const log = new EventLog()
  for (let number = 1; number <= 6000; number += 1) log.add(statement(number))
  const first = log.after(10)
  expect(first).toMatchObject({ id: 1001, skipped: true })
  expect(log.after(1000)).toMatchObject({ id: 1001, skipped: false })
  expect(read(log, 0)).toHaveLength(5000)
})

test('tells its listeners at once of a step, soon of progress, and no longer when they have left', async () => {
  const log = new EventLog()
  let heard = 0
  const leave = log.listen(() => (heard += 1))
  log.add(statement(1))
  expect(heard).toBe(1)
  log.add(copied(1))
  expect(heard).toBe(2)
  await new Promise<void>((resolve) => {
    const stop = log.listen(() => {
      stop()
      resolve()
    })
    for (const bytes of [2, 3, 4]) log.add(copied(bytes))
    expect(heard).toBe(2)
  })
  expect(heard).toBe(3)
  leave()
  log.add(statement(2))
  expect(heard).toBe(3)
})
