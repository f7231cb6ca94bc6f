import fc from 'fast-check'

import { testRuns } from '../../../../tools/testing/runs.cjs'
import type { LaneLink } from '../../src/revision/lane-layout'
import { lanesOf, type PictureRevision } from '../../src/revision/lane-picture'
import { drawLanes, layOutLanes, type LaneRow } from '../../src/revision/lanes'

import { revisions } from './notation'

/** Revisions as `history` returns them: newest first. */
function newestFirst(...texts: readonly string[]) {
  return revisions(...texts)
    .map(({ id, down }) => ({ revision: id, down }))
    .reverse()
}

type Drawn = LaneRow<ReturnType<typeof newestFirst>[number]>

function text(rows: readonly Drawn[]): string[] {
  return rows.map(({ drawing, width, revision }) =>
    revision === null ? drawing : drawing.padEnd(width) + revision.revision,
  )
}

const draw = (...texts: readonly string[]) => text(drawLanes(newestFirst(...texts)))

const fan = '* f\n| * e\n|/\n| * d\n|/\n| * c\n|/\n| * b\n|/\n* a'
const crossing = ['a', 'b<a', 'c<a', 'd<a', 'e<a', 'x<e', 'm<b,c,d', 'h<e', 'i<e']
const merge = String.raw`
* f
*   e
|\
* | d
| * c
* | b
|/
* a`.slice(1)
const beside = String.raw`
* c3
| * b3
* | c2
| * b2
* | c
| * b
|/
* a`.slice(1)
const octopus = String.raw`
*-.   m
|\ \
| | * d
| * | c
| |/
* | b
|/
* a`.slice(1)
const crossed = String.raw`
* i
| * h
|/
| *-.   m
| |\ \
| | | | * x
| |_|_|/
|/| | |
* | | | e
| | | * d
| |_|/
|/| |
| | * c
| |/
|/|
| * b
|/
* a`.slice(1)
const neighbor = String.raw`
* f
| *   e
|/|
| * d
* | c
* | b
|/
* a`.slice(1)
const nested = String.raw`
*   o
|\
| | *   n
| |/|
* | |   m
|\ \ \
| |_|/
|/| |
| | * d
| * | c
| |/
| * b
|/
* a`.slice(1)
const wide = String.raw`
*   o
|\
| * n
|  \
|    \
*---. |   m
|\ \ \ \
| | | |/
| | | * e
| | * | d
| | |/
| * | c
| |/
* | b
|/
* a`.slice(1)

// Drawings marked (git) are identical to those of `git log --graph --date-order`.
describe('drawLanes and layOutLanes', () => {
  const shapes: readonly (readonly [name: string, graph: readonly string[], drawing: string])[] = [
    ['an empty graph', [], ''],
    ['one revision', ['a'], '* a'],
    ['a line (git)', ['a', 'b<a', 'c<b'], '* c\n* b\n* a'],
    ['two branches (git)', ['a', 'b<a', 'c<a'], '* c\n| * b\n|/\n* a'],
    ['five branches of one parent (git)', ['a', 'b<a', 'c<a', 'd<a', 'e<a', 'f<a'], fan],
    ['a merge (git)', ['a', 'b<a', 'c<a', 'd<b', 'e<d,c', 'f<e'], merge],
    ['two parallel lines of one base (git)', ['a', 'b<a', 'c<a', 'b2<b', 'c2<c', 'b3<b2', 'c3<c2'], beside],
    ['a merge of two bases (git)', ['x', 'a', 'm<x,a'], '*   m\n|\\\n| * a\n* x'],
    ['a merge whose left parent is a newer base (git)', ['a', 'x', 'm<x,a'], '*   m\n|\\\n* | x\n /\n* a'],
    ['one line above an unrelated one', ['a', 'b<a', 'x', 'y<x'], '* y\n* x\n\n* b\n* a'],
    ['two single revisions beside a line', ['a', 'x', 'y', 'b<a'], '* b\n| * y\n|\n| * x\n* a'],
    ['two lines that never meet', ['a', 'x', 'b<a', 'y<x'], '* y\n| * b\n* | x\n /\n* a'],
    ['a merge of three branches', ['a', 'b<a', 'c<a', 'd<a', 'm<b,c,d'], octopus],
    ['a merge whose edges cross other lines (git)', crossing, crossed],
    ['a merge whose first parent is in the next lane', ['a', 'b<a', 'c<b', 'd<a', 'e<c,d', 'f<c'], neighbor],
    ['merges of merges', ['a', 'b<a', 'c<b', 'd<b', 'm<a,c', 'n<d,a', 'o<m,d'], nested],
    [
      'a merge of four branches beside another line',
      ['a', 'b<a', 'c<a', 'd<a', 'e<a', 'm<b,c,d,e', 'n<e', 'o<m,n'],
      wide,
    ],
  ]

  test.each(shapes)('draws %s', (_, graph, drawing) => {
    expect(draw(...graph).join('\n')).toBe(drawing)
  })

  test('draws no line to a parent that is not in the list', () => {
    expect(draw('b<a', 'c<x,b', 'd<y')).toEqual(['* d', '', '* c', '* b'])
  })

  test('lays out thirty branches of one revision each in two lanes', () => {
    const branches = Array.from({ length: 30 }, (_, index) => `b${String(index)}<a`)
    const lanes = layOutLanes(newestFirst('a', ...branches))
    expect(lanes.width).toBe(2)
    expect(lanes.rows).toHaveLength(31 + 29)
  })

  test('gives each of thirty parallel branches its own lane', () => {
    const names = Array.from({ length: 30 }, (_, index) => String(index))
    const lanes = layOutLanes(newestFirst('a', ...names.map((i) => `b${i}<a`), ...names.map((i) => `c${i}<b${i}`)))
    expect(lanes.width).toBe(30)
    expect(lanes.rows[29]?.drawing).toBe(`${'| '.repeat(29)}*`)
  })
})

/** Random graphs, oldest first, with merges of up to five and any number of bases. */
const graphs = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.array(fc.nat(), { minLength: 5, maxLength: 5 })), {
    minLength: 1,
    maxLength: 40,
  })
  .map((nodes) =>
    nodes.map(([count, choices], index) => ({
      revision: `r${String(index)}`,
      down: [...new Set(choices.slice(0, Math.min(count, index)).map((choice) => choice % index))].map(
        (parent) => `r${String(parent)}`,
      ),
    })),
  )

test('drawLanes connects each revision of a random graph to exactly its parents', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const rows = drawLanes([...graph].reverse())
      const followed = rows.flatMap(({ revision }, index) =>
        revision === null ? [] : [{ revision: revision.revision, down: [...follow(rows, index)].sort() }],
      )
      const wanted = [...graph].reverse().map(({ revision, down }) => ({ revision, down: [...down].sort() }))
      expect(followed).toEqual(wanted)
    }),
    { numRuns: testRuns(300) },
  )
})

test('layOutLanes draws each revision of a random graph once, in its lane, with all parent edges', () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const newest = [...graph].reverse()
      const { rows, nodes, edges, width } = layOutLanes(newest)
      expect(rows.flatMap(({ revision }) => revision ?? [])).toEqual(newest)
      expect(nodes.map(({ revision }) => revision)).toEqual(newest)
      const place = new Map(nodes.map(({ revision, lane }, row) => [revision.revision, [row, lane]]))
      const stars = rows.filter(({ revision }) => revision !== null).map(({ drawing }) => drawing.indexOf('*') / 2)
      expect(stars).toEqual(nodes.map(({ lane }) => lane))
      const wanted = graph.flatMap(({ revision, down }) => down.map((parent) => `${revision} ${parent}`))
      expect(edges.map(({ child, parent }) => `${child} ${parent}`).sort()).toEqual(wanted.sort())
      const wrong = edges.filter((edge) => {
        const { points } = edge
        const last = points.at(-1)
        // An edge ends at its parent, or joins another edge to the same parent.
        const others = edges.filter((other) => other !== edge && other.parent === edge.parent)
        const ends = [place.get(edge.parent)?.join(), ...others.map(at(last?.[0] ?? -1))]
        return (
          points[0]?.join() !== place.get(edge.child)?.join() ||
          !ends.includes(last?.join()) ||
          points.some(([row, lane], index) => lane >= width || (index > 0 && row <= (points[index - 1]?.[0] ?? -1)))
        )
      })
      expect(wrong).toEqual([])
    }),
    { numRuns: testRuns(300) },
  )
})

describe('lanesOf', () => {
  const pictureOf = (...texts: readonly string[]) =>
    lanesOf(
      revisions(...texts)
        .map(({ id, down, dependsOn, branchLabels }) => ({ revision: id, down, dependsOn, branchLabels }))
        .reverse(),
    )

  test('is empty for no revision', () => {
    expect(lanesOf([])).toEqual({ rows: [], lanes: 0 })
  })

  test('gives branches lanes of their own', () => {
    expect(pictureOf('a', 'b<a', 'c<a')).toEqual({
      rows: [
        { lane: 0, edges: [[0, 0, 'p']] },
        {
          lane: 1,
          edges: [
            [0, 0, 'p'],
            [1, 0, 'p'],
          ],
        },
        { lane: 0, edges: [] },
      ],
      lanes: 2,
    })
  })

  test('marks a dependency, by id or by label, and gives it a lane', () => {
    const wanted = {
      rows: [
        {
          lane: 0,
          edges: [
            [0, 0, 'p'],
            [0, 1, 'd'],
          ],
        },
        {
          lane: 0,
          edges: [
            [0, 0, 'p'],
            [1, 1, 'd'],
          ],
        },
        { lane: 1, edges: [[0, 0, 'p']] },
        { lane: 0, edges: [] },
      ],
      lanes: 2,
    }
    expect(pictureOf('a', 'x #reports', 'b<a', 'c<b +x')).toEqual(wanted)
    expect(pictureOf('a', 'x #reports', 'b<a', 'c<b +reports')).toEqual(wanted)
  })

  test('marks a line as one to a parent below where such a line joins it', () => {
    const { rows } = pictureOf('a', 'x', 'b<a +x', 'y<x')
    // y and b lead to x: the line of the dependency ends in that of the parent.
    expect(rows[1]?.edges).toContainEqual([1, 0, 'd'])
    const { rows: other } = pictureOf('x', 'a', 'y<x', 'b<a +x')
    expect(other[0]?.edges).toEqual([
      [0, 0, 'p'],
      [0, 1, 'd'],
    ])
    expect(other[1]).toEqual({
      lane: 2,
      edges: [
        [0, 0, 'p'],
        [1, 1, 'd'],
        [2, 1, 'p'],
      ],
    })
    expect(other[2]?.edges).toEqual([[1, 0, 'p']])
  })

  test('leads lines to a squashed revision to the squash', () => {
    const { rows } = lanesOf([
      { revision: 'c', down: ['b'], dependsOn: ['a'] },
      { revision: 's', down: [], replaces: ['a', 'b'] },
    ])
    expect(rows[0]?.edges).toEqual([[0, 0, 'p']])
  })

  test('draws no line to a revision that is not in the list', () => {
    expect(pictureOf('b<a +z', 'c<b +nothing').rows.map(({ edges }) => edges)).toEqual([[[0, 0, 'p']], []])
  })

  test('lays revisions out as the text does where nothing depends on another branch', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const newest = [...graph].reverse()
        const text = layOutLanes(newest)
        const { rows, lanes } = lanesOf(newest)
        expect(rows.map(({ lane }) => lane)).toEqual(text.nodes.map(({ lane }) => lane))
        expect(lanes).toBe(text.width)
      }),
      { numRuns: testRuns(100) },
    )
  })

  test('connects each revision of a random graph to exactly its parents and dependencies', () => {
    fc.assert(
      fc.property(graphs, fc.array(fc.nat(), { minLength: 40, maxLength: 40 }), (graph, choices) => {
        const newest = graph
          .map((one, index) => ({
            ...one,
            dependsOn: index % 3 === 0 || index === 0 ? [] : [`r${String((choices[index] ?? 0) % index)}`],
          }))
          .reverse()
        const { rows, lanes } = lanesOf(newest)
        const wanted = newest.map(({ down, dependsOn }) =>
          [
            ...down.map((id) => `p ${id}`),
            ...dependsOn.filter((id) => !down.includes(id)).map((id) => `d ${id}`),
          ].sort(),
        )
        expect(
          rows.map(({ lane, edges }, row) =>
            edges
              .filter(([from]) => from === lane)
              .map((edge) => trace(edge, row))
              .sort(),
          ),
        ).toEqual(wanted)
        expect(
          Math.max(...rows.flatMap(({ lane, edges }) => [lane, ...edges.flatMap(([from, to]) => [from, to])])),
        ).toBeLessThan(lanes)

        /** Follows a line down to the next dot in it: `p ID` if it leads to a parent all the way, `d ID` if it begins as a dependency. */
        function trace([, to, kind]: LaneLink, row: number): string {
          const below = rows[row + 1]
          const revision: PictureRevision | undefined = newest[row + 1]
          if (below === undefined || revision === undefined) return 'the end'
          if (below.lane === to) return `${kind} ${revision.revision}`
          const next = below.edges.filter(([from]) => from === to)
          if (next.length !== 1 || next[0] === undefined) return `${String(next.length)} lines`
          const [end = '', ...rest] = trace(next[0], row + 1).split(' ')
          return [kind === 'p' && end === 'd' ? 'broken' : kind, ...rest].join(' ')
        }
      }),
      { numRuns: testRuns(300) },
    )
  })
})

/** The position of a line at a row. */
function at(row: number) {
  return ({ points }: { readonly points: readonly (readonly [number, number])[] }): string => {
    const before = points.filter(([at]) => at <= row).at(-1)
    return `${String(row)},${String(before?.[1] ?? -1)}`
  }
}

/** The revisions that the characters below a star lead to: reads `|`, `/`, `\`, `_`, `-` and `.`, not the graph. */
function follow(rows: readonly Drawn[], start: number): ReadonlySet<string> {
  const found = new Set<string>()
  const drawing = rows[start]?.drawing ?? ''
  const star = drawing.indexOf('*')
  const beam = /^\*[-.]*/.exec(drawing.slice(star))?.[0].length ?? 1
  // Any number of lines may begin below a star; below `-.` each of its lanes continues.
  for (let column = star; column < star + beam; column += 2) {
    const next = rows[start + 1]?.drawing ?? ''
    if ('|*'.includes(next[column] ?? ' ')) descend(column, start + 1)
    if (next[column - 1] === '/') descend(column - 1, start + 1)
    if (next[column + 1] === '\\') descend(column + 1, start + 1)
  }
  return found

  /** Follows the line in this cell downward. */
  function descend(column: number, row: number): void {
    const { drawing: here = '', revision } = rows[row] ?? {}
    if (here[column] === '*') {
      if (revision != null) found.add(revision.revision)
      return
    }
    let below = column
    if (here[column] === '\\') below = column + 1
    if (here[column] === '/') {
      below = column - 1
      for (let left = column - 2; here[left] === '_'; left -= 2) below = left - 1
    }
    const next = rows[row + 1]?.drawing ?? ''
    // A slanting line keeps slanting where it can: `| |/` above `|/|` crosses the lane in the middle.
    if (here[column] === '/' && next[below - 1] === '/') descend(below - 1, row + 1)
    else if ('|*'.includes(next[below] ?? ' ')) descend(below, row + 1)
    else if (next[below - 1] === '/') descend(below - 1, row + 1)
    else if (next[below + 1] === '\\') descend(below + 1, row + 1)
  }
}
