import { edgeStates, laneSizes, laneX, pathsOf, pictureWidth } from '../../page/src/model/lanes'
import type { RevisionRow } from '../../src/api/types'

function row(revision: string, lane: number, applied: boolean, edges: RevisionRow['edges'] = []): RevisionRow {
  return { revision, lane, applied, edges, message: revision, createdAt: '2026-01-01T00:00:00.000Z' }
}

/*
 * d    pending, a merge of b and c
 * |\
 * c |  pending
 * | b  applied
 * |/
 * a    applied
 */
const merge = [
  row('d', 0, false, [
    [0, 0, 'p'],
    [0, 1, 'p'],
  ]),
  row('c', 0, false, [
    [0, 0, 'p'],
    [1, 1, 'p'],
  ]),
  row('b', 1, true, [
    [0, 0, 'p'],
    [1, 0, 'p'],
  ]),
  row('a', 0, true),
]

test('a line has the state of the revision that it starts at, also where it passes others', () => {
  expect(edgeStates(merge)).toEqual([
    [false, false],
    // The line at the right starts at d, though it passes c.
    [false, false],
    // At the left still that of c; at the right that of b.
    [false, true],
    [],
  ])
})

test('a line that nothing was seen of before takes the state of its row', () => {
  expect(edgeStates([row('x', 0, true, [[3, 3, 'p']])])).toEqual([[true]])
})

test('lines that end in one lane are applied below if one of them is', () => {
  const rows = [
    row('e', 0, false, [
      [0, 0, 'p'],
      [1, 1, 'p'],
    ]),
    row('d', 1, true, [
      [0, 0, 'p'],
      [1, 0, 'p'],
    ]),
    row('c', 2, false, [
      [0, 0, 'p'],
      [2, 2, 'p'],
    ]),
  ]
  expect(edgeStates(rows)[2]).toEqual([true, false])
})

test('paths lead from the middle of a row to the middle of the next one', () => {
  const sizes = laneSizes(2, 36)
  const [straight, curved] = pathsOf(
    row('d', 0, true, [
      [0, 0, 'p'],
      [0, 1, 'd'],
    ]),
    [true, true],
    sizes,
  )
  expect(straight?.d).toBe('M14 18v36')
  expect(curved).toEqual({ d: 'M14 18C14 36 28 36 28 54', applied: true, kind: 'd' })
})

test('lines of applied revisions are drawn above those of pending ones', () => {
  const paths = pathsOf(merge[2] ?? row('b', 1, true), [true, false], laneSizes(2, 36))
  expect(paths.map((path) => path.applied)).toEqual([false, true])
})

test('many lanes get closer, and stay within the width of the picture', () => {
  expect(pictureWidth(1, laneSizes(1, 36))).toBe(28)
  expect(pictureWidth(2, laneSizes(2, 36))).toBe(42)
  const many = laneSizes(40, 36)
  expect(pictureWidth(40, many)).toBeLessThanOrEqual(177)
  expect(laneX(39, many)).toBeLessThan(177)
  expect(many.step).toBeGreaterThanOrEqual(3)
})
