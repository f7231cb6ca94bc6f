import { drawLanes, type RevisionInfo } from '@aludel/engine'
import { createColors } from 'picocolors'

import { graphLines } from '../../src/output/graph'
import { displayWidth } from '../../src/output/table'

const plain = createColors(false)

function info(revision: string, down: readonly string[], more: Partial<RevisionInfo> = {}): RevisionInfo {
  return {
    revision,
    down,
    dependsOn: [],
    branchLabels: [],
    message: `makes ${revision}`,
    createdAt: '2026-11-22T08:40:00.000Z',
    path: `/m/${revision}.ts`,
    name: revision,
    applied: null,
    isHead: false,
    isCurrent: false,
    isBranchPoint: false,
    isMergePoint: down.length > 1,
    ...more,
  }
}

const revisions = [
  info('m', ['b', 'c'], { isHead: true, applied: false }),
  info('c', ['a'], { message: 'a message that goes on and on, and on, and further than it has to', isCurrent: true }),
  info('b', ['a', 'y'], { dependsOn: ['x'], branchLabels: ['side'] }),
  info('a', [], { message: 'two\nlines' }),
]

test('draws lanes with id, message, date and marks of each revision beside them', () => {
  expect(graphLines(drawLanes(revisions), plain)).toEqual([
    '*   m  makes m  2026-11-22 08:40  (head) (pending)',
    '|\\',
    '| * c  a message that goes on and on, and on, and further than it has to  2026-11-22 08:40  (current)',
    '* | b  makes b  2026-11-22 08:40  (on y) (depends on x) side',
    '|/',
    '* a  two lines  2026-11-22 08:40',
  ])
})

test('shortens messages to the terminal width and drops the date when both do not fit', () => {
  expect(graphLines(drawLanes(revisions), plain, 60)).toEqual([
    '*   m  makes m  2026-11-22 08:40  (head) (pending)',
    '|\\',
    '| * c  a message that goes on…  2026-11-22 08:40  (current)',
    '* | b  makes b  2026-11-22 08:40  (on y) (depends on x) side',
    '|/',
    '* a  two lines  2026-11-22 08:40',
  ])
  expect(graphLines(drawLanes(revisions), plain, 34).slice(2, 4)).toEqual([
    '| * c  a message that…  (current)',
    '* | b    (on y) (depends on x) si…',
  ])
})

test.each([1, 2, 5, 10, 20, 40, 80])('draws no line wider than %d cells', (width) => {
  const wide = [...revisions, ...Array.from({ length: 30 }, (_, i) => info(`日本${String(i)}`, [`p${String(i)}`]))]
  const parents = Array.from({ length: 30 }, (_, i) => info(`p${String(i)}`, []))
  for (const colors of [plain, createColors(true)]) {
    const lines = graphLines(drawLanes([...wide, ...parents]), colors, width)
    expect(lines.filter((line) => displayWidth(line) > width)).toEqual([])
  }
})
