import { effectsOf, measuredStep } from '../../page/src/model/measured'
import type { TracedStatementResult } from '../../src'

function statement(changes: Partial<TracedStatementResult> = {}): TracedStatementResult {
  return { sql: 'SELECT 1', locks: [], rewrites: [], rebuilds: [], scans: [], ...changes }
}

const texts = (one: TracedStatementResult): readonly string[] => effectsOf(one).map(({ text }) => text)

test('what a statement was measured to do is reported in words', () => {
  const one = statement({
    locks: ['ACCESS EXCLUSIVE orders', 'SHARE users'],
    rewrites: ['orders'],
    rebuilds: ['orders_pkey'],
    scans: ['users'],
  })
  expect(texts(one)).toEqual([
    'locks ACCESS EXCLUSIVE orders',
    'locks SHARE users',
    'rewrites orders',
    'rebuilds index orders_pkey',
    'reads all of users',
  ])
  expect(effectsOf(one).filter(({ heavy }) => heavy)).toEqual([
    { kind: 'lock', text: 'locks ACCESS EXCLUSIVE orders', heavy: true },
    { kind: 'rewrite', text: 'rewrites orders', heavy: true },
  ])
})

test('a statement that cannot run in a transaction is not said to do nothing', () => {
  const outside = statement({ locks: null, rewrites: null, rebuilds: null, scans: null })
  expect(texts(outside)).toEqual(['cannot be measured: it runs outside a transaction'])
  expect(measuredStep({ measured: [outside] })).toMatchObject({ statements: [{ sql: 'SELECT 1' }], quiet: 0 })
})

test('statements that did nothing are counted, and long ones are cut', () => {
  const long = statement({ sql: `SELECT\n  '${'x'.repeat(500)}'`, scans: ['users'] })
  const step = measuredStep({ measured: [statement(), long, statement()] })
  expect(step).toMatchObject({ quiet: 2, error: undefined })
  expect(step?.statements).toHaveLength(1)
  expect(step?.statements[0]?.sql).toMatch(/^SELECT 'x+…$/)
  expect(step?.statements[0]?.sql).toHaveLength(160)
})

test('a step that failed or did not run is not said to do nothing', () => {
  expect(measuredStep({ measured: [], unmeasured: 'no table "x"' })).toEqual({
    statements: [],
    quiet: 0,
    error: 'no table "x"',
    stalls: [],
    stallsUnknown: undefined,
  })
  expect(measuredStep({})).toBeUndefined()
})

test('for how long a step blocks others is reported, or why that cannot be told', () => {
  const [text, quick] = [
    'blocks writes to orders for about 4 s, in statement 2',
    'blocks reads and writes of the whole database for less than 0.1 s',
  ]
  const stall = { table: 'orders', blocks: 'writes', ms: 4210, first: 2, last: 2, text } as const
  const stalls = [stall, { ...stall, table: null, blocks: 'reads and writes', ms: 3, first: 1, text: quick } as const]
  expect(
    measuredStep({ measured: [statement(), statement({ takesMs: 4210, takes: 'about 4 s' })], stalls }),
  ).toMatchObject({
    statements: [{ effects: [{ kind: 'time', text: 'takes about 4 s' }] }],
    stalls: [
      { text, heavy: true },
      { text: quick, heavy: false },
    ],
  })
  expect(measuredStep({ stallsUnknown: 'the database is in memory' })).toMatchObject({
    stallsUnknown: 'the database is in memory',
  })
})
