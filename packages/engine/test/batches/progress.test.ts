import { paceOf } from '../../src/batches/progress'

test('paceOf computes the rate and remaining time from the rows of this run only', () => {
  expect(paceOf({ done: 300, earlier: 100, total: 500, elapsedMs: 2000 })).toEqual({
    done: 300,
    total: 500,
    ratePerSecond: 100,
    remainingMs: 2000,
  })
})

test('paceOf raises the total to the number of finished rows', () => {
  expect(paceOf({ done: 600, earlier: 0, total: 500, elapsedMs: 1000 })).toMatchObject({ total: 600, remainingMs: 0 })
})

test('paceOf reports an unknown total or remaining time as null', () => {
  expect(paceOf({ done: 5, earlier: 0, total: null, elapsedMs: 1000 })).toMatchObject({
    total: null,
    remainingMs: null,
  })
  expect(paceOf({ done: 5, earlier: 5, total: 9, elapsedMs: 0 })).toMatchObject({ ratePerSecond: 0, remainingMs: null })
})
