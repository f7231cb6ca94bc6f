import { pathsThrough } from '../../../src/inspect/match/candidates'
import { graphOf } from '../../revision/notation'

/** Each replay, and the states in it: `abc: abc a`. */
function paths(...notation: string[]): string[] {
  return pathsThrough(graphOf(...notation)).map(({ order, states }) => {
    const shown = states.map(({ length, heads }) => `${heads.map(({ id }) => id).join('+')}@${String(length)}`)
    return `${order.map(({ id }) => id).join('')}: ${shown.join(' ')}`
  })
}

describe('pathsThrough', () => {
  test('replays a line once for its head, which others have cached, and once for all before it', () => {
    expect(paths('a', 'b<a', 'c<b')).toEqual(['abc: c@3', 'ab: a@1 b@2'])
    expect(paths('a')).toEqual(['a: a@1'])
    expect(paths()).toEqual([])
  })

  test('reaches every revision of branches with nothing but its ancestors', () => {
    expect(paths('a', 'b<a', 'c<a')).toEqual(['abc: b+c@3', 'ac: a@1 c@2', 'ab: b@2'])
    expect(paths('a', 'b<a', 'c<b', 'd<a', 'e<c,d')).toEqual(['abcde: e@5', 'ad: a@1 d@2', 'abc: b@2 c@3'])
  })

  test('counts dependencies as ancestors', () => {
    expect(paths('a', 'b +a', 'c<b')).toEqual(['abc: c@3', 'ab: a@1 b@2'])
  })
})
