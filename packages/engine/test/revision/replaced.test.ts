import fc from 'fast-check'

import { stateOf } from '../../src/history/state'
import { RevisionGraph } from '../../src/revision/graph'
import { resolve } from '../../src/revision/identifier'
import { planDowngrade, planUpgrade } from '../../src/revision/planner'
import { follow } from '../../src/run/run-values'
import { historyNames, viewOf } from '../../src/revision/replaced'
import type { Replaced, Revision } from '../../src/revision/revision'
import { caught } from './caught'
import { revision } from './notation'

/** Revisions from their notation; ` =a,b` lists the revisions that one replaces. */
function withSquashes(...texts: readonly string[]): readonly Revision[] {
  const found: Revision[] = []
  for (const [position, text] of texts.entries()) {
    const [rest = '', members] = text.split(' =')
    const made = revision(rest, position)
    const replaces = members?.split(',').map((id): Replaced => {
      const one = found.find((other) => other.id === id)
      if (one === undefined) throw new Error(`${id} comes later`)
      return { id, name: one.name, ...(one.replaces && { replaces: one.replaces }) }
    })
    found.push(replaces === undefined ? made : { ...made, replaces })
  }
  return found
}

const files = (revisions: readonly Revision[]) => ({
  revisions,
  graph: new RevisionGraph(viewOf(revisions, new Set()).revisions),
})

function seen(revisions: readonly Revision[], applied: readonly string[]) {
  const names = revisions.filter(({ id }) => applied.includes(id)).map(({ name }) => name)
  const { graph, applied: ids, pending, current, unknown, unfinished } = stateOf(files(revisions), names)
  return {
    order: graph.order.map(({ id }) => id),
    applied: [...ids].sort(),
    pending,
    current,
    unknown,
    unfinished: unfinished.map(({ squash }) => squash.id),
  }
}

const without = (revisions: readonly Revision[], ...ids: readonly string[]): readonly Revision[] =>
  revisions.filter(({ id }) => !ids.includes(id))

describe('a squash', () => {
  const history = withSquashes('a', 'b<a', 'c<b', 's =a,b,c', 'd<c', 'e<s')

  test('runs instead of the revisions it replaces on a new database', () => {
    expect(seen(history, [])).toEqual({
      order: ['s', 'd', 'e'],
      applied: [],
      pending: ['s', 'd', 'e'],
      current: [],
      unknown: [],
      unfinished: [],
    })
  })

  test('counts as applied when all revisions that it replaces are applied', () => {
    expect(seen(history, ['a', 'b', 'c', 'd'])).toMatchObject({
      order: ['s', 'd', 'e'],
      applied: ['d', 's'],
      pending: ['e'],
      current: ['d'],
    })
    expect(seen(history, ['a', 'b', 'c', 's', 'd'])).toMatchObject({ applied: ['d', 's'], current: ['d'] })
  })

  test('is left out while only some of the revisions that it replaces are applied', () => {
    expect(seen(history, ['a'])).toMatchObject({
      order: ['a', 'b', 'c', 'd', 'e'],
      applied: ['a'],
      pending: ['b', 'c', 'd', 'e'],
      current: ['a'],
    })
  })

  test('counts as applied when the files of the revisions that it replaces are deleted', () => {
    const left = without(history, 'a', 'b', 'c')
    const names = new Set(history.slice(0, 3).map(({ name }) => name))
    expect(stateOf(files(left), [...names])).toMatchObject({ current: ['s'], pending: ['d', 'e'], unknown: [] })
    expect(seen(left, ['s', 'd'])).toMatchObject({ current: ['d'], pending: ['e'] })
  })

  test('is unfinished when some of its revisions are applied and files of others are missing', () => {
    for (const gone of [['a', 'b', 'c'], ['b'], ['a']]) {
      const left = without(history, ...gone)
      const [a] = history
      expect(stateOf(files(left), [a?.name ?? ''])).toMatchObject({
        unfinished: [{ squash: { id: 's' }, applied: [{ id: 'a' }], missing: gone.map((id) => ({ id })) }],
        unknown: [],
        applied: new Set(),
      })
    }
  })

  test('is found by the id of the last revision that it replaces, not by an earlier one', () => {
    const { graph } = files(history)
    expect(resolve(graph, 'c', { purpose: 'upgrade' }).ids).toEqual(['s'])
    expect(caught(() => resolve(graph, 'b', { purpose: 'upgrade' }))).toMatchObject({
      code: 'ALUDEL_UNKNOWN_REVISION',
      message: 'revision b is a part of s, which replaces it',
    })
  })

  test('can replace another squash', () => {
    const nested = withSquashes('a', 'b<a', 's =a,b', 'c<s', 't =s,c', 'd<t')
    expect(seen(nested, [])).toMatchObject({ pending: ['t', 'd'] })
    expect(seen(nested, ['a', 'b', 'c'])).toMatchObject({ current: ['t'], pending: ['d'] })
    expect(seen(nested, ['s', 'c'])).toMatchObject({ current: ['t'], pending: ['d'] })
    expect(seen(nested, ['a', 'b'])).toMatchObject({ current: ['s'], pending: ['c', 'd'] })
    expect(seen(nested, ['a'])).toMatchObject({ current: ['a'], pending: ['b', 'c', 'd'] })
    expect(seen(nested, ['t'])).toMatchObject({ current: ['t'], pending: ['d'] })
    // The files of the first generation are deleted.
    const left = without(nested, 'a', 'b', 's', 'c')
    const names = ['a', 'b', 'c'].map((id) => nested.find((one) => one.id === id)?.name ?? '')
    expect(stateOf(files(left), names)).toMatchObject({ current: ['t'], pending: ['d'], unknown: [] })
    expect(historyNames(nested[4] as Revision)).toHaveLength(5)
  })

  test('is refused when another squash replaces the same revision', () => {
    expect(caught(() => viewOf(withSquashes('a', 'b<a', 's =a,b', 't =a,b'), new Set()))).toMatchObject({
      code: 'ALUDEL_DUPLICATE_REVISION',
      message: expect.stringContaining('revision a is replaced twice: by s ') as string,
    })
  })

  test('upgrades from any part of a random history and downgrades to nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.nat(), fc.nat(), fc.nat(), (length, start, end, done) => {
        const ids = Array.from({ length }, (_, index) => `r${String(index)}`)
        const [low, high] = [start % length, end % length].sort((one, other) => one - other) as [number, number]
        fc.pre(high > low)
        const line = ids.map((id, index) => (index === 0 ? id : `${id}<${ids[index - 1] ?? ''}`))
        const parent = low === 0 ? 's' : `s<${ids[low - 1] ?? ''}`
        const all = withSquashes(
          ...line.slice(0, high + 1),
          `${parent} =${ids.slice(low, high + 1).join(',')}`,
          ...line.slice(high + 1),
          `x<s`,
        )
        const names = new Set(
          ids.slice(0, done % (length + 1)).map((id) => all.find((one) => one.id === id)?.name ?? ''),
        )
        const state = stateOf(files(all), [...names])
        for (const step of planUpgrade(state.graph, state.applied, 'heads').steps) follow(names, step)
        const upgraded = stateOf(files(all), [...names])
        expect(upgraded).toMatchObject({ pending: [], unknown: [], unfinished: [] })
        expect([...upgraded.applied].sort()).toEqual([...ids.slice(0, low), 's', ...ids.slice(high + 1), 'x'].sort())
        for (const step of planDowngrade(upgraded.graph, upgraded.applied, 'base').steps) follow(names, step)
        expect(names).toEqual(new Set())
      }),
    )
  })
})
