import fc from 'fast-check'

import { testRuns } from '../../../../../tools/testing/runs.cjs'
import { RowCounter } from '../../../src/dialect/postgres/backup-archive'

const script = `--
-- COPY in a comment FROM stdin;
\\restrict abc
SET client_encoding = 'UTF8';
SELECT pg_catalog.set_config('search_path', '', false);

COPY public.t (id, "v ; FROM stdin;") FROM stdin;
1\t\\\\.
\\.x
2\t

\\N
\\.


COPY "s ""p"."two
lines" (a) FROM stdin;
1
\\.
COPY public.none (a) FROM stdin;
\\.
COPY public.nothing  FROM stdin;


\\.
SELECT pg_catalog.setval('public."it''s;
COPY x.y (a) FROM stdin;"', 3, true);
`

const expected: readonly (readonly [schema: string, name: string, rows: number])[] = [
  ['public', 't', 5],
  ['s "p', 'two\nlines', 1],
  ['public', 'none', 0],
  ['public', 'nothing', 2],
]

function read(chunks: readonly Buffer[]): RowCounter {
  const counter = new RowCounter()
  for (const chunk of chunks) counter.add(chunk)
  counter.end()
  return counter
}

test('counts the rows of a script that comes in pieces of any size', () => {
  const bytes = Buffer.from(script)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes) => {
      const chunks: Buffer[] = []
      for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1
        chunks.push(bytes.subarray(at, at + size))
        at += size
      }
      const counter = read(chunks)
      for (const [schema, name, rows] of expected)
        expect([name, counter.rowsOf({ schema, name })]).toEqual([name, rows])
      expect(counter.rowsOf({ schema: 'x', name: 'y' })).toBeUndefined()
    }),
    { numRuns: testRuns(100) },
  )
})

test('counts the rows of a large piece', () => {
  const rows = 'a row\n'.repeat(200_000)
  const counter = read([Buffer.from(`COPY public.t (a) FROM stdin;\n${rows}\\.\nSET x = 1;\n`)])
  expect(counter.rowsOf({ schema: 'public', name: 't' })).toBe(200_000)
})

test('fails when the script ends in a table', () => {
  expect(() => read([Buffer.from('COPY public.t (a) FROM stdin;\n1\n')])).toThrow('ends in the middle of a table')
})

test('compares no name that another encoding writes differently', () => {
  const counter = read([
    Buffer.from(
      'SET client_encoding = \'LATIN1\';\nCOPY public.t (a) FROM stdin;\n\\.\nCOPY public."\xe4" (a) FROM stdin;\n\\.\n',
      'latin1',
    ),
  ])
  expect(counter.rowsOf({ schema: 'public', name: 't' })).toBe(0)
  expect(counter.isComparable({ schema: 'public', name: 'ä' })).toBe(false)
  expect(counter.rowsOf({ schema: 'public', name: 'ä' })).toBeUndefined()
})
