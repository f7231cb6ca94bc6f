import type { RevisionGraph } from '../../src/revision/graph'
import { parseRange, revisionsInRange } from '../../src/revision/range'

import { caught } from './caught'
import { graphOf } from './notation'

const line = graphOf('a', 'b<a', 'c<b', 'd<c', 'e<d')
const fork = graphOf('a', 'b<a', 'c1<b', 'c2<b', 'm<c1,c2', 'x', 'y<x +c1')
const ids = (graph: RevisionGraph, text: string, applied?: readonly string[]) =>
  revisionsInRange(graph, text, applied === undefined ? {} : { applied }).map(({ id }) => id)

describe('parseRange', () => {
  test('accepts A:B, A: and :B', () => {
    expect(parseRange('a:b')).toEqual({ from: 'a', to: 'b' })
    expect(parseRange('a:')).toEqual({ from: 'a' })
    expect(parseRange(':b')).toEqual({ to: 'b' })
  })

  test.each(['', ':', 'a', 'a:b:c', '::', 'a::b'])('rejects %j as malformed', (text) => {
    expect(caught(() => parseRange(text)).code).toBe('ALUDEL_MALFORMED_REVISION')
  })
})

describe('revisionsInRange', () => {
  test.each([
    ['base:head', ['a', 'b', 'c', 'd', 'e']],
    ['b:d', ['b', 'c', 'd']],
    ['b:', ['b', 'c', 'd', 'e']],
    [':c', ['a', 'b', 'c']],
    ['c:c', ['c']],
    ['head-1:head', ['d', 'e']],
    ['b:b+1', ['b', 'c']],
    ['c', ['c']],
  ])('includes both ends of %s', (text, expected) => {
    expect(ids(line, text)).toEqual(expected)
  })

  test('counts "-3:current" from the current revision, not from the heads', () => {
    expect(ids(line, '-2:current', ['a', 'b', 'c'])).toEqual(['a', 'b', 'c'])
    expect(ids(line, '-3:current', ['a', 'b', 'c', 'd'])).toEqual(['a', 'b', 'c', 'd'])
    expect(ids(line, '-1:', ['a', 'b', 'c'])).toEqual(['b', 'c', 'd', 'e'])
    expect(ids(line, 'current:', ['a', 'b'])).toEqual(['b', 'c', 'd', 'e'])
    expect(ids(line, 'current:+1', ['a', 'b'])).toEqual(['b', 'c'])
    expect(caught(() => ids(line, '-4:current', ['a', 'b', 'c'])).code).toBe('ALUDEL_RELATIVE_OUT_OF_RANGE')
  })

  test('includes both sides of a merge, and dependencies', () => {
    expect(ids(fork, 'b:m')).toEqual(['b', 'c1', 'c2', 'm'])
    expect(ids(fork, ':y')).toEqual(['a', 'b', 'c1', 'x', 'y'])
  })

  test('rejects ends that are in the wrong order, on different branches, malformed or unknown', () => {
    expect(caught(() => ids(line, 'd:b')).code).toBe('ALUDEL_NOT_A_TARGET')
    expect(caught(() => ids(fork, 'c2:c1')).code).toBe('ALUDEL_NOT_A_TARGET')
    expect(caught(() => ids(line, 'a:b:c')).code).toBe('ALUDEL_MALFORMED_REVISION')
    expect(caught(() => ids(line, 'a@@b:c')).code).toBe('ALUDEL_MALFORMED_REVISION')
    expect(caught(() => ids(line, 'zz:c')).code).toBe('ALUDEL_UNKNOWN_REVISION')
  })
})
