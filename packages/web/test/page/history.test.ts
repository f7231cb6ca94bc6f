import { countRows, findRows, searchTexts } from '../../page/src/model/history'
import type { RevisionRow } from '../../src/api/types'

const rows: readonly RevisionRow[] = [
  { revision: 'aa11', message: 'Add orders', createdAt: '2026-03-01T10:00:00.000Z', applied: false, lane: 0 },
  {
    revision: 'bb22',
    message: 'index ORDERS by day',
    createdAt: '2026-02-01T10:00:00.000Z',
    applied: true,
    lane: 0,
    branchLabels: ['reports'],
  },
  { revision: 'cc33', message: 'customers', createdAt: '2026-01-01T10:00:00.000Z', applied: true, lane: 0 },
]
const texts = searchTexts(rows)
const find = (search: string, filter: 'all' | 'applied' | 'pending' = 'all') => findRows(rows, texts, filter, search)

test('finds every word of a search, in any case and order', () => {
  expect(find('orders')).toEqual([0, 1])
  expect(find('day Orders')).toEqual([1])
  expect(find('  ')).toEqual([0, 1, 2])
  expect(find('orders customers')).toEqual([])
})

test('finds revisions by id, label and day', () => {
  expect(find('bb2')).toEqual([1])
  expect(find('reports')).toEqual([1])
  expect(find('2026-01')).toEqual([2])
})

test('finds applied and pending ones', () => {
  expect(find('', 'applied')).toEqual([1, 2])
  expect(find('orders', 'pending')).toEqual([0])
  expect(countRows(rows)).toEqual({ all: 3, applied: 2, pending: 1 })
})
