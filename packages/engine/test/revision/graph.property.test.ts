// cspell:ignore hedl
import fc from 'fast-check'

import { testRuns } from '../../../../tools/testing/runs.cjs'
import { isAludelError } from '../../src/errors'
import { RevisionGraph } from '../../src/revision/graph'
import { resolve, type Purpose } from '../../src/revision/identifier'
import { planDowngrade, planRange, planStamp, planUpgrade } from '../../src/revision/planner'
import { revisionsInRange } from '../../src/revision/range'
import type { Revision } from '../../src/revision/revision'

import { carryOut } from './carry-out'
import { caught } from './caught'
import { revisions } from './notation'

/** Properties of every history, checked on random ones with several bases, merges, dependencies and labels. */

const both = { dependencies: true }

const histories = fc
  .array(
    fc.record({
      parents: fc.array(fc.nat(), { maxLength: 3 }),
      dependencies: fc.array(fc.nat(), { maxLength: 2 }),
      labeled: fc.nat(3).map((number) => number === 0),
      // Few letters, so that ids share prefixes.
      id: fc.string({ unit: fc.constantFrom('a', 'b', '0'), minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 24 },
  )
  .map((nodes) => {
    const ids = nodes.map(({ id }, index) => `${id}${(index + 16).toString(16)}`)
    return revisions(
      ...nodes.map(({ parents, dependencies, labeled }, index) => {
        const pick = (numbers: readonly number[]) =>
          index === 0 ? [] : [...new Set(numbers.map((number) => ids[number % index] ?? ''))]
        const down = pick(parents)
        const needs = pick(dependencies)
        return `${ids[index] ?? ''}${down.length > 0 ? `<${down.join(',')}` : ''}${needs.length > 0 ? ` +${needs.join(',')}` : ''}${labeled ? ` #l/${index}` : ''}`
      }),
    )
  })

/** A history and its applied revisions, closed under parents and dependencies. */
const databases = fc.tuple(histories, fc.array(fc.nat(), { maxLength: 5 })).map(([given, tips]) => {
  const graph = new RevisionGraph(given)
  const chosen = tips.map((tip) => graph.all[tip % graph.size]?.id ?? '')
  return { given, graph, applied: graph.ancestors(chosen, both) }
})

const idsOf = (found: readonly Revision[]): string[] => found.map(({ id }) => id)
const sorted = (ids: Iterable<string>): string[] => [...ids].sort()
const choose = <T>(from: readonly T[], choice: number): T | undefined => from[choice % Math.max(from.length, 1)]

/** Returns the value, or undefined if the library throws an AludelError; rethrows any other error. */
function unlessRefused<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (isAludelError(error)) return undefined
    throw error
  }
}

describe('random histories', () => {
  test('are upgraded to all heads, and downgraded to base after any other downgrades', () => {
    fc.assert(
      fc.property(databases, fc.array(fc.nat(), { maxLength: 12 }), ({ graph, applied }, route) => {
        let now: ReadonlySet<string> = carryOut(graph, applied, planUpgrade(graph, applied, 'heads'))
        expect(now.size).toBe(graph.size)
        for (const choice of route) {
          const id = choose([...now], choice)
          const rev = choose(['-1', `${id ?? ''}@-1`, `${id ?? ''}-1`, `${id ?? ''}@base`, id ?? 'base'], choice)
          const before = now
          const plan = unlessRefused(() => planDowngrade(graph, before, rev ?? 'base'))
          if (plan !== undefined) now = carryOut(graph, now, plan)
        }
        expect(carryOut(graph, now, planDowngrade(graph, now, 'base')).size).toBe(0)
      }),
    )
  })

  test('are restored by downgrades after an upgrade, and by upgrades after a downgrade', () => {
    fc.assert(
      fc.property(databases, fc.nat(), ({ graph, applied }, choice) => {
        const target = choose(graph.all, choice)?.id ?? ''
        const up = planUpgrade(graph, applied, target)
        const after = carryOut(graph, applied, up)
        // Undone one at a time, last first: each is a head then, so nothing else is undone with it.
        let now: ReadonlySet<string> = after
        for (const { revision } of [...up.steps].reverse()) {
          const down = planDowngrade(graph, now, `${revision.id}@-1`)
          expect(down.steps.map((step) => step.revision.id)).toEqual([revision.id])
          now = carryOut(graph, now, down)
        }
        expect(sorted(now)).toEqual(sorted(applied))
        // Conversely, upgrades to the previous heads restore what a downgrade undid.
        const down = planDowngrade(graph, after, 'base')
        let again: ReadonlySet<string> = carryOut(graph, after, down)
        for (const id of down.from) again = carryOut(graph, again, planUpgrade(graph, again, id))
        expect(sorted(again)).toEqual(sorted(after))
      }),
    )
  })

  test('are stamped with the ancestors of the target and nothing that an upgrade would not apply', () => {
    fc.assert(
      fc.property(databases, fc.nat(), ({ graph, applied }, choice) => {
        const target = choose(graph.all, choice)?.id ?? ''
        const above = graph.descendants([target], both)
        fc.pre([...applied].every((id) => !above.has(id)))
        const run = carryOut(graph, applied, planUpgrade(graph, applied, target))
        const stamp = planStamp(graph, applied, target)
        const stamped = new Set(applied)
        stamp.remove.forEach(({ id }) => stamped.delete(id))
        stamp.insert.forEach(({ id }) => stamped.add(id))
        expect(stamp.to).toEqual(idsOf(graph.currentOf(stamped)))
        // A stamp may remove related lines; the ancestors of the target are applied either way.
        for (const id of graph.ancestors([target], both)) expect(stamped).toContain(id)
        for (const id of stamped) expect(run).toContain(id)
        expect(planUpgrade(graph, stamped, target).steps).toEqual([])
      }),
    )
  })

  test('lose a labeled revision but no unrelated ones in a downgrade to label@base', () => {
    fc.assert(
      fc.property(databases, fc.nat(), ({ graph, applied }, choice) => {
        const label = choose(graph.branchLabels, choice)
        fc.pre(label !== undefined)
        const own = graph.byLabel(label ?? '')?.id ?? ''
        const now = carryOut(graph, applied, planDowngrade(graph, applied, `${label ?? ''}@base`))
        expect(now).not.toContain(own)
        // Revisions that neither belong to the labeled line nor depend on it stay applied.
        const touched = new Set([
          ...graph.descendants(
            graph.all.filter(({ id }) => graph.labelsOf(id).includes(label ?? '')).map(({ id }) => id),
            both,
          ),
          ...graph.ancestors([own]),
        ])
        for (const id of applied) if (!touched.has(id)) expect(now).toContain(id)
        for (const id of now) for (const below of graph.ancestors([id], both)) expect(now).toContain(below)
      }),
    )
  })

  test('have the same order and plans for any input order and file paths', () => {
    fc.assert(
      fc.property(databases, fc.infiniteStream(fc.nat()), fc.boolean(), ({ given, graph, applied }, keys, together) => {
        const times = together ? given.map((one) => ({ ...one, timestamp: 1_700_000_000_000 })) : given
        const first = new RevisionGraph(times)
        const shuffled = times
          .map((one) => ({
            one: { ...one, path: `/elsewhere/${keys.next().value ?? 0}.js` },
            key: keys.next().value ?? 0,
          }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one)
        const second = new RevisionGraph(shuffled)
        expect(idsOf(second.order)).toEqual(idsOf(first.order))
        expect(idsOf(second.heads)).toEqual(idsOf(first.heads))
        const steps = (of: RevisionGraph) => planUpgrade(of, applied, 'heads').steps.map(({ revision }) => revision.id)
        expect(steps(second)).toEqual(steps(first))
        if (!together) expect(idsOf(first.order)).toEqual(idsOf(graph.order))
      }),
    )
  })

  test('have a current set that is minimal and covers all applied revisions', () => {
    fc.assert(
      fc.property(databases, ({ graph, applied }) => {
        const current = idsOf(graph.currentOf(applied))
        expect(sorted(graph.ancestors(current, both))).toEqual(sorted(applied))
        for (const id of current) {
          const rest = current.filter((other) => other !== id)
          expect(graph.ancestors(rest, both)).not.toContain(id)
        }
        expect(sorted(graph.ancestors(idsOf(graph.realHeads), both))).toEqual(sorted(idsOf(graph.all)))
        for (const { id } of graph.realHeads) expect(graph.isHead(id)).toBe(true)
      }),
    )
  })

  test('resolve a unique prefix, and list exactly the candidates of an ambiguous one', () => {
    fc.assert(
      fc.property(histories, fc.nat(), fc.nat(), (given, choice, length) => {
        const graph = new RevisionGraph(given)
        const id = choose(given, choice)?.id ?? ''
        const text = id.slice(0, 1 + (length % id.length))
        const candidates = graph.has(text) ? [text] : idsOf(graph.all).filter((other) => other.startsWith(text))
        if (candidates.length === 1) {
          expect(resolve(graph, text, { purpose: 'show' }).ids).toEqual(candidates)
          return
        }
        const error = caught(() => resolve(graph, text, { purpose: 'show' }))
        expect(error.code).toBe('ALUDEL_AMBIGUOUS_REVISION')
        expect(error.details['candidates']).toEqual(candidates)
        for (const candidate of candidates.slice(0, 10)) expect(error.message).toContain(candidate)
      }),
    )
  })

  test('resolve equal steps up and down to the revision where they started', () => {
    fc.assert(
      fc.property(histories, fc.nat(), fc.integer({ min: 1, max: 5 }), (given, choice, steps) => {
        const graph = new RevisionGraph(given)
        const id = choose(given, choice)?.id ?? ''
        const up = unlessRefused(() => resolve(graph, `${id}+${steps}`, { purpose: 'show' }).ids)
        fc.pre(up?.length === 1)
        const back = unlessRefused(() => resolve(graph, `${up?.[0] ?? ''}-${steps}`, { purpose: 'show' }).ids)
        if (back !== undefined) expect(back).toContain(id)
      }),
    )
  })

  test('throw only AludelErrors when any text is resolved or planned', () => {
    const word = fc.oneof(
      fc.constantFrom('head', 'heads', 'base', 'current', 'a', 'b', '10', 'l/0', 'l/1', 'zz', ''),
      fc.string({ unit: fc.constantFrom(...'ab01@+-:._/ hedl'), maxLength: 8 }),
      fc.string({ maxLength: 4 }),
    )
    const texts = fc
      .array(fc.tuple(word, fc.constantFrom('', '@', ':', '+1', '-1', '+2', '-', '+', '@+1', '@-1')), { maxLength: 3 })
      .map((parts) => parts.flat().join(''))
    const purposes: readonly Purpose[] = ['upgrade', 'downgrade', 'stamp', 'show', 'history', 'parent']
    fc.assert(
      fc.property(databases, texts, fc.constantFrom(...purposes), ({ graph, applied }, text, purpose) => {
        unlessRefused(() => resolve(graph, text, { purpose }))
        unlessRefused(() => resolve(graph, text, { purpose, applied }))
        unlessRefused(() => revisionsInRange(graph, text, { applied }))
        for (const plan of [planUpgrade, planDowngrade]) {
          const found = unlessRefused(() => plan(graph, applied, text))
          if (found !== undefined) carryOut(graph, applied, found)
        }
        unlessRefused(() => planStamp(graph, applied, text))
        const [from = '', to = ''] = text.split(':')
        unlessRefused(() => planRange(graph, from, to, purpose === 'downgrade' ? 'downgrade' : 'upgrade'))
      }),
      { numRuns: testRuns(400) },
    )
  })
})
