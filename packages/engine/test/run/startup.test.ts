import { Entity, PrimaryColumn } from 'typeorm'

import { bringUpToDate } from '../../src/run/startup'
import type { RunEvent } from '../../src/project/events'
import { dialectNames, openDatabase, tableNames, type TestDatabase } from './databases'
import { appliedMessages, rejection, revision, type TestRevision } from './revisions'
import { TestMigrator } from './startup-migrator'

@Entity('a')
class A {
  @PrimaryColumn('integer')
  id = 0
}

@Entity('b')
class B {
  @PrimaryColumn('integer')
  id = 0
}

const makeTable = (name: string): TestRevision =>
  revision(`make ${name}`, [`CREATE TABLE "${name}" ("id" integer NOT NULL PRIMARY KEY)`])

describe.each(dialectNames)('bringUpToDate on %s', (name) => {
  let database: TestDatabase
  let all: readonly TestRevision[]
  const [a, b] = [0, 1].map((index) => () => all[index]?.revision.id ?? '') as [() => string, () => string]
  beforeEach(async () => {
    database = await openDatabase(name, { entities: [A, B] })
    all = [makeTable('a'), makeTable('b')]
  })
  afterEach(async () => {
    await database.drop()
  })
  const migrator = (revisions = all) => new TestMigrator(database, revisions)
  const warningsOf = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))

  test('runs all revisions on a new database', async () => {
    expect(await bringUpToDate({ migrator: migrator() })).toEqual({
      dialect: name,
      action: 'upgraded',
      from: [],
      to: [b()],
      applied: [a(), b()],
      upToDate: true,
      warnings: [],
    })
    expect(await tableNames(database)).toEqual(['a', 'b'])
  })

  test('makes one query and takes no lock when nothing is pending', async () => {
    await bringUpToDate({ migrator: migrator() })
    const again = migrator()
    expect(await bringUpToDate({ migrator: again })).toMatchObject({
      action: 'none',
      from: [b()],
      to: [b()],
      applied: [],
      upToDate: true,
    })
    expect(again.queries).toBe(1)
    expect(again.calls).toEqual([])
  })

  test('runs only the pending revisions', async () => {
    await bringUpToDate({ migrator: migrator(all.slice(0, 1)) })
    expect(await bringUpToDate({ migrator: migrator() })).toMatchObject({
      action: 'upgraded',
      from: [a()],
      to: [b()],
      applied: [b()],
    })
  })

  test('runs each revision once when called eight times at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 8 }, async () =>
        bringUpToDate({ migrator: new TestMigrator(database, all, await database.connect()) }),
      ),
    )
    expect(results.every((result) => result.upToDate)).toBe(true)
    expect(results.flatMap((result) => result.applied)).toEqual([a(), b()])
    expect(await appliedMessages(database, all)).toEqual(['make a', 'make b'])
  })

  test('stamps tables without history only once when called eight times at once', async () => {
    await database.rows('CREATE TABLE "a" ("id" integer NOT NULL PRIMARY KEY)')
    const results = await Promise.all(
      Array.from({ length: 8 }, async () =>
        bringUpToDate({ migrator: new TestMigrator(database, all, await database.connect()) }),
      ),
    )
    expect(results.filter((result) => result.action === 'stamped')).toHaveLength(1)
    expect(results.every((result) => result.upToDate)).toBe(true)
    expect(await appliedMessages(database, all)).toEqual(['make a', 'make b'])
  })

  describe('on tables without history', () => {
    test('records the newest revision if the tables match it', async () => {
      await database.dataSource.synchronize()
      expect(await bringUpToDate({ migrator: migrator() })).toMatchObject({
        action: 'stamped',
        stamped: b(),
        applied: [],
        from: [],
        to: [b()],
        upToDate: true,
      })
      expect(await appliedMessages(database, all)).toEqual(['make a', 'make b'])
    })

    test('records an older revision if the tables match it, and runs the later ones', async () => {
      await database.rows('CREATE TABLE "a" ("id" integer NOT NULL PRIMARY KEY)')
      await database.rows('INSERT INTO "a" VALUES (7)')
      expect(await bringUpToDate({ migrator: migrator() })).toMatchObject({
        action: 'stamped',
        stamped: a(),
        applied: [b()],
        to: [b()],
      })
      expect(await tableNames(database)).toEqual(['a', 'b'])
      expect(await database.rows('SELECT * FROM "a"')).toEqual([{ id: 7 }])
    })

    test.each(['none', 'create'] as const)(
      'refuses tables that match no revision, changes nothing and lists differences (fallback %s)',
      async (fallback) => {
        await database.rows('CREATE TABLE "c" ("x" text)')
        const called = migrator()
        expect(await rejection(bringUpToDate({ migrator: called, fallback }))).toMatchObject({
          code: 'ALUDEL_SCHEMA_MISMATCH',
          kind: 'refused',
          details: {
            differences: ['a.id integer is missing', 'b.id integer is missing', 'c.x text is in no revision'],
          },
          help: expect.stringMatching(/^- a\.id integer is missing\n/),
        })
        expect(called.calls).toEqual(['lock'])
        expect(await tableNames(database)).toEqual(['c'])
        expect(await appliedMessages(database, all)).toEqual([])
        // The lock was released.
        await bringUpToDate({ migrator: migrator([]) })
      },
    )
  })

  describe('with migrate: false', () => {
    test('warns with current, head and the upgrade command, and changes nothing', async () => {
      await bringUpToDate({ migrator: migrator(all.slice(0, 1)) })
      const called = migrator()
      const events: RunEvent[] = []
      const result = await bringUpToDate({ migrator: called, migrate: false, listener: (event) => events.push(event) })
      expect(result).toMatchObject({ action: 'outdated', upToDate: false, from: [a()], to: [a()], applied: [] })
      expect(result.warnings).toEqual([
        `Database not up to date: current ${a()}, head ${b()}; run \`aludel migrate upgrade\``,
      ])
      expect(warningsOf(events)).toEqual(result.warnings)
      expect(called.calls).toEqual([])
      expect(called.queries).toBe(1)
    })

    test('warns about an empty database and creates no table', async () => {
      const { warnings } = await bringUpToDate({ migrator: migrator(), migrate: false, fallback: 'create' })
      expect(warnings).toEqual([`Database not up to date: current base, head ${b()}; run \`aludel migrate upgrade\``])
      expect(await tableNames(database)).toEqual([])
    })

    test('does not warn when nothing is pending', async () => {
      await bringUpToDate({ migrator: migrator() })
      expect(await bringUpToDate({ migrator: migrator(), migrate: false })).toMatchObject({
        action: 'none',
        warnings: [],
      })
    })
  })

  describe('with an applied revision that has no file', () => {
    test('warns when nothing is pending', async () => {
      await bringUpToDate({ migrator: migrator() })
      const result = await bringUpToDate({ migrator: migrator(all.slice(0, 1)) })
      expect(result).toMatchObject({ action: 'none', upToDate: true })
      expect(result.warnings).toEqual([expect.stringContaining(all[1]?.revision.name ?? '?')])
    })

    test('fails when a revision is pending', async () => {
      await bringUpToDate({ migrator: migrator() })
      const other = [...all.slice(0, 1), makeTable('c')]
      const failing = bringUpToDate({ migrator: migrator(other), fallback: 'create' })
      expect(await rejection(failing)).toMatchObject({
        code: 'ALUDEL_UNKNOWN_APPLIED',
        details: { unknown: [all[1]?.revision.name] },
      })
      expect(await tableNames(database)).toEqual(['a', 'b'])
      const { warnings } = await bringUpToDate({ migrator: migrator(other), migrate: false })
      expect(warnings).toHaveLength(2)
    })
  })

  describe("with fallback: 'create'", () => {
    const broken = () => [all[0] ?? makeTable('a'), revision('broken', ['nonsense'])]

    test('does not fall back if the revisions succeed', async () => {
      const called = migrator()
      expect(await bringUpToDate({ migrator: called, fallback: 'create' })).toMatchObject({
        action: 'upgraded',
        applied: [a(), b()],
      })
      expect(called.calls).toEqual(['lock', 'upgrade all'])
    })

    test('creates the tables of an empty database if a revision fails, so that later upgrades work', async () => {
      const history = broken()
      const result = await bringUpToDate({ migrator: migrator(history), fallback: 'create' })
      expect(result).toMatchObject({ action: 'created', applied: [], upToDate: true, to: [history[1]?.revision.id] })
      expect(result.warnings).toEqual([
        expect.stringMatching(/broken\) failed at statement 1.*made from the entities instead/),
      ])
      expect(await tableNames(database)).toEqual(['a', 'b'])
      const later = [...history, makeTable('c')]
      expect(await bringUpToDate({ migrator: migrator(later), fallback: 'create' })).toMatchObject({
        action: 'upgraded',
        applied: [later[2]?.revision.id],
      })
      expect(await tableNames(database)).toEqual(['a', 'b', 'c'])
    })

    test('throws the error of the revision if the option is not set', async () => {
      expect(await rejection(bringUpToDate({ migrator: migrator(broken()) }))).toMatchObject({
        code: 'ALUDEL_STATEMENT',
      })
      expect(await tableNames(database)).toEqual(['a'])
    })

    test('throws the error of the revision if another one is already applied', async () => {
      await bringUpToDate({ migrator: migrator(all.slice(0, 1)) })
      expect(await rejection(bringUpToDate({ migrator: migrator(broken()), fallback: 'create' }))).toMatchObject({
        code: 'ALUDEL_STATEMENT',
      })
      expect(await tableNames(database)).toEqual(['a'])
    })

    test('throws the error of a halfway non-transactional revision, and keeps its tables', async () => {
      const outside = revision('outside', ['CREATE TABLE "x" ("n" integer)', 'nonsense'], [], { transaction: false })
      const called = migrator([outside])
      expect(await rejection(bringUpToDate({ migrator: called, fallback: 'create' }))).toMatchObject({
        code: 'ALUDEL_STATEMENT_HALFWAY',
      })
      expect(called.calls).toEqual(['lock', 'upgrade all', 'upgrade each'])
      expect(await tableNames(database)).toEqual(['x'])
    })

    test('throws the error of the revision and warns if the fallback fails too', async () => {
      const called = migrator(broken())
      jest.spyOn(called.dataSource, 'synchronize').mockRejectedValueOnce(new Error('entities'))
      const events: RunEvent[] = []
      const failing = bringUpToDate({ migrator: called, fallback: 'create', listener: (event) => events.push(event) })
      expect(await rejection(failing)).toMatchObject({ code: 'ALUDEL_STATEMENT' })
      expect(warningsOf(events)).toEqual([expect.stringContaining('entities')])
    })
  })

  test('does nothing if there are no revisions', async () => {
    expect(await bringUpToDate({ migrator: migrator([]) })).toMatchObject({ action: 'none', upToDate: true, to: [] })
  })
})
