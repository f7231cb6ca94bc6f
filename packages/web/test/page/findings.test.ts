import {
  countsText,
  findingsOfCreate,
  findingsOfPlan,
  findingsOfRevision,
  placeOf,
  severityWord,
  sizeOf,
  sorted,
} from '../../page/src/model/findings'
import type { LintFinding } from '../../src'

function finding(changes: Partial<LintFinding> = {}): LintFinding {
  return {
    rule: 'create-index',
    id: 'L1',
    category: 'locks',
    severity: 'error',
    direction: 'upgrade',
    dialects: ['postgres'],
    statement: 'CREATE INDEX "ix" ON "orders" ("email")',
    message: 'creating index ix blocks writes to orders until it is built',
    help: 'Create it CONCURRENTLY.',
    revision: 'a',
    path: 'migrations/a.ts',
    line: 9,
    ...changes,
  }
}

const [error, warning, note] = [finding(), finding({ severity: 'warning' }), finding({ severity: 'info' })]

test('findings are counted by severity, the worst first', () => {
  expect(countsText([note, warning, error, warning])).toBe('1 error, 2 warnings and 1 note')
  expect(countsText([warning])).toBe('1 warning')
  expect(countsText([])).toBe('')
  expect(severityWord('info')).toBe('note')
})

test('findings are listed by severity, and in the order of the file within one', () => {
  const second = finding({ line: 20 })
  expect(sorted([note, error, warning, second])).toEqual([error, second, warning, note])
})

test('findings of a plan are those of its direction and its database, and those about files', () => {
  const down = finding({ direction: 'downgrade' })
  const onSqlite = finding({ dialects: ['sqlite'] })
  const onBoth = finding({ dialects: ['postgres', 'sqlite'] })
  const ofFile = finding({ direction: null, dialects: [], statement: null })
  const all = [error, down, onSqlite, onBoth, ofFile]
  expect(findingsOfPlan(all, { direction: 'upgrade', dialect: 'postgres' })).toEqual([error, onBoth, ofFile])
  expect(findingsOfPlan(all, { direction: 'downgrade', dialect: 'postgres' })).toEqual([down, ofFile])
  // Before the database is known nothing is hidden that may matter.
  expect(findingsOfPlan(all, { direction: 'upgrade' })).toEqual([error, onSqlite, onBoth, ofFile])
})

test('create shows errors and warnings of the upgrade', () => {
  expect(findingsOfCreate([note, warning, error, finding({ direction: 'downgrade' })])).toEqual([warning, error])
})

test.each([
  [finding(), {}, 'line 9, upgrade, PostgreSQL'],
  [finding(), { direction: 'upgrade', dialect: 'postgres' }, 'line 9'],
  [finding({ line: null, dialects: ['sqlite'] }), { direction: 'upgrade', dialect: 'postgres' }, 'SQLite'],
  [
    finding({ direction: 'downgrade', dialects: ['postgres', 'sqlite'] }),
    { direction: 'upgrade' },
    'line 9, downgrade',
  ],
  [finding({ line: null, direction: null, dialects: [] }), {}, ''],
] as const)('the place of finding %# leaves out what all have in common', (one, shared, text) => {
  expect(placeOf(one, shared)).toBe(text)
})

test('the size of a table is told where it is known', () => {
  expect(sizeOf(finding({ table: 'orders', rows: 3_204_118, bytes: 1_287_651_328 }))).toBe(
    'orders: about 3.2M rows, 1.3 GB',
  )
  expect(sizeOf(finding({ table: 'orders', rows: 1 }))).toBe('orders: about 1 row')
  expect(sizeOf(finding({ table: 'orders' }))).toBeUndefined()
  expect(sizeOf(finding())).toBeUndefined()
})

test('of a revision that is applied, what is found about its upgrade is past', () => {
  const findings = (['upgrade', 'downgrade', null] as const).map((direction) => ({ direction }))
  const [upgrade, downgrade, file] = findings
  expect(findingsOfRevision(findings, { applied: true })).toEqual({ open: [downgrade, file], past: [upgrade] })
  expect(findingsOfRevision(findings, { applied: false })).toEqual({ open: findings, past: [] })
})
