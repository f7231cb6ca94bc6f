import { bytes, dateTime, duration, grouped, plural, revisionIds } from '../../src/output/format'

test.each([
  [0, '0 ms'],
  [12.4, '12 ms'],
  [999, '999 ms'],
  [1400, '1.4 s'],
  [59_940, '59.9 s'],
  [125_000, '2 min 05 s'],
])('formats %d milliseconds as %s', (ms, expected) => {
  expect(duration(ms)).toBe(expected)
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [16_384, '16.0 KiB'],
  [1_048_575, '1.0 MiB'],
  [3_355_443, '3.2 MiB'],
])('formats %d bytes as %s', (count, expected) => {
  expect(bytes(count)).toBe(expected)
})

test.each([0, 7, 999, 1000, 12_345, 123_456, 1_234_567, 1e9, Number.MAX_SAFE_INTEGER])(
  'groups the digits of %d',
  (count) => {
    expect(grouped(count)).toBe(count.toLocaleString('en-US'))
  },
)

test('formats counts, dates and revision ids', () => {
  expect(plural(1, 'revision')).toBe('1 revision')
  expect(plural(1200, 'revision')).toBe('1,200 revisions')
  expect(plural(0, 'entry', 'entries')).toBe('0 entries')
  expect(dateTime('2025-11-22T08:40:12.345Z')).toBe('2025-11-22 08:40')
  expect(revisionIds([])).toBe('base')
  expect(revisionIds(['a', 'b'])).toBe('a, b')
})
