import { findDestinations } from '../../page/src/model/palette'
import type { Destination } from '../../page/src/model/palette'

const all: readonly Destination[] = [
  { kind: 'page', label: 'History', detail: '', href: '/history' },
  { kind: 'page', label: 'Plan', detail: '', href: '/plan' },
  { kind: 'revision', label: 'add a plan to customers', detail: 'aa11', href: '/history/aa11' },
  { kind: 'revision', label: 'plan orders', detail: 'bb22', href: '/history/bb22' },
  { kind: 'table', label: 'plans', detail: 'table', href: '/schema?table=plans' },
]
const hrefs = (search: string) => findDestinations(all, search).map(({ href }) => href)

test('without words there are the pages', () => {
  expect(hrefs(' ')).toEqual(['/history', '/plan'])
})

test('pages come first, then what begins with the word', () => {
  expect(hrefs('plan')).toEqual(['/plan', '/history/bb22', '/history/aa11', '/schema?table=plans'])
})

test('revisions are found by their id, and every word counts', () => {
  expect(hrefs('aa1')).toEqual(['/history/aa11'])
  expect(hrefs('plan customers')).toEqual(['/history/aa11'])
  expect(hrefs('nothing')).toEqual([])
})

test('of thousands, a few are listed', () => {
  const many = Array.from({ length: 1_000 }, (_, index): Destination => {
    return { kind: 'revision', label: `step ${String(index)}`, detail: 'x', href: String(index) }
  })
  expect(findDestinations(many, 'step')).toHaveLength(8)
})
