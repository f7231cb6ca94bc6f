import fc from 'fast-check'

import { isAludelError } from '../../src/errors'
import { RevisionGraph } from '../../src/revision/graph'
import { resolve, type Purpose } from '../../src/revision/identifier'
import { planDowngrade, planRange, planStamp, planUpgrade } from '../../src/revision/planner'
import { revisionsInRange } from '../../src/revision/range'
import type { Revision } from '../../src/revision/revision'

import { carryOut } from './carry-out'
import { caught } from './caught'
import { revisions } from './notation'

/** What Aludel promises of any history: random ones, with several bases, merges, dependencies and labels. */

const both = { dependencies: true }

const histories = fc
  .array(
    fc.record({
      parents: fc.array(fc.nat(), { maxLength: 3 }),
      dependencies: fc.array(fc.nat(), { maxLength: 2 }),
      labelled: fc.nat(3).map((number) => number === 0),
      // Few letters, so that beginnings are shared.
      id: fc.string({ unit: fc.constantFrom('a', 'b', '0'), minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 24 },
  )
  .map((nodes) => {
    const ids = nodes.map(({ id }, index) => `${id}${(index + 16).toString(16)}`)
    return revisions(
      ...nodes.map(({ parents, dependencies, labelled }, index) => {
        const pick = (numbers: readonly number[]) =>
          index === 0 ? [] : [...new Set(numbers.map((number) => ids[number % index] ?? ''))]
        const down = pick(parents)
        const needs = pick(dependencies)
        return `${ids[index] ?? ''}${down.length > 0 ? `<${down.join(',')}` : ''}${needs.length > 0 ? ` +${needs.join(',')}` : ''}${labelled ? ` #l/${index}` : ''}`
      }),
    )
  })

/** A history, and what some database has applied of it: closed under parents and dependencies. */
const databases = fc.tuple(histories, fc.array(fc.nat(), { maxLength: 5 })).map(([given, tips]) => {
  const graph = new RevisionGraph(given)
  const chosen = tips.map((tip) => graph.all[tip % graph.size]?.id ?? '')
  return { given, graph, applied: graph.ancestors(chosen, both) }
})

const idsOf = (found: readonly Revision[]): string[] => found.map(({ id }) => id)
const sorted = (ids: Iterable<string>): string[] => [...ids].sort()
const choose = <T>(from: readonly T[], choice: number): T | undefined => from[choice % Math.max(from.length, 1)]

/** The value, or undefined where the library refuses; anything but its own errors fails. */
function unlessRefused<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch (error) {
    if (isAludelError(error)) return undefined
    throw error
  }
}

describe('on any history', () => {
  test('from anywhere up to the heads, and by any route of downgrades back to nothing', () => {
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

  test('an upgrade and the downgrade to where it came from undo each other', () => {
    fc.assert(
      fc.property(databases, fc.nat(), ({ graph, applied }, choice) => {
        const target = choose(graph.all, choice)?.id ?? ''
        const up = planUpgrade(graph, applied, target)
        const after = carryOut(graph, applied, up)
        // Undone one at a time, the last first: each is a head then, and nothing else goes with it.
        let now: ReadonlySet<string> = after
        for (const { revision } of [...up.steps].reverse()) {
          const down = planDowngrade(graph, now, `${revision.id}@-1`)
          expect(down.steps.map((step) => step.revision.id)).toEqual([revision.id])
          now = carryOut(graph, now, down)
        }
        expect(sorted(now)).toEqual(sorted(applied))
        // And the other way: what a downgrade undid, an upgrade to the heads of before brings back.
        const down = planDowngrade(graph, after, 'base')
        let again: ReadonlySet<string> = carryOut(graph, after, down)
        for (const id of down.from) again = carryOut(graph, again, planUpgrade(graph, again, id))
        expect(sorted(again)).toEqual(sorted(after))
      }),
    )
  })

  test('a stamp and an upgrade to one target leave the same, where nothing lies above it', () => {
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
        // A stamp may forget other lines that it is related to; what the target stands on counts either way.
        for (const id of graph.ancestors([target], both)) expect(stamped).toContain(id)
        for (const id of stamped) expect(run).toContain(id)
        expect(planUpgrade(graph, stamped, target).steps).toEqual([])
      }),
    )
  })

  test('label@base leaves what other applied lines stand on, and nothing of the line', () => {
    fc.assert(
      fc.property(databases, fc.nat(), ({ graph, applied }, choice) => {
        const label = choose(graph.branchLabels, choice)
        fc.pre(label !== undefined)
        const own = graph.byLabel(label ?? '')?.id ?? ''
        const now = carryOut(graph, applied, planDowngrade(graph, applied, `${label ?? ''}@base`))
        expect(now).not.toContain(own)
        // What neither belongs to the line through the label nor stands on any of it stays.
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

  test('order and plans are those of the revisions, whatever order and files they come from', () => {
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

  test('current is the least that stands for what is applied; the heads stand for all', () => {
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

  test('a beginning finds its one revision, or names exactly its candidates', () => {
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

  test('steps up and steps down lead back, where both lead anywhere', () => {
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

  test('no text brings anything but an answer or an error of ours', () => {
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
      { numRuns: 400 },
    )
  })
})
