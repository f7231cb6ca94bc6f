import type { PlanOptions } from '../../../src/migrator'
import type { PlanStep } from '../../../src/results'
import { openProject, type TestProject } from '../../migrator/project'
import { dialectNames } from '../../run/databases'
import { idOf, type WrittenRevision } from '../revision-files'
import { preparePending } from './pending'

jest.setTimeout(180_000)

describe.each(dialectNames)('Migrator.plan with trace and the options of the run on %s', (name) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(name)
  })
  afterEach(() => project.remove())

  const isPostgres = name === 'postgres'
  const after = (id: string, down: string, up: readonly string[]): WrittenRevision => ({
    id,
    message: `change ${id}`,
    down: [down],
    up,
  })
  const ms = expect.any(Number) as number
  const text = expect.any(String) as string

  async function planned(options: PlanOptions): Promise<readonly PlanStep[]> {
    const { steps } = await project.migrator([]).plan('upgrade', 'head', { trace: true, ...options })
    return steps
  }

  test('in one transaction of all steps, a lock lasts until the last one ends', async () => {
    await preparePending(
      project,
      after('b', 'a', ['CREATE INDEX "ix" ON "orders" ("customer")']),
      after('c', 'b', [
        'CREATE INDEX "ix_note" ON "orders" ("note")',
        'CREATE INDEX "ix_name" ON "customers" ("name")',
      ]),
    )
    const each = await planned({})
    expect(each.map(({ stalls }) => stalls?.map(({ until }) => until))).toEqual([
      [undefined],
      isPostgres ? [undefined, undefined] : [undefined],
    ])
    const [first, second] = await planned({ transaction: 'all' })
    expect(first?.stalls).toEqual([
      isPostgres
        ? { table: 'orders', blocks: 'writes', ms, first: 1, last: 1, until: idOf('c'), text }
        : { table: null, blocks: 'reads and writes', ms, first: 1, last: 1, until: idOf('c'), text },
    ])
    expect(first?.stalls?.[0]?.text).toMatch(new RegExp(`^blocks .* for .* s, to the end of ${idOf('c')}$`))
    // The first step blocks orders already.
    expect(second?.stalls).toEqual(
      isPostgres ? [{ table: 'customers', blocks: 'writes', ms, first: 2, last: 2, text }] : [],
    )
    const takes = second?.measured?.reduce((sum, { takesMs = 0 }) => sum + takesMs, 0) ?? 0
    expect(first?.stalls?.[0]?.ms).toBeGreaterThanOrEqual(takes - 2)
  })

  test('in one transaction of all steps, nothing is foretold before a step of which nothing can be', async () => {
    await preparePending(
      project,
      after('b', 'a', ['CREATE INDEX "ix" ON "orders" ("customer")']),
      after('c', 'b', ['DELETE FROM "customers" WHERE "id" > 5']),
    )
    const [first, second] = await planned({ transaction: 'all' })
    expect(second?.stallsUnknown).toMatch(/^how many rows match its WHERE is not known/)
    expect(first?.stalls).toBeUndefined()
    expect(first?.stallsUnknown).toBe(
      `the transaction lasts until ${idOf('c')} has run, and of that one: ${second?.stallsUnknown ?? ''}`,
    )
  })

  test('a revision that cannot take part in one transaction of all steps is refused before it is planned', async () => {
    await preparePending(project, { ...after('b', 'a', ['SELECT 1']), transaction: false })
    await expect(planned({ transaction: 'all' })).rejects.toMatchObject({ code: 'ALUDEL_TRANSACTION_MODE' })
    await expect(planned({ transaction: 'each' })).resolves.toHaveLength(1)
  })

  test('what is kept of a drop is measured, and the live database keeps nothing', async () => {
    await preparePending(
      project,
      after('b', 'a', ['DROP TABLE "customers"', 'ALTER TABLE "orders" DROP COLUMN "note"']),
    )
    const [step] = await planned({ keepDropped: true })
    expect(step?.keeps?.map(({ kept }) => kept)).toEqual([true, true])
    expect(step?.stallsUnknown).toBeUndefined()
    expect(step?.stalls).toEqual(
      isPostgres
        ? [
            { table: 'customers', blocks: 'reads and writes', ms, first: 1, last: 2, text },
            { table: 'orders', blocks: 'reads and writes', ms, first: 2, last: 2, text },
          ]
        : [{ table: null, blocks: 'reads and writes', ms, first: 1, last: 2, text }],
    )
    expect(step?.measured?.map(({ takesMs }) => takesMs)).toEqual([ms, ms])
    // DROP TABLE itself reads no row; what is kept is counted.
    if (isPostgres) expect(step?.measured?.[0]?.scans).toEqual(['customers'])
    expect((await project.migrator([]).kept()).kept).toEqual([])
    expect(await project.database.rows('SELECT count(*) AS n FROM "customers"')).toEqual([
      { n: isPostgres ? '3000' : 3000 },
    ])
  })

  test('a revision that cannot keep what it drops is foretold to fail with the words of the run', async () => {
    await preparePending(project, { ...after('b', 'a', ['DROP TABLE "customers"']), transaction: false })
    const [step] = await planned({ keepDropped: true })
    expect(step?.stalls).toBeUndefined()
    expect(step?.unmeasured ?? step?.stallsUnknown).toMatch(/does not run in a transaction, so .* cannot be kept/)
    expect((await planned({}))[0]?.stallsUnknown).toBeUndefined()
  })

  test('nothing is foretold of a downgrade that gives back what was kept', async () => {
    const drop = after('b', 'a', ['DROP TABLE "customers"'])
    const undo = ['CREATE TABLE "customers" ("id" integer PRIMARY KEY, "name" varchar(30) NOT NULL)']
    await preparePending(project, { ...drop, undo })
    const migrator = project.migrator([])
    await migrator.upgrade('head', { keepDropped: true })
    const { steps } = await migrator.plan('downgrade', '-1', { trace: true })
    expect(steps[0]?.givesBack).toHaveLength(1)
    expect(steps[0]?.stallsUnknown).toBe('it gives back what was kept, and a model has nothing that was kept')
  })
})
