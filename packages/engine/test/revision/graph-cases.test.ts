import cases from '../fixtures/graph-cases.json'

import type { ErrorCode } from '../../src/errors'
import { RevisionGraph } from '../../src/revision/graph'
import { planDowngrade, planStamp, planUpgrade } from '../../src/revision/planner'
import type { Plan } from '../../src/revision/revision'

import { caught } from './caught'
import { revisions } from './notation'

interface Case {
  readonly graph: keyof typeof cases.graphs
  readonly applied: readonly string[]
  readonly command: string
  readonly target: string
  readonly steps?: readonly string[]
  readonly current?: readonly string[]
  readonly error?: string
}

const graphs = new Map(
  Object.entries(cases.graphs).map(([name, texts]) => [name, new RevisionGraph(revisions(...texts))] as const),
)

const errors: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^Relative revision/, 'ALUDEL_RELATIVE_OUT_OF_RANGE'],
  [/^Multiple heads/, 'ALUDEL_MULTIPLE_HEADS'],
  [/^Ambiguous/, 'ALUDEL_AMBIGUOUS_REVISION'],
  [/LoopDetected|CycleDetected/, 'ALUDEL_REVISION_CYCLE'],
  [/^RevisionError/, 'ALUDEL_DUPLICATE_LABEL'],
  [/not present$/, 'ALUDEL_MISSING_PARENT'],
  [/more than once$/, 'ALUDEL_DUPLICATE_REVISION'],
]

function codeOf(problem: string): ErrorCode {
  const found = errors.find(([pattern]) => pattern.test(problem))
  if (found === undefined) throw new Error(`no code is expected for "${problem}"`)
  return found[1]
}

describe.each(cases.cases as readonly Case[])('$command from $applied to $target in graph $graph', (given) => {
  const graph = graphs.get(given.graph) ?? new RevisionGraph([])
  const applied = graph.ancestors(given.applied, { dependencies: true })
  const plan = (): Plan =>
    given.command === 'upgrade'
      ? planUpgrade(graph, applied, given.target)
      : planDowngrade(graph, applied, given.target)

  if (given.error !== undefined) {
    const error = given.error
    test('is refused with the expected error code', () => {
      expect(caught(plan).code).toBe(codeOf(error))
    })
    return
  }

  if (given.command === 'stamp') {
    test('stamps the expected heads and their ancestors', () => {
      const stamp = planStamp(graph, applied, given.target)
      expect([...stamp.to].sort()).toEqual(given.current)
      const after = new Set(applied)
      for (const { id } of stamp.remove) expect(after.delete(id)).toBe(true)
      for (const { id } of stamp.insert) {
        expect(after.has(id)).toBe(false)
        after.add(id)
      }
      expect(after).toEqual(graph.ancestors(given.current ?? [], { dependencies: true }))
    })
    return
  }

  test('takes the expected steps in a valid order, and the same on each call', () => {
    const result = plan()
    const ids = result.steps.map(({ revision }) => revision.id)
    expect([...ids].sort()).toEqual([...(given.steps ?? [])].sort())
    expect([...result.to].sort()).toEqual(given.current)
    expect([...result.from].sort()).toEqual([...given.applied].sort())
    expect(result.steps.every((step) => step.direction === given.command)).toBe(true)

    const upwards = given.command === 'upgrade' ? ids : [...ids].reverse()
    for (const [index, id] of upwards.entries()) {
      for (const below of graph.ancestors([id], { dependencies: true })) {
        if (below !== id && upwards.includes(below)) expect(upwards.indexOf(below)).toBeLessThan(index)
      }
    }
    expect(plan()).toEqual(result)
  })
})

describe.each(cases.invalid)('RevisionGraph of $graph', ({ graph, problem }) => {
  test(`rejects the revisions: ${problem}`, () => {
    expect(caught(() => new RevisionGraph(revisions(...graph))).code).toBe(codeOf(problem))
  })
})
