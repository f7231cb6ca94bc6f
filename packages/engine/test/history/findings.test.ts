import { type Finding, findingsOf } from '../../src/history/findings'
import type { UnfinishedRow } from '../../src/history/history'
import type { AppliedEntry } from '../../src/history/types'
import { RevisionGraph } from '../../src/revision/graph'
import { revisions } from '../revision/notation'

/** Findings for these applied rows, in their order; names without a file begin with a capital letter. */
function find(
  texts: readonly string[],
  rows: string,
  edited = '',
  entries: Readonly<Record<string, AppliedEntry>> = {},
) {
  const all = revisions(...texts)
  const graph = new RevisionGraph(all)
  const words = rows.split(' ').filter(Boolean)
  const names = words.map((word) => graph.find(word)?.name ?? word)
  return findingsOf({
    graph,
    names,
    applied: new Set(words.filter((word) => graph.has(word))),
    unknown: words.filter((word) => !graph.has(word)),
    edited: new Set(edited.split(' ').filter(Boolean)),
    entries: new Map(Object.entries(entries)),
    unfinished: [],
  })
}

const brief = (findings: readonly Finding[]): string[] =>
  findings.map(({ kind, revision, name }) => `${kind} ${revision ?? name}`)

const line = ['a', 'b<a', 'c<b']
const branches = ['a', 'b<a', 'c<a', 'd<b,c']
const depending = ['a', 'x', 'b<a +x']

test.each([
  ['nothing when nothing is applied', line, '', []],
  ['nothing when all revisions are applied in order', line, 'a b c', []],
  ['nothing when the last revision is pending', line, 'a b', []],
  ['nothing when a branch is pending', branches, 'a b', []],
  ['nothing when branches are applied in any order', branches, 'a c b d', []],
  ['a gap for a parent that is not applied', line, 'a c', ['gap b']],
  ['gaps for all parents that are not applied', line, 'c', ['gap a', 'gap b']],
  ['a gap for one parent of a merge that is not applied', branches, 'a b d', ['gap c']],
  ['a gap for a dependency that is not applied', depending, 'a b', ['gap x']],
  ['a parent that was applied late', line, 'b a c', ['late a']],
  ['late parents when all are applied in reverse order', line, 'c b a', ['late a', 'late b']],
  ['a dependency that was applied late', depending, 'a b x', ['late x']],
  ['a gap and a late revision next to each other', line, 'c a', ['gap b', 'late a']],
  ['missing files of applied revisions', line, 'Gone a Other', ['missing Gone', 'missing Other']],
  ['a missing file once when rows are duplicated', line, 'Gone a a Gone b', ['missing Gone']],
])('findingsOf finds %s', (_, texts, rows, expected) => {
  expect(brief(find(texts, rows))).toEqual(expected)
})

test('findingsOf marks a gap as derived if only timestamps cause it', () => {
  const all = revisions('a', 'b<a', 'c<b').map((one) => ({ ...one, plain: one.id === 'c' }))
  const graph = new RevisionGraph(all)
  const derived = (applied: readonly string[]) =>
    findingsOf({
      graph,
      applied: new Set(applied),
      names: applied.map((id) => graph.get(id).name),
      unknown: [],
      edited: new Set(),
      entries: new Map(),
      unfinished: [],
    }).map((finding) => [finding.revision, finding.derived === true])
  expect(derived(['a', 'c'])).toEqual([['b', true]])
  expect(derived(['b', 'c'])).toEqual([['a', false]])
})

test('findingsOf lists edited revisions in the order of the graph', () => {
  expect(brief(find(line, 'a b c', 'c a'))).toEqual(['edited a', 'edited c'])
})

test('findingsOf returns message, path, time, author and repair commands of each finding', () => {
  const at = new Date('2026-11-01T10:00:00Z')
  const entry = { checksum: 'x', at, actor: 'deploy@ci' }
  const [missing, edited, gap] = find(line, 'Gone1700000000009 c', 'c', {
    Gone1700000000009: { ...entry, revision: 'eeee11112222' },
    Rc1700000000002: { ...entry, revision: 'c' },
  })
  expect(missing).toEqual({
    kind: 'missing',
    revision: 'eeee11112222',
    name: 'Gone1700000000009',
    path: null,
    message: 'Gone1700000000009 (eeee11112222) is applied, and no file has it',
    help: expect.stringContaining('Bring its file back') as string,
    mend: ['aludel migrate repair --remove Gone1700000000009'],
    appliedAt: '2026-11-01T10:00:00.000Z',
    appliedBy: 'deploy@ci',
  })
  expect(edited).toMatchObject({
    kind: 'edited',
    path: '/revisions/2-c.ts',
    message: 'c (c) was edited after it was applied',
    mend: ['aludel migrate repair c'],
    appliedBy: 'deploy@ci',
  })
  expect(gap).toMatchObject({
    kind: 'gap',
    revision: 'a',
    message: 'a (a) is not applied, and c (c), which depends on it, is',
    mend: ['aludel migrate upgrade a --out-of-order', 'aludel migrate repair --restore a'],
  })
  expect(gap).not.toHaveProperty('appliedAt')
})

test('findingsOf quotes special characters in names for the shell', () => {
  expect(find(line, "it's;")[0]?.mend).toEqual([`aludel migrate repair --remove 'it'\\''s;'`])
})

test('findingsOf handles a history of ten thousand rows', () => {
  const texts = Array.from({ length: 10_000 }, (_, index) =>
    index === 0 ? 'r0' : `r${String(index)}<r${String(index - 1)}`,
  )
  const ids = texts.map((text) => text.split('<')[0] ?? '')
  expect(find(texts, [...ids].reverse().join(' '))).toHaveLength(9_999)
  expect(brief(find(texts, ids.slice(1).join(' ')))).toEqual(['gap r0'])
})

describe('findingsOf for an unfinished run', () => {
  const row: UnfinishedRow = {
    ...{ id: 1, runId: 'r', revision: 'c', name: 'Rc1700000000002', direction: 'upgrade', statement: 2 },
    ...{ checksum: 'x', durationMs: 0, actor: 'deploy@ci', toolVersion: '0', outcome: 'running', hasBatches: false },
    startedAt: new Date('2026-11-01T10:00:00Z'),
    finishedAt: new Date('2026-11-01T10:00:05Z'),
  }
  const of = (rows: string, change: Partial<UnfinishedRow>): readonly Finding[] => {
    const graph = new RevisionGraph(revisions(...line))
    const names = rows.split(' ').map((id) => graph.get(id).name)
    const facts = { graph, names, applied: new Set(rows.split(' ')), unknown: [], edited: new Set<string>() }
    return findingsOf({ ...facts, entries: new Map(), unfinished: [{ ...row, ...change }] })
  }

  test.each([
    [
      'within a statement',
      { progress: 'h begun n' },
      true,
      '2 statements are done and stay, the next run checks whether statement 3 took effect',
    ],
    [
      'within its first statement',
      { progress: ' begun n', statement: 0 },
      true,
      'the next run checks whether statement 1 took effect',
    ],
    ['between two statements', { progress: 'h idle' }, false, '2 statements are done and stay$'],
    [
      'within a statement that commits together with its note',
      { progress: 'h with n' },
      false,
      '2 statements are done and stay$',
    ],
    [
      'after a note in the old format',
      { progress: 'h' },
      true,
      '2 statements .*, the next run checks whether statement 3',
    ],
  ])('reports a halfway revision whose process died %s', (_, change, inDoubt, text) => {
    expect(of('a b', change)).toMatchObject([
      {
        kind: 'halfway',
        revision: 'c',
        message: expect.stringMatching(`^the upgrade of c \\(c\\) has begun and not ended: ${text}`) as string,
        help: expect.stringMatching(/^If no migrator is at work/) as string,
        mend: ['aludel migrate upgrade c'],
        stopped: { inDoubt, at: '2026-11-01T10:00:05.000Z', by: 'deploy@ci' },
      },
    ])
  })

  test.each([
    ['an upgrade of a revision that is applied', 'a b c', {}],
    ['a downgrade of a revision that is not applied', 'a b', { direction: 'downgrade' as const }],
    ['a run that kept no statement', 'a b', { statement: 0 }],
  ])('ignores %s', (_, rows, change) => {
    expect(of(rows, { progress: 'h idle', ...change })).toEqual([])
  })

  test('takes the name of a revision without a file from the journal', () => {
    expect(of('a b c', { revision: 'gone', name: 'Gone1700000000009', progress: 'h idle' })).toMatchObject([
      { revision: 'gone', path: null, message: expect.stringContaining('Gone1700000000009 (gone)') as string },
    ])
  })
})
