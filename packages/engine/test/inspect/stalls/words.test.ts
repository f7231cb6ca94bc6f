import { foretoldTime, stallText, takenTime } from '../../../src/inspect/stalls/words'
import type { Stall } from '../../../src/results'

test.each([
  [0, 'less than 0.1 s'],
  [99, 'less than 0.1 s'],
  [420, 'about 0.4 s'],
  [2860, 'about 2.9 s'],
  [4210, 'about 4 s'],
  [89_000, 'about 89 s'],
  [125_000, 'about 2 min'],
  [9_000_000, 'about 2.5 h'],
])('%d ms are %s', (ms, expected) => {
  expect(foretoldTime(ms)).toBe(expected)
})

test('a time that nobody notices has no words', () => {
  expect(takenTime(99)).toEqual({ takesMs: 99 })
  expect(takenTime(100)).toEqual({ takesMs: 100, takes: 'about 0.1 s' })
})

const stall: Omit<Stall, 'text'> = { table: 'orders', blocks: 'writes', ms: 4210, first: 1, last: 1 }

test.each([
  [stall, 1, 'blocks writes to orders for about 4 s'],
  [
    { ...stall, blocks: 'reads and writes', first: 2, last: 3 },
    3,
    'blocks reads and writes of orders for about 4 s, from statement 2 to the end',
  ],
  [
    { ...stall, blocks: 'changed rows', last: 3 },
    3,
    'blocks writes to the rows of orders that it changes for about 4 s',
  ],
  [{ ...stall, first: 2, last: 2 }, 3, 'blocks writes to orders for about 4 s, in statement 2'],
  [{ ...stall, until: '000000000003' }, 1, 'blocks writes to orders for about 4 s, to the end of 000000000003'],
  [
    { ...stall, first: 2, last: 3, until: '000000000003' },
    3,
    'blocks writes to orders for about 4 s, from statement 2 to the end of 000000000003',
  ],
  [{ ...stall, table: null, last: 5 }, 5, 'blocks writes to the whole database for about 4 s'],
] as const)('%j of %d statements: %s', (one, count, expected) => {
  expect(stallText(one, count)).toBe(expected)
})
