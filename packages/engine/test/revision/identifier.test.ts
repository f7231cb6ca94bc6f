// cspell:ignore haed reprots
import { RevisionGraph } from '../../src/revision/graph'
import {
  needsApplied,
  parseIdentifier,
  resolve,
  resolveOne,
  type Purpose,
  type ResolveOptions,
} from '../../src/revision/identifier'
import { nearest } from '../../src/revision/names'

import { caught } from './caught'
import { graphOf } from './notation'

const line = graphOf('aa11', 'ab12<aa11', 'ab34<ab12 #reports', 'cd56<ab34', 'ef78<cd56')
const fork = graphOf('a', 'b<a', 'c1<b #one', 'd1<c1', 'c2<b #two', 'd2<c2')
const merged = graphOf('a', 'b<a', 'c1<b #one', 'c2<b #two', 'm<c1,c2', 'n<m')

const find = (graph: RevisionGraph, text: string, options: Partial<ResolveOptions> = {}) =>
  resolve(graph, text, { purpose: 'show', ...options })
const ids = (graph: RevisionGraph, text: string, options: Partial<ResolveOptions> = {}) =>
  find(graph, text, options).ids

describe('parseIdentifier', () => {
  test.each([
    ['ab12', { symbol: 'ab12', offset: 0 }],
    ['+2', { offset: 2 }],
    ['-1', { offset: -1 }],
    ['head-1', { symbol: 'head', offset: -1 }],
    ['reports@head', { branch: 'reports', symbol: 'head', offset: 0 }],
    ['reports@+1', { branch: 'reports', offset: 1 }],
    ['feature/x-y@ab12-3', { branch: 'feature/x-y', symbol: 'ab12', offset: -3 }],
    ['AddPriority1763750000000', { symbol: 'AddPriority1763750000000', offset: 0 }],
  ])('parses %s', (text, parts) => {
    expect(parseIdentifier(text)).toEqual({ text, ...parts })
  })

  test.each(
    // prettier-ignore
    ['', ' ', '@', 'a@', '@b', 'a@@b', 'a@b@c', '++1', '--', '-', '+', '+x', 'a+', 'a-', 'a+-1', '+1+1', '-0', '+0', 'a b', 'a\n', ' a', 'a:b', 'a:b:c', ':', 'head@a', '*', '"a"'],
  )('rejects %j as malformed and offers help', (text) => {
    const error = caught(() => parseIdentifier(text))
    expect(error.code).toBe('ALUDEL_MALFORMED_REVISION')
    expect(error.help).toBeDefined()
  })
})

describe('resolve', () => {
  test.each([
    ['ab12', ['ab12']],
    ['ef', ['ef78']],
    ['e', ['ef78']],
    ['head', ['ef78']],
    ['heads', ['ef78']],
    ['base', []],
    ['reports', ['ab34']],
    ['reports@head', ['ef78']],
    ['ab12@head', ['ef78']],
    ['reports@base', []],
    ['reports@aa11', ['aa11']],
    ['reports@c', ['cd56']],
    ['ab12+2', ['cd56']],
    ['ab12-1', ['aa11']],
    ['aa11-1', []],
    ['head-1', ['cd56']],
    ['heads-1', ['cd56']],
    ['base+2', ['ab12']],
    ['reports@base+1', ['aa11']],
    ['reports-1', ['ab12']],
    ['reports@head-1', ['cd56']],
    ['Rcd561700000000003', ['cd56']],
    ['1700000000003', ['cd56']],
  ])('resolves %s to %j', (text, expected) => {
    expect(ids(line, text)).toEqual(expected)
  })

  test.each([
    ['current', ['ab34']],
    ['+1', ['cd56']],
    ['+2', ['ef78']],
    ['-1', ['ab12']],
    ['-3', []],
    ['current-1', ['ab12']],
    ['current+1', ['cd56']],
    ['reports@current', ['ab34']],
    ['reports@+1', ['cd56']],
    ['reports@-2', ['aa11']],
  ])('resolves %s to %j with ab34 as the current revision', (text, expected) => {
    expect(ids(line, text, { applied: ['aa11', 'ab12', 'ab34'] })).toEqual(expected)
  })

  test('resolves "+1" and "current" but not "-1" when nothing is applied', () => {
    expect(ids(line, '+1', { applied: [] })).toEqual(['aa11'])
    expect(ids(line, 'current', { applied: [] })).toEqual([])
    expect(caught(() => ids(line, '-1', { applied: [] })).code).toBe('ALUDEL_RELATIVE_OUT_OF_RANGE')
  })

  test('rejects an ambiguous prefix unless it is unique on the given branch', () => {
    const error = caught(() => find(line, 'ab'))
    expect(error.code).toBe('ALUDEL_AMBIGUOUS_REVISION')
    expect(error.message).toBe('2 revisions start with "ab": ab12, ab34')
    expect(error.details['candidates']).toEqual(['ab12', 'ab34'])
    const two = graphOf('x1 #x', 'y1 #y', 'ab1<x1', 'ab2<y1')
    expect(ids(two, 'x@ab')).toEqual(['ab1'])
  })

  test('prefers an exact id or label to a prefix', () => {
    const graph = graphOf('ab', 'abc<ab #abcd', 'abcde<abc')
    expect(ids(graph, 'ab')).toEqual(['ab'])
    expect(ids(graph, 'abcd')).toEqual(['abc'])
  })

  test('suggests the nearest names for an unknown one', () => {
    const error = caught(() => find(line, 'ab13'))
    expect(error.code).toBe('ALUDEL_UNKNOWN_REVISION')
    expect(error.help).toMatch(/^Nearest: ab12/)
    expect(caught(() => find(line, 'reprots')).help).toContain('reports')
    expect(caught(() => find(line, 'haed')).help).toContain('head')
    expect(caught(() => find(line, 'nothing-like-it')).help).toBe('`aludel migrate history` lists all revisions.')
    expect(caught(() => find(line, 'nobody@head')).code).toBe('ALUDEL_UNKNOWN_REVISION')
    expect(caught(() => find(new RevisionGraph([]), 'a')).help).toBe('There are no revisions yet.')
  })

  test('rejects a revision that is not on the given branch', () => {
    for (const text of ['one@d2', 'one@c2', 'two@d1']) {
      const error = caught(() => find(fork, text))
      expect(error.code).toBe('ALUDEL_UNKNOWN_REVISION')
      expect(error.message).toContain('is not on the branch')
    }
    expect(ids(fork, 'one@b')).toEqual(['b'])
  })

  test('rejects "head" with several heads and lists them, but accepts "heads"', () => {
    const purposes: readonly Purpose[] = ['upgrade', 'downgrade', 'stamp', 'show', 'history', 'parent']
    for (const purpose of purposes) {
      const error = caught(() => find(fork, 'head', { purpose }))
      expect(error.code).toBe('ALUDEL_MULTIPLE_HEADS')
      expect(error.message).toBe('there are 2 heads: d1, d2')
      expect(error.details['heads']).toEqual(['d1', 'd2'])
    }
    const upgrade = caught(() => find(fork, 'head', { purpose: 'upgrade' }))
    expect(upgrade.help).toContain('`heads`')
    expect(upgrade.help).toContain('merge')
    expect(caught(() => find(fork, 'b@head')).message).toBe('the branch "b" has 2 heads: d1, d2')
    expect(ids(fork, 'heads')).toEqual(['d1', 'd2'])
    expect(ids(fork, 'b@heads')).toEqual(['d1', 'd2'])
    expect(ids(fork, 'two@head')).toEqual(['d2'])
    expect(caught(() => find(fork, 'heads-1')).code).toBe('ALUDEL_AMBIGUOUS_REVISION')
  })

  test('resolves "head" and "heads" of an empty graph to nothing', () => {
    expect(ids(new RevisionGraph([]), 'head')).toEqual([])
    expect(ids(new RevisionGraph([]), 'heads')).toEqual([])
  })

  test('rejects a count past the end and reports the requested and available steps', () => {
    const cases: readonly (readonly [string, number, number])[] = [
      ['ab12+9', 9, 3],
      ['head-9', 9, 5],
      ['base+6', 6, 5],
      ['base-1', 1, 0],
      ['+5', 5, 4],
      ['-2', 2, 1],
      ['+99999999999999999999', 1e20, 4],
    ]
    for (const [text, asked, available] of cases) {
      const error = caught(() => find(line, text, { applied: ['aa11'] }))
      expect(error.code).toBe('ALUDEL_RELATIVE_OUT_OF_RANGE')
      expect(error.details).toEqual({ revision: text, asked, available })
      expect(error.message).toContain(String(available === 0 ? 'none' : available))
      expect(error.message).toContain(/\d+$/.exec(text)?.[0])
    }
  })

  test('rejects counting up across a fork unless a branch is given', () => {
    const error = caught(() => find(fork, 'a+2'))
    expect(error.code).toBe('ALUDEL_AMBIGUOUS_REVISION')
    expect(error.details['candidates']).toEqual(['c1', 'c2'])
    expect(ids(fork, 'two@a+2')).toEqual(['c2'])
  })

  test('counts down to the parents of a merge, but below them only with a branch', () => {
    expect(ids(merged, 'n-2')).toEqual(['c1', 'c2'])
    expect(ids(merged, 'm-1')).toEqual(['c1', 'c2'])
    const error = caught(() => find(merged, 'n-3'))
    expect(error.code).toBe('ALUDEL_AMBIGUOUS_REVISION')
    expect(error.help).toContain('m-1')
    expect(ids(merged, 'two@n-3')).toEqual(['b'])
  })

  test('rejects counting from several applied heads unless a branch is given', () => {
    const applied = ['a', 'b', 'c1', 'd1', 'c2']
    for (const text of ['+1', '-1', 'current-1']) {
      const error = caught(() => find(fork, text, { applied }))
      expect(error.code).toBe('ALUDEL_AMBIGUOUS_REVISION')
      expect(error.details['candidates']).toEqual(['d1', 'c2'])
    }
    expect(caught(() => find(fork, '-1', { applied })).help).toContain('one@-1')
    expect(ids(fork, 'two@+1', { applied })).toEqual(['d2'])
    expect(ids(fork, 'c2@-1', { applied })).toEqual(['b'])
  })

  test('counts up an unapplied branch from where it leaves the applied revisions', () => {
    expect(ids(fork, 'two@+1', { applied: ['a', 'b', 'c1'] })).toEqual(['c2'])
    expect(ids(fork, 'two@+2', { applied: ['a', 'b', 'c1'] })).toEqual(['d2'])
    expect(ids(fork, 'two@+1', { applied: [] })).toEqual(['a'])
  })

  test('rejects a negative count for an upgrade and a positive one for a downgrade', () => {
    const applied = ['aa11', 'ab12']
    expect(caught(() => find(line, '-1', { applied, purpose: 'upgrade' })).code).toBe('ALUDEL_RELATIVE_OUT_OF_RANGE')
    expect(caught(() => find(line, '+1', { applied, purpose: 'downgrade' })).code).toBe('ALUDEL_RELATIVE_OUT_OF_RANGE')
  })

  test('rejects "current" and relative counts without applied revisions', () => {
    for (const text of ['current', '+1', '-1', 'reports@+1', 'reports@current']) {
      expect(caught(() => find(line, text)).code).toBe('ALUDEL_USAGE')
    }
  })

  test('ignores applied ids without a file', () => {
    expect(ids(line, 'current', { applied: ['aa11', 'gone'] })).toEqual(['aa11'])
  })
})

describe('resolveOne', () => {
  test('returns one revision, and throws for several or none', () => {
    expect(resolveOne(line, 'head', { purpose: 'show' }).id).toBe('ef78')
    expect(caught(() => resolveOne(fork, 'heads', { purpose: 'show' })).code).toBe('ALUDEL_AMBIGUOUS_REVISION')
    expect(caught(() => resolveOne(line, 'base', { purpose: 'show' })).code).toBe('ALUDEL_UNKNOWN_REVISION')
  })
})

test.each([
  ['an id by a misspelled prefix', '3f8c', ['a1b2c3d4e5f6', '3f9c1b7a2d40'], ['3f9c1b7a2d40']],
  ['swapped letters, nearest first', 'haed', ['base', 'head', 'a1b2c3d4e5f6'], ['head', 'base']],
  ['a name with a letter too many', 'reports', ['checkout', 'report'], ['report']],
  ['a whole name before a longer one', 'head', ['heads', 'head', 'base'], ['head', 'heads']],
  ['at most three, each once', 'a', ['a1', 'a2', 'a1', 'a3', 'a4'], ['a1', 'a2', 'a3']],
  ['nothing that is not like it', 'elephant', ['head', 'a1b2c3d4e5f6', 'reports'], []],
  ['nothing in an empty list', 'x', [], []],
])('nearest finds %s', (_what, text, candidates, expected) => {
  expect(nearest(text, candidates)).toEqual(expected)
})

test.each([
  [
    ['current', '+1', '-1', 'one@-1', 'one@current', 'current-1', '-3:current', 'ab:one@+1', 'one@-2:', ':current'],
    true,
  ],
  [['head', 'ab12-1', 'one@head', 'base:head', 'ab12+2:', 'currently', 'a@@b', '', ':', 'one@ab-1'], false],
] as const)('needsApplied returns for each of %j: %s', (texts, expected) => {
  for (const text of texts) expect([text, needsApplied(text)]).toEqual([text, expected])
})
