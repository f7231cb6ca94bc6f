import type { Stall } from '@aludel/engine'
import { createColors } from 'picocolors'

import { foretold, stallLines, stallWords } from '../../src/output/stalls'

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
  expect(foretold(ms)).toBe(expected)
})

const stall: Stall = { table: 'orders', blocks: 'writes', ms: 4210, first: 1, last: 1 }

test.each([
  [stall, 1, 'writes to orders for about 4 s'],
  [
    { ...stall, blocks: 'reads and writes', first: 2, last: 3 },
    3,
    'reads and writes of orders for about 4 s, from statement 2 to the end',
  ],
  [{ ...stall, blocks: 'changed rows', last: 3 }, 3, 'writes to the rows of orders that it changes for about 4 s'],
  [{ ...stall, first: 2, last: 2 }, 3, 'writes to orders for about 4 s, in statement 2'],
  [{ ...stall, table: null, last: 5 }, 5, 'writes to the whole database for about 4 s'],
] as const)('%j of %d statements: %s', (one, count, expected) => {
  expect(stallWords(one, count)).toBe(expected)
})

test('a step of which nothing can be told has the reason', () => {
  const none = createColors(false)
  expect(stallLines({ stallsUnknown: 'nothing has analyzed orders' }, 1, none)).toEqual([
    'how long it blocks others cannot be told: nothing has analyzed orders',
  ])
  expect(stallLines({ stalls: [stall] }, 1, none)).toEqual(['blocks writes to orders for about 4 s'])
  expect(stallLines({}, 1, none)).toEqual([])
})
