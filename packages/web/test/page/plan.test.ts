import { lossesOf, summarize } from '../../page/src/model/plan'
import type { PlanStep } from '../../page/src/model/plan'
import { stateOf } from '../../page/src/model/state'

function step(changes: Partial<PlanStep>): PlanStep {
  return {
    revision: 'a',
    message: 'a',
    direction: 'upgrade',
    transactional: true,
    does: [],
    destroys: [],
    unknown: [],
    needs: [],
    locks: [],
    rewrites: [],
    sql: [],
    tables: [],
    ...changes,
  }
}

test('a summary says what is lost, locked and rewritten', () => {
  const summary = summarize([
    step({ locks: ['ACCESS EXCLUSIVE "orders"', 'SHARE "customers"'], rewrites: ['orders'] }),
    step({
      destroys: ['all values of orders.total'],
      locks: ['ACCESS EXCLUSIVE "orders"'],
      transactional: false,
      tables: [{ name: 'orders', rows: 10, bytes: 4096 }],
    }),
    step({ unknown: ['runs code'] }),
  ])
  expect(summary).toMatchObject({
    steps: 3,
    losses: ['all values of orders.total'],
    rewrites: [{ name: 'orders', bytes: 4096 }],
    exclusive: ['orders'],
    outside: 1,
    unknown: 1,
  })
  expect(summary.losing).toHaveLength(1)
})

test('what is kept is not lost', () => {
  const some = step({
    destroys: ['x', 'y'],
    keeps: [
      { text: 'x', kept: true },
      { text: 'y', kept: false, reason: 'no room' },
    ],
  })
  expect(lossesOf(some)).toEqual(['y'])
  expect(summarize([some]).kept).toEqual(['x'])
  expect(lossesOf(step({ destroys: ['x'] }))).toEqual(['x'])
})

test.each([
  ['halfway', { halfway: [{}], pending: 2 }],
  ['ahead', { unknown: ['X1'], pending: 2 }],
  ['no-revisions', { heads: [], current: [] }],
  ['no-history', { current: [], pending: 2, unrecordedTables: ['users'] }],
  ['pending', { pending: 2 }],
  ['pending', { current: [], pending: 2 }],
  ['up-to-date', {}],
])('the state of a database is %s for %j', (state, changes) => {
  const base = { current: ['a'], heads: ['a'], pending: 0, unknown: [] }
  expect(stateOf({ ...base, ...changes } as Parameters<typeof stateOf>[0])).toBe(state)
})
