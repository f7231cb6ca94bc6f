import { extrapolate } from '../../../src/inspect/stalls/extrapolate'

const few = [10, 12, 90].map((ms) => ({ rows: 1000, ms }))
const many = [112, 5, 113].map((ms) => ({ rows: 11_000, ms }))

test('what each row costs is what the median costs more with more rows', () => {
  expect(extrapolate([...few, ...many], 1_011_000)).toBeCloseTo(112 + 1_000_000 * (100 / 10_000))
})

test('with as many rows as the database has, nothing is extrapolated', () => {
  expect(extrapolate([...few, ...many], 11_000)).toBe(112)
  expect(extrapolate(few, 1000)).toBe(12)
  expect(extrapolate([], 1000)).toBeNull()
  expect(extrapolate(few, 1001)).toBeNull()
})

test('what does not grow with the rows stays, and noise does not make it negative or steep', () => {
  const flat = [
    { rows: 1000, ms: 30 },
    { rows: 2000, ms: 29 },
  ]
  expect(extrapolate(flat, 1_000_000)).toBe(29)
  const steep = [
    { rows: 1000, ms: 1 },
    { rows: 1100, ms: 110 },
  ]
  expect(extrapolate(steep, 11_000)).toBeCloseTo(110 + 0.125 * 9900)
})

test('what sorts grows a little faster than the rows', () => {
  const timings = [...few, ...many]
  expect(extrapolate(timings, 1_000_000, 'sorting')).toBeGreaterThan(extrapolate(timings, 1_000_000) ?? Infinity)
})
