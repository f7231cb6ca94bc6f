import { readdir } from 'node:fs/promises'
import path from 'node:path'

import type { PlanStep } from '../../../src/results'
import { openProject, type TestProject } from '../../migrator/project'
import { dialectNames } from '../../run/databases'
import { idOf, writeRevisions, type WrittenRevision } from '../revision-files'
import { preparePending } from './pending'

jest.setTimeout(180_000)

describe.each(dialectNames)('Migrator.plan with trace on %s', (name) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(name)
  })
  afterEach(() => project.remove())

  const isPostgres = name === 'postgres'
  const prepare = (up: readonly string[], options: Partial<WrittenRevision> = {}): Promise<void> =>
    preparePending(project, { id: 'b', message: 'change', down: ['a'], up, ...options })

  async function planned(options = {}): Promise<PlanStep | undefined> {
    const { steps } = await project.migrator([], options).plan('upgrade', 'head', { trace: true })
    return steps[0]
  }

  test('foretells for how long a change blocks others, from its lock to the end', async () => {
    await prepare(['SELECT 1', 'CREATE INDEX "ix" ON "orders" ("customer")', 'UPDATE "orders" SET "note" = \'x\''])
    const before = await readdir(project.directory)
    const step = await planned()
    expect(step?.stallsUnknown).toBeUndefined()
    const ms = expect.any(Number) as number
    const blocks = (what: string) => expect.stringMatching(new RegExp(`^blocks ${what} for `)) as string
    expect(step?.stalls).toEqual(
      isPostgres
        ? [{ table: 'orders', blocks: 'writes', ms, first: 2, last: 3, text: blocks('writes to orders') }]
        : [
            {
              table: null,
              blocks: 'reads and writes',
              ms,
              first: 1,
              last: 3,
              text: blocks('reads and writes of the whole database'),
            },
          ],
    )
    const times = step?.measured?.map(({ takesMs }) => takesMs) ?? []
    expect(times).toEqual([ms, ms, ms])
    // To the end: its statements, and COMMIT.
    expect(step?.stalls?.[0]?.ms).toBeGreaterThanOrEqual((times[1] ?? 0) + (times[2] ?? 0) - 1)
    // The live database was only read.
    expect(await project.database.rows('SELECT count(*) AS n FROM "orders" WHERE "note" = \'x\'')).toEqual([
      { n: isPostgres ? '0' : 0 },
    ])
    expect(await readdir(project.directory)).toEqual(before)
    if (!isPostgres) expect(await readdir(path.dirname(project.database.address))).not.toContainEqual(/\.tmp/)
  })

  test('foretells of a table under its new name, and nothing of one that the plan makes', async () => {
    await prepare([
      'CREATE TABLE "fresh" ("id" integer PRIMARY KEY)',
      'CREATE INDEX "ix_fresh" ON "fresh" ("id")',
      'ALTER TABLE "orders" RENAME TO "purchases"',
      'CREATE INDEX "ix" ON "purchases" ("customer")',
    ])
    const step = await planned()
    expect(step?.stalls?.map(({ table, first }) => [table, first])).toEqual(isPostgres ? [['orders', 3]] : [[null, 1]])
  })

  test('has rows that a new key, a unique index and NOT NULL accept', async () => {
    await prepare(
      isPostgres
        ? [
            'ALTER TABLE "orders" ADD CONSTRAINT "fk" FOREIGN KEY ("customer") REFERENCES "customers" ("id")',
            'CREATE UNIQUE INDEX "ux" ON "orders" ("customer")',
            'ALTER TABLE "orders" ALTER COLUMN "customer" SET NOT NULL',
          ]
        : ['CREATE UNIQUE INDEX "ux" ON "orders" ("customer")'],
    )
    const step = await planned()
    expect(step?.stallsUnknown).toBeUndefined()
    expect(step?.stalls).toContainEqual(
      isPostgres
        ? expect.objectContaining({ table: 'customers', blocks: 'writes', first: 1, last: 3 })
        : expect.objectContaining({ table: null }),
    )
  })

  test('tells why nothing can be foretold of a statement that changes some rows', async () => {
    await prepare(['UPDATE "orders" SET "note" = NULL WHERE "customer" > 5'])
    const step = await planned()
    expect(step?.stalls).toBeUndefined()
    expect(step?.stallsUnknown).toMatch(/how many rows match its WHERE is not known/)
  })

  test('foretells nothing of a step that fails', async () => {
    await prepare(['SELECT * FROM "nowhere"'])
    const step = await planned()
    expect(step?.stalls).toBeUndefined()
    expect(isPostgres ? step?.unmeasured : step?.stallsUnknown).toMatch(/nowhere/)
  })

  test('does not take a statement for one that chooses rows if it is about NULLs alone', async () => {
    await prepare(['UPDATE "orders" SET "note" = \'none\' WHERE "note" IS NULL'])
    expect((await planned())?.stallsUnknown).toBeUndefined()
  })

  test('tells that an index of the live table is known to no revision', async () => {
    await prepare(['CREATE INDEX "ix" ON "orders" ("customer")'])
    await project.database.queryRunner.query('CREATE INDEX "ix_by_hand" ON "orders" ("note")')
    expect((await planned())?.stallsUnknown).toBe('orders has indexes that no revision has made: ix_by_hand')
  })

  test('foretells of a downgrade as well', async () => {
    await prepare(['CREATE INDEX "ix" ON "orders" ("customer")'], { undo: ['DROP INDEX "ix"'] })
    const migrator = project.migrator([])
    await migrator.upgrade()
    const { steps } = await migrator.plan('downgrade', '-1', { trace: true })
    expect(steps[0]?.stalls).toEqual([
      expect.objectContaining(isPostgres ? { table: 'orders', blocks: 'reads and writes' } : { table: null }),
    ])
  })

  test('stops when its signal says so', async () => {
    await prepare(['CREATE INDEX "ix" ON "orders" ("customer")'])
    const controller = new AbortController()
    const canceled = new Error('the client has gone')
    const onEvent = ({ message = '' }: { readonly message?: string }): void => {
      if (message.startsWith('measuring how long')) controller.abort(canceled)
    }
    await expect(planned({ signal: controller.signal, onEvent })).rejects.toMatchObject({
      code: 'ALUDEL_INTERRUPTED',
      cause: canceled,
    })
  })

  test('Migrator.lint adds to a finding how long its statement blocks, and only of what is pending', async () => {
    await prepare(['CREATE INDEX "ix" ON "orders" ("customer")'])
    const { traces, findings } = await project.migrator([]).lint({ database: true, trace: true })
    const upgrades = traces?.filter(({ direction }) => direction === 'upgrade') ?? []
    expect(upgrades.find(({ revision }) => revision === idOf('b'))?.stalls).toHaveLength(1)
    expect(upgrades.find(({ revision }) => revision === idOf('a'))?.stalls).toBeUndefined()
    const finding = findings.find(({ rule }) => rule === 'create-index')
    if (isPostgres) expect(finding?.stall).toMatchObject({ table: 'orders', blocks: 'writes', first: 1, last: 1 })
  })
})

test('nothing is foretold of a large table that nothing has analyzed', async () => {
  const project = await openProject('postgres')
  try {
    await writeRevisions(project, {
      id: 'a',
      message: 'large',
      up: ['CREATE TABLE "large" ("id" integer, "text" text) WITH (autovacuum_enabled = false)'],
    })
    await project.migrator([]).upgrade()
    await project.database.queryRunner.query(
      `INSERT INTO "large" SELECT n, repeat('x', 1500) FROM generate_series(1, 7000) AS numbers(n)`,
    )
    await writeRevisions(project, { id: 'b', message: 'b', down: ['a'], up: ['CREATE INDEX "ix" ON "large" ("id")'] })
    const { steps } = await project.migrator([]).plan('upgrade', 'head', { trace: true })
    expect(steps[0]?.stallsUnknown).toBe('nothing has analyzed large, so its size is not known')
  } finally {
    await project.remove()
  }
})
