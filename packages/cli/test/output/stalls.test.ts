import type { Stall } from '@aludel/engine'
import { createColors } from 'picocolors'

import { measuredLines, stallLines, stallText } from '../../src/output/does'

const plain = createColors(false)
const stall: Stall = {
  table: 'orders',
  blocks: 'writes',
  ms: 4210,
  first: 1,
  last: 1,
  text: 'blocks writes to orders for about 4 s',
}

test('a step has the words of the engine, or the reason why there are none', () => {
  expect(stallLines({ stalls: [stall] }, plain)).toEqual(['blocks writes to orders for about 4 s'])
  expect(stallLines({ stallsUnknown: 'nothing has analyzed orders' }, plain)).toEqual([
    'how long it blocks others cannot be told: nothing has analyzed orders',
  ])
  expect(stallLines({}, plain)).toEqual([])
})

test('only a stall that somebody notices is in a color', () => {
  const colored = createColors(true)
  const rest = ' writes to orders for about 4 s'
  expect(stallLines({ stalls: [stall, { ...stall, ms: 99 }] }, colored)).toEqual([
    colored.yellow('blocks') + rest,
    colored.dim('blocks') + rest,
  ])
})

test('a finding has its stall as a sentence', () => {
  expect(stallText(stall)).toEqual(['It blocks writes to orders for about 4 s.'])
  expect(stallText(undefined)).toEqual([])
})

test('a statement has its time in the words of the engine', () => {
  const quiet = { sql: 'CREATE INDEX', locks: [], rewrites: [], rebuilds: [], scans: [] }
  expect(measuredLines([{ ...quiet, takesMs: 4210, takes: 'about 4 s' }], plain)).toEqual([
    'CREATE INDEX',
    '  takes about 4 s',
  ])
  expect(measuredLines([{ ...quiet, takesMs: 20 }], plain)).toEqual([])
})
