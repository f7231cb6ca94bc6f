import { RevisionGraph } from '../../src/revision/graph'
import type { Revision } from '../../src/revision/revision'

import { caught } from './caught'
import { graphOf, revision, revisions } from './notation'

const ids = (found: readonly Revision[]): string[] => found.map(({ id }) => id)

describe('RevisionGraph', () => {
  const graph = graphOf('a', 'b<a', 'c1<b #one', 'd1<c1', 'c2<b #two', 'd2<c2', 'e<d1,d2', 'x', 'y<x +c1', 'z +x')

  test('lists heads, real heads and bases in load order', () => {
    expect(ids(graph.heads)).toEqual(['e', 'y', 'z'])
    expect(ids(graph.bases)).toEqual(['a', 'x', 'z'])
    expect(ids(graphOf('a', 'b', 'c +a').heads)).toEqual(['a', 'b', 'c'])
    expect(ids(graphOf('a', 'b', 'c +a').realHeads)).toEqual(['b', 'c'])
  })

  test('returns parents, children, dependencies and dependents', () => {
    expect(ids(graph.parents('e'))).toEqual(['d1', 'd2'])
    expect(ids(graph.children('b'))).toEqual(['c1', 'c2'])
    expect(ids(graph.dependencies('y'))).toEqual(['c1'])
    expect(ids(graph.dependents('c1'))).toEqual(['y'])
    expect(ids(graphOf('a #lib', 'b +lib').dependencies('b'))).toEqual(['a'])
  })

  test('recognizes heads, branch points and merge points', () => {
    expect([graph.isHead('e'), graph.isHead('b')]).toEqual([true, false])
    expect([graph.isBranchPoint('b'), graph.isBranchPoint('x'), graph.isBranchPoint('c1')]).toEqual([
      true,
      false,
      false,
    ])
    expect([graph.isMergePoint('e'), graph.isMergePoint('y')]).toEqual([true, false])
  })

  test('includes the start in ancestors and descendants, and dependencies on request', () => {
    expect([...graph.ancestors(['y'])].sort()).toEqual(['x', 'y'])
    expect([...graph.ancestors(['y'], { dependencies: true })].sort()).toEqual(['a', 'b', 'c1', 'x', 'y'])
    expect([...graph.descendants(['c1'])].sort()).toEqual(['c1', 'd1', 'e'])
    expect([...graph.descendants(['c1'], { dependencies: true })].sort()).toEqual(['c1', 'd1', 'e', 'y'])
    expect([...graph.lineage('c2')].sort()).toEqual(['a', 'b', 'c2', 'd2', 'e'])
  })

  test('finds a revision by id, class name and label, and suggests similar ids', () => {
    expect(graph.size).toBe(10)
    expect(graph.has('c1')).toBe(true)
    expect(graph.get('c1').id).toBe('c1')
    expect(graph.find('c9')).toBeUndefined()
    expect(graph.byName(graph.get('d2').name)?.id).toBe('d2')
    expect(graph.byName('Nobody1')).toBeUndefined()
    expect(graph.byLabel('two')?.id).toBe('c2')
    const error = caught(() => graph.get('c9'))
    expect(error.code).toBe('ALUDEL_UNKNOWN_REVISION')
    expect(error.help).toContain('c1')
  })

  test('copies the given revisions and freezes the copy', () => {
    const given = [...revisions('a', 'b<a')]
    const own = new RevisionGraph(given)
    given.pop()
    expect(own.size).toBe(2)
    expect(Object.isFrozen(own.all)).toBe(true)
  })

  test('accepts an empty list of revisions', () => {
    const empty = new RevisionGraph([])
    expect([empty.size, empty.heads, empty.bases, empty.order]).toEqual([0, [], [], []])
    expect(empty.currentOf(['a'])).toEqual([])
  })
})

describe('RevisionGraph.currentOf', () => {
  const graph = graphOf('a', 'b<a', 'c<b', 'x', 'y<x +b')

  test.each([
    [['a', 'b', 'c'], ['c']],
    [
      ['c', 'b', 'a', 'x'],
      ['c', 'x'],
    ],
    [['a', 'b', 'x', 'y'], ['y']],
    [[], []],
    [['a', 'nobody'], ['a']],
  ])('maps the applied revisions %j to %j', (applied, current) => {
    expect(ids(graph.currentOf(applied))).toEqual(current)
  })

  test('returns one head when a revision below it is not applied', () => {
    expect(ids(graph.currentOf(['a', 'c']))).toEqual(['c'])
  })
})

describe('branch labels', () => {
  test('apply to all descendants, and down to the branch point without including it', () => {
    const graph = graphOf('a', 'b<a', 'c1<b', 'd1<c1 #one', 'e1<d1', 'c2<b', 'f<e1,c2', 'g<f')
    const labeled = ids(graph.all).filter((id) => graph.labelsOf(id).includes('one'))
    expect(labeled).toEqual(['c1', 'd1', 'e1', 'f', 'g'])
  })

  test('apply to all ancestors when the only fork is above the labeled revision', () => {
    const graph = graphOf('a', 'b<a', 'c<b #l', 'd<c', 'e1<d', 'e2<d')
    expect(ids(graph.all).filter((id) => graph.labelsOf(id).includes('l'))).toEqual(['a', 'b', 'c', 'd', 'e1', 'e2'])
  })

  test('do not apply to a merge below, nor to an ancestor that others depend on', () => {
    expect(graphOf('a', 'b', 'm<a,b', 'c<m #l').labelsOf('m')).toEqual([])
    expect(graphOf('a', 'b<a #l', 'c +a').labelsOf('a')).toEqual([])
  })
})

describe('order of RevisionGraph', () => {
  test('keeps a load order that is already valid', () => {
    const texts = ['a', 'x', 'b<a', 'y<x', 'c<b', 'm<c,y']
    expect(ids(graphOf(...texts).order)).toEqual(['a', 'x', 'b', 'y', 'c', 'm'])
  })

  test('puts parents and dependencies before the revisions that need them', () => {
    expect(ids(graphOf('c<b', 'b<a', 'a', 'z').order)).toEqual(['a', 'b', 'c', 'z'])
    expect(ids(graphOf('a +z', 'b<a', 'z').order)).toEqual(['z', 'a', 'b'])
  })

  test('depends on timestamps and names, not on input order or file paths', () => {
    const given = revisions('a', 'x', 'b<a', 'y<x', 'c<b', 'm<c,y', 'z')
    const order = ids(new RevisionGraph(given).order)
    expect(ids(new RevisionGraph([...given].reverse()).order)).toEqual(order)
    const moved = given.map((one, index) => ({ ...one, path: `/elsewhere/${9 - index}.ts` }))
    expect(ids(new RevisionGraph(moved.reverse()).order)).toEqual(order)
    const together = given.map((one) => ({ ...one, timestamp: 1_700_000_000_000 }))
    const tied = ids(new RevisionGraph(together).order)
    expect(ids(new RevisionGraph([...together].reverse()).order)).toEqual(tied)
  })

  test('sorts a subset of ids and leaves out unknown ones', () => {
    const graph = graphOf('c<b', 'b<a', 'a')
    expect(ids(graph.sort(['c', 'nobody', 'a']))).toEqual(['a', 'c'])
  })

  test('handles a chain of 10,000 revisions in reverse order, and a merge of 10,000 branches', () => {
    const count = 10_000
    const chain = Array.from({ length: count }, (_, index) =>
      index === count - 1 ? `r${index}` : `r${index}<r${index + 1}`,
    )
    const graph = graphOf(...chain)
    expect(graph.order[0]?.id).toBe(`r${count - 1}`)
    expect(graph.order).toHaveLength(count)
    expect(graph.ancestors(['r0']).size).toBe(count)
    expect(ids(graph.currentOf(graph.all.map(({ id }) => id)))).toEqual(['r0'])

    const wide = ['root', ...Array.from({ length: count }, (_, index) => `w${index}<root`)]
    const merged = graphOf(
      ...wide,
      `merge<${wide
        .slice(1)
        .map((text) => text.split('<')[0])
        .join(',')}`,
    )
    expect(ids(merged.heads)).toEqual(['merge'])
    expect(merged.order.at(-1)?.id).toBe('merge')
  })
})

describe('validation of RevisionGraph', () => {
  test('rejects a duplicate id and names both files', () => {
    const error = caught(() => graphOf('a', 'b<a', 'b<a'))
    expect(error.code).toBe('ALUDEL_DUPLICATE_REVISION')
    expect(error.message).toContain('/revisions/1-b.ts')
    expect(error.message).toContain('/revisions/2-b.ts')
  })

  test('rejects a duplicate class name', () => {
    const [a, b] = revisions('a', 'b')
    const error = caught(() => new RevisionGraph([a, { ...b, name: a?.name } as Revision].flatMap((one) => one ?? [])))
    expect(error.code).toBe('ALUDEL_DUPLICATE_REVISION')
    expect(error.message).toContain(a?.name)
  })

  test('rejects a label that is declared twice or equals an id', () => {
    const twice = caught(() => graphOf('a', 'b<a #x', 'c<a #x'))
    expect([twice.code, twice.details['label']]).toEqual(['ALUDEL_DUPLICATE_LABEL', 'x'])
    expect(caught(() => graphOf('a #b', 'b<a')).code).toBe('ALUDEL_DUPLICATE_LABEL')
  })

  test('rejects a missing parent or dependency and names the revision, file and missing id', () => {
    const parent = caught(() => graphOf('a', 'b<zz'))
    expect(parent.code).toBe('ALUDEL_MISSING_PARENT')
    expect(parent.message).toBe(
      'revision b (/revisions/1-b.ts) names the parent "zz", which is in no revision directory',
    )
    const dependency = caught(() => graphOf('a', 'b<a +zz'))
    expect(dependency.code).toBe('ALUDEL_MISSING_DEPENDENCY')
    expect(dependency.details).toEqual({ revision: 'b', path: '/revisions/1-b.ts', missing: 'zz' })
  })

  test('reports the line that causes an error when the line is known', () => {
    const lines = { class: 3, revision: 5, downRevision: 6, branchLabels: 7, dependsOn: 8 }
    const message = (...texts: readonly string[]): string =>
      caught(() => new RevisionGraph(revisions(...texts).map((one) => ({ ...one, lines })))).message
    expect(message('a', 'b<zz')).toContain('/revisions/1-b.ts:6')
    expect(message('a', 'b +zz')).toContain('/revisions/1-b.ts:8')
    expect(message('a', 'a')).toContain('twice: in /revisions/0-a.ts:5 and in /revisions/1-a.ts:5')
    expect(message('a #x', 'b #x')).toMatch(/0-a\.ts:7.*1-b\.ts:7/)
    expect(message('a<a')).toContain('/revisions/0-a.ts:6')
    expect(message('a +c', 'b<a', 'c<b')).toContain('(/revisions/0-a.ts:8, /revisions/1-b.ts:6, /revisions/2-c.ts:6)')
    const missing = caught(() => new RevisionGraph(revisions('b<zz').map((one) => ({ ...one, lines }))))
    expect(missing.details).toMatchObject({ line: 6 })
  })

  test.each([
    [['a<a'], ['a'], 'is its own parent'],
    [['a +a'], ['a'], 'depends on itself'],
    [['a<c', 'b<a', 'c<b'], ['a', 'b', 'c'], 'a -> b -> c -> a'],
    // b and the revisions above and below the cycle do not belong to it.
    [['a', 'b<a', 'c<b,e', 'd<c', 'e<d', 'f<e'], ['c', 'd', 'e'], 'c -> d -> e -> c'],
    [['a +c', 'b<a', 'c<b'], ['a', 'b', 'c'], 'a -> b -> c -> a'],
    [['p', 'q<p +s', 'r', 's<r +q'], ['q', 's'], 'q -> s -> q'],
  ])('rejects the cycle in %j and names %j', (texts, members, text) => {
    const error = caught(() => graphOf(...texts))
    expect(error.code).toBe('ALUDEL_REVISION_CYCLE')
    expect(error.details['revisions']).toEqual(members)
    expect(error.message).toContain(text)
    const paths = error.details['paths'] as readonly string[]
    expect(paths).toHaveLength(members.length)
    for (const path of paths) expect(error.message).toContain(path)
  })

  test.each(['head', 'heads', 'base', 'current', 'a-1', 'a b', 'a@b', ''])('rejects the id "%s"', (id) => {
    const error = caught(() => new RevisionGraph([{ ...revision('a'), id }]))
    expect(error.code).toBe('ALUDEL_REVISION_INVALID')
  })

  test.each(['head', 'current', 'x-2', 'x@y', 'a:b', 'a+b', '-x', 'x-', '', 'a b'])(
    'rejects the label "%s"',
    (label) => {
      const error = caught(() => new RevisionGraph([{ ...revision('a'), branchLabels: [label] }]))
      expect(error.code).toBe('ALUDEL_REVISION_INVALID')
    },
  )

  test.each(['reports', 'feature/x-y', 'größe', 'v1.2', '日本語'])('accepts the label "%s"', (label) => {
    expect(new RevisionGraph([{ ...revision('a'), branchLabels: [label] }]).byLabel(label)?.id).toBe('a')
  })
})
