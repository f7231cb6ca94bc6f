import fc from 'fast-check'

import { RevisionGraph } from '../../src/revision/graph'
import { planDowngrade, planRange, planStamp, planUpgrade } from '../../src/revision/planner'
import type { Plan } from '../../src/revision/revision'

import { carryOut } from './carry-out'
import { caught } from './caught'
import { graphOf } from './notation'

const ids = (plan: Plan): string[] => plan.steps.map(({ revision }) => revision.id)

const line = graphOf('a', 'b<a', 'c<b', 'd<c')
const fork = graphOf('a', 'b<a', 'c1<b #one', 'd1<c1', 'c2<b #two', 'd2<c2')
const merged = graphOf('a', 'b<a', 'c1<b #one', 'c2<b #two', 'm<c1,c2', 'n<m')

describe('planUpgrade', () => {
  test('plans no steps when the target is already applied', () => {
    const done = { direction: 'upgrade', from: ['c'], to: ['c'], steps: [] }
    expect(planUpgrade(line, ['a', 'b', 'c'], 'c')).toEqual(done)
    expect(planUpgrade(line, ['a', 'b', 'c'], 'b')).toEqual({ ...done, older: 'b' })
    expect(ids(planUpgrade(line, ['a'], 'base'))).toEqual([])
    expect(ids(planUpgrade(line, ['a', 'b', 'c', 'd'], 'head'))).toEqual([])
    expect(ids(planUpgrade(new RevisionGraph([]), [], 'head'))).toEqual([])
  })

  test('reports a target as older only if applied revisions are above it', () => {
    const all = ['a', 'b', 'c1', 'd1', 'c2', 'd2']
    expect(planUpgrade(fork, all, 'one').older).toBe('one')
    expect(planUpgrade(fork, all, 'base').older).toBe('base')
    expect(planUpgrade(fork, all, 'd1')).not.toHaveProperty('older')
    expect(planUpgrade(fork, all, 'heads')).not.toHaveProperty('older')
    expect(planUpgrade(fork, ['a', 'b', 'c1'], 'c2')).not.toHaveProperty('older')
    expect(planUpgrade(fork, [], 'base')).not.toHaveProperty('older')
    // x is a head that another revision depends on: an upgrade to all heads never has an older target.
    expect(planUpgrade(graphOf('x', 'y +x'), ['x', 'y'], 'heads')).not.toHaveProperty('older')
  })

  test('applies a revision that is missing below an applied one', () => {
    expect(ids(planUpgrade(line, ['a', 'c'], 'head'))).toEqual(['b', 'd'])
  })

  test('applies every branch in load order for the target "heads"', () => {
    expect(ids(planUpgrade(fork, ['a'], 'heads'))).toEqual(['b', 'c1', 'd1', 'c2', 'd2'])
  })

  test('ignores applied ids without a file', () => {
    expect(ids(planUpgrade(line, ['a', 'gone'], 'head'))).toEqual(['b', 'c', 'd'])
  })
})

describe('planDowngrade', () => {
  const all = (graph: RevisionGraph): string[] => graph.all.map(({ id }) => id)

  test('undoes only the merge for "-1" from a merge', () => {
    const applied = ['a', 'b', 'c1', 'c2', 'm']
    expect(planDowngrade(merged, applied, '-1')).toMatchObject({ from: ['m'], to: ['c1', 'c2'] })
    expect(ids(planDowngrade(merged, applied, '-1'))).toEqual(['m'])
    expect(caught(() => planDowngrade(merged, applied, '-2')).code).toBe('ALUDEL_AMBIGUOUS_REVISION')
    expect(ids(planDowngrade(merged, all(merged), '-2'))).toEqual(['n', 'm'])
    expect(ids(planDowngrade(merged, applied, 'two@-2'))).toEqual(['m', 'c2'])
  })

  test('refuses "-1" from several heads and suggests how to choose one', () => {
    const error = caught(() => planDowngrade(fork, all(fork), '-1'))
    expect(error.code).toBe('ALUDEL_AMBIGUOUS_REVISION')
    expect(error.message).toContain('d1, d2')
    expect(error.help).toBe('Say which: `one@-1`, `two@-1`, or an id.')
    const unnamed = caught(() => planDowngrade(graphOf('a', 'b1<a', 'b2<a'), ['a', 'b1', 'b2'], 'current-1'))
    expect(unnamed.help).toBe('Say which: `b1-1`, `b2-1`, or an id.')
    expect(ids(planDowngrade(fork, all(fork), 'one@-1'))).toEqual(['d1'])
    expect(ids(planDowngrade(fork, all(fork), 'd2@-2'))).toEqual(['d2', 'c2'])
  })

  test('undoes only the revisions of one branch for "branch@base"', () => {
    expect(ids(planDowngrade(fork, all(fork), 'one@base'))).toEqual(['d1', 'c1'])
    expect(planDowngrade(fork, all(fork), 'two@base').to).toEqual(['d1'])
    expect(ids(planDowngrade(fork, ['a', 'b', 'c1', 'd1'], 'one@base'))).toEqual(['d1', 'c1', 'b', 'a'])
    expect(ids(planDowngrade(fork, ['a', 'b', 'c1', 'c2'], 'd1@base'))).toEqual(['c1'])
    expect(ids(planDowngrade(fork, all(fork), 'base'))).toEqual(['d2', 'c2', 'd1', 'c1', 'b', 'a'])
    // The merge descends from both branches; the other branch stays applied.
    expect(planDowngrade(merged, all(merged), 'one@base')).toMatchObject({ to: ['c2'] })
    // The trunk is undone down to the first revision that another one depends on.
    const trunk = graphOf('a', 'b<a', 'x<b', 'c<b', 'd<c #l', 'e<d', 'y<c')
    expect(ids(planDowngrade(trunk, ['a', 'b', 'c', 'd', 'e', 'x'], 'l@base'))).toEqual(['e', 'd', 'c'])
    expect(ids(planDowngrade(trunk, ['a', 'b', 'c', 'd', 'y'], 'l@base'))).toEqual(['d'])
    const needed = graphOf('a', 'b<a', 'c1<b #l', 'c2<b', 'z +a')
    expect(ids(planDowngrade(needed, ['a', 'b', 'c1', 'z'], 'l@base'))).toEqual(['c1', 'b'])
  })

  test('keeps for "branch@base" the trunk that an unrelated revision depends on, and that revision', () => {
    const graph = graphOf('a', 'b<a', 'c<b #l', 'other', 'z<other +b')
    expect(planDowngrade(graph, all(graph), 'l@base')).toMatchObject({ steps: [{ revision: { id: 'c' } }], to: ['z'] })
    expect(ids(planDowngrade(graph, ['a', 'b', 'c', 'other'], 'l@base'))).toEqual(['c', 'b', 'a'])
    const error = caught(() => planDowngrade(graph, all(graph), 'l@-2'))
    expect(error.details['others']).toEqual(['z'])
  })

  test('refuses a count along a branch that would undo another branch', () => {
    const error = caught(() => planDowngrade(fork, all(fork), 'one@-3'))
    expect(error.code).toBe('ALUDEL_NOT_A_TARGET')
    expect(error.details['others']).toEqual(['c2', 'd2'])
    expect(error.help).toContain('one@base')
    expect(ids(planDowngrade(fork, all(fork), 'one@b'))).toEqual(['d1', 'c1'])
  })

  test('gives a reason only for steps that the target does not include', () => {
    const graph = graphOf('a', 'b<a', 'c<b', 'x', 'y<x +b', 'z<y', 'm<z,c')
    const reasons = (applied: readonly string[], target: string) =>
      planDowngrade(graph, applied, target).steps.map(({ revision, because }) => [revision.id, because])
    expect(reasons(['a', 'b', 'c', 'x', 'y', 'z'], 'a')).toEqual([
      ['z', 'descends from y'],
      ['y', 'depends on b'],
      ['c', undefined],
      ['b', undefined],
    ])
    // Steps that the target itself includes need no reason, in any notation.
    for (const target of ['base', 'x', 'm-1']) {
      expect(planDowngrade(graph, all(graph), target).steps.filter(({ because }) => because !== undefined)).toEqual([])
    }
  })

  test('accepts a branch that is named by a revision below the target', () => {
    expect(ids(planDowngrade(fork, ['a', 'b', 'c1', 'd1'], 'a@b'))).toEqual(['d1', 'c1'])
  })

  test('refuses a target that is not applied', () => {
    const error = caught(() => planDowngrade(line, ['a', 'b'], 'd'))
    expect(error.code).toBe('ALUDEL_NOT_A_TARGET')
    expect(error.details['missing']).toEqual(['d'])
    expect(caught(() => planDowngrade(fork, ['a', 'b', 'c1'], 'c2')).code).toBe('ALUDEL_NOT_A_TARGET')
    expect(ids(planDowngrade(line, [], 'base'))).toEqual([])
  })

  test('keeps the target and the revisions that only depend on it', () => {
    const graph = graphOf('a', 'x', 'y<x +a')
    expect(ids(planDowngrade(graph, ['a', 'x', 'y'], 'a'))).toEqual([])
  })

  test('undoes a revision before the one it depends on', () => {
    const graph = graphOf('a', 'b<a', 'x', 'y<x +b')
    expect(ids(planDowngrade(graph, ['a', 'b', 'x', 'y'], 'a'))).toEqual(['y', 'b'])
  })
})

describe('planStamp', () => {
  const stamp = (
    graph: RevisionGraph,
    applied: readonly string[],
    targets: string | readonly string[],
    purge = false,
  ) => {
    const plan = planStamp(graph, applied, targets, { purge })
    return {
      insert: plan.insert.map(({ id }) => id),
      remove: plan.remove.map(({ id }) => id),
      to: plan.to,
    }
  }

  test('inserts everything that the target descends from or depends on', () => {
    const graph = graphOf('a', 'b<a', 'x', 'y<x +b')
    expect(stamp(graph, [], 'y')).toEqual({ insert: ['a', 'b', 'x', 'y'], remove: [], to: ['y'] })
  })

  test('inserts missing revisions up to the target and removes those above it', () => {
    expect(stamp(line, ['a', 'b', 'c', 'd'], 'b')).toEqual({ insert: [], remove: ['d', 'c'], to: ['b'] })
    expect(stamp(line, ['a'], '+2')).toEqual({ insert: ['b', 'c'], remove: [], to: ['c'] })
    expect(stamp(line, ['a', 'b', 'c'], '-1')).toEqual({ insert: [], remove: ['c'], to: ['b'] })
    expect(stamp(line, ['a', 'b'], 'b')).toEqual({ insert: [], remove: [], to: ['b'] })
    expect(stamp(line, ['a', 'c'], 'c')).toEqual({ insert: ['b'], remove: [], to: ['c'] })
  })

  test('keeps applied revisions of unrelated lines', () => {
    const graph = graphOf('a', 'b<a', 'x', 'y<x', 'z<y')
    expect(stamp(graph, ['a', 'b', 'x', 'z'], 'a')).toEqual({ insert: [], remove: ['b'], to: ['a', 'z'] })
  })

  test('removes other applied revisions with the option purge', () => {
    expect(stamp(fork, ['a', 'b', 'c1', 'd1'], 'c2', true)).toEqual({
      insert: ['c2'],
      remove: ['d1', 'c1'],
      to: ['c2'],
    })
    expect(stamp(fork, ['a', 'b'], 'base', true)).toEqual({ insert: [], remove: ['b', 'a'], to: [] })
  })

  test('stamps several targets at once and refuses overlapping ones', () => {
    expect(stamp(fork, ['a'], ['d1', 'c2'])).toEqual({ insert: ['b', 'c1', 'd1', 'c2'], remove: [], to: ['d1', 'c2'] })
    expect(stamp(fork, ['a'], ['d1', 'd1']).to).toEqual(['d1'])
    expect(stamp(graphOf('x', 'y +x'), [], 'heads').to).toEqual(['y'])
    expect(caught(() => stamp(fork, [], ['b', 'd1'])).code).toBe('ALUDEL_OVERLAPPING_REVISIONS')
  })

  test('refuses an unknown, malformed or ambiguous target', () => {
    expect(caught(() => stamp(fork, [], 'zz')).code).toBe('ALUDEL_UNKNOWN_REVISION')
    expect(caught(() => stamp(fork, [], 'a:b')).code).toBe('ALUDEL_MALFORMED_REVISION')
    expect(caught(() => stamp(fork, [], 'head')).code).toBe('ALUDEL_MULTIPLE_HEADS')
  })
})

describe('planRange', () => {
  test('plans an upgrade from a revision, from the base and by a count', () => {
    expect(ids(planRange(line, 'b', 'head', 'upgrade'))).toEqual(['c', 'd'])
    expect(ids(planRange(line, undefined, 'b', 'upgrade'))).toEqual(['a', 'b'])
    expect(ids(planRange(line, 'a', '+1', 'upgrade'))).toEqual(['b'])
    expect(ids(planRange(line, 'a', 'a', 'upgrade'))).toEqual([])
    expect(planRange(line, 'b', 'head', 'upgrade')).toMatchObject({ from: ['b'], to: ['d'] })
  })

  test('plans a downgrade to a revision, by a count and to the base', () => {
    expect(ids(planRange(line, 'd', 'b', 'downgrade'))).toEqual(['d', 'c'])
    expect(ids(planRange(line, 'head', '-1', 'downgrade'))).toEqual(['d'])
    expect(ids(planRange(line, 'c', 'base', 'downgrade'))).toEqual(['c', 'b', 'a'])
  })

  test('refuses a target in the wrong direction, and "current", which needs a database', () => {
    expect(caught(() => planRange(line, 'd', 'b', 'upgrade')).code).toBe('ALUDEL_NOT_A_TARGET')
    expect(caught(() => planRange(line, 'd', 'base', 'upgrade')).code).toBe('ALUDEL_NOT_A_TARGET')
    expect(caught(() => planRange(line, 'b', 'd', 'downgrade')).code).toBe('ALUDEL_NOT_A_TARGET')
    expect(caught(() => planRange(line, 'current', 'd', 'upgrade')).code).toBe('ALUDEL_USAGE')
  })
})

describe('plans on random graphs', () => {
  /** Random revisions: parents and dependencies among the earlier ones, then shuffled into any load order. */
  const graphs = fc
    .array(
      fc.record({
        parents: fc.array(fc.nat(), { maxLength: 3 }),
        dependencies: fc.array(fc.nat(), { maxLength: 2 }),
        key: fc.nat(),
      }),
      { minLength: 1, maxLength: 30 },
    )
    .map((nodes) => {
      const texts = nodes.map(({ parents, dependencies, key }, index) => {
        const pick = (numbers: readonly number[]) =>
          index === 0 ? [] : [...new Set(numbers.map((number) => `r${number % index}`))]
        const down = pick(parents)
        const needs = pick(dependencies)
        return {
          key,
          text: `r${index}${down.length > 0 ? `<${down.join(',')}` : ''}${needs.length > 0 ? ` +${needs.join(',')}` : ''}`,
        }
      })
      return graphOf(...texts.sort((a, b) => a.key - b.key).map(({ text }) => text))
    })
  const positions = fc.tuple(graphs, fc.array(fc.nat(), { maxLength: 5 })).map(([graph, tips]) => {
    const chosen = tips.map((tip) => graph.all[tip % graph.size]?.id ?? '')
    return { graph, applied: graph.ancestors(chosen, { dependencies: true }) }
  })

  test('apply every revision for "heads", parents first, and undo every one for "base"', () => {
    fc.assert(
      fc.property(positions, ({ graph, applied }) => {
        const up = planUpgrade(graph, applied, 'heads')
        const now = carryOut(graph, applied, up)
        expect(now.size).toBe(graph.size)
        expect(up.to).toEqual(graph.realHeads.map(({ id }) => id))
        const down = planDowngrade(graph, now, 'base')
        expect(carryOut(graph, now, down).size).toBe(0)
        expect(planUpgrade(graph, applied, 'heads')).toEqual(up)
      }),
    )
  })

  test('keep the target of a downgrade and its ancestors, but not its children', () => {
    fc.assert(
      fc.property(positions, fc.nat(), ({ graph, applied }, choice) => {
        const target = [...applied][choice % Math.max(applied.size, 1)]
        fc.pre(target !== undefined)
        const now = carryOut(graph, applied, planDowngrade(graph, applied, target ?? ''))
        for (const id of graph.ancestors([target ?? ''], { dependencies: true })) expect(now).toContain(id)
        for (const child of graph.children(target ?? '')) expect(now).not.toContain(child.id)
      }),
    )
  })

  test('stamp the target with its ancestors, and as the only head with the option purge', () => {
    fc.assert(
      fc.property(positions, fc.nat(), ({ graph, applied }, choice) => {
        const target = graph.all[choice % graph.size]?.id ?? ''
        const plan = planStamp(graph, applied, target)
        const now = new Set(applied)
        for (const { id } of plan.remove) expect(now.delete(id)).toBe(true)
        for (const { id } of plan.insert) {
          for (const below of [...graph.parents(id), ...graph.dependencies(id)]) expect(now).toContain(below.id)
          now.add(id)
        }
        expect(plan.to).toEqual(graph.currentOf(now).map(({ id }) => id))
        expect(plan.to).toContain(target)
        expect([...graph.ancestors([...now], { dependencies: true })].sort()).toEqual([...now].sort())
        const purged = planStamp(graph, applied, target, { purge: true })
        expect(purged.to).toEqual([target])
      }),
    )
  })
})
