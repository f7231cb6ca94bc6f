import { type BlockingStatement, stallsOf } from '../../../src/inspect/stalls/blocked'

const statement = (ms: number, ...blocked: BlockingStatement['blocked']): BlockingStatement => ({ ms, blocked })
const writes = { table: 'orders', blocks: 'writes' } as const
const all = { table: 'orders', blocks: 'reads and writes' } as const
const rows = { table: 'orders', blocks: 'changed rows' } as const

test('a lock lasts from its statement to the end of the transaction', () => {
  const statements = [statement(100), statement(2000, writes), statement(3000)]
  expect(stallsOf(statements, 50, true)).toEqual([
    {
      ...writes,
      ms: 5050,
      first: 2,
      last: 3,
      text: 'blocks writes to orders for about 5 s, from statement 2 to the end',
    },
  ])
})

test('outside a transaction each statement blocks for itself', () => {
  const statements = [statement(100, writes), statement(2000), statement(3000, writes)]
  expect(stallsOf(statements, 50, false)).toEqual([
    { ...writes, ms: 100, first: 1, last: 1, text: 'blocks writes to orders for about 0.1 s, in statement 1' },
    { ...writes, ms: 3000, first: 3, last: 3, text: 'blocks writes to orders for about 3 s, in statement 3' },
  ])
})

test('a stronger lock is a stall of its own, and a weaker one on the same table is none', () => {
  const statements = [statement(1000, writes), statement(20, all, rows), statement(5, writes)]
  expect(stallsOf(statements, 0, true)).toMatchObject([
    { ...writes, ms: 1025, first: 1, last: 3 },
    { ...all, ms: 25, first: 2, last: 3 },
  ])
  expect(stallsOf([statement(7, rows, all)], 0, true)).toMatchObject([{ ...all, ms: 7, first: 1, last: 1 }])
})
