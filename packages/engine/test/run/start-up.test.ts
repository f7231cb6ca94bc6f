import { mkdtemp, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { EntitySchema } from 'typeorm'

import type { Migrator } from '../../src/migrator'
import type { RunEvent } from '../../src/project/events'
import { entity, openProject, type TestProject } from '../migrator/project'
import { dialectNames, tableNames } from './databases'
import { rejection } from './revisions'

/** A revision file. */
interface File {
  readonly id: string
  readonly name: string
  readonly text: string
}

const idOf = (letter: string): string => letter.repeat(12)

function file(letter: string, parent: string | null, statements: readonly string[], field = ''): File {
  const name = `Make${letter.toUpperCase()}17637500000${String(letter.charCodeAt(0)).padStart(2, '0').slice(-2)}`
  const calls = statements.map((sql) => `await queryRunner.query(${JSON.stringify(sql)})`).join('\n')
  const id = idOf(letter)
  return {
    id,
    name,
    text: `exports.${name} = class ${name} {\n  static revision = '${id}'\n  static downRevision = ${JSON.stringify(parent === null ? null : idOf(parent))}\n  ${field}\n  async up(queryRunner) {\n${calls}\n  }\n  async down() {}\n}\n`,
  }
}

const table = (letter: string, parent: string | null): File =>
  file(letter, parent, [`CREATE TABLE "${letter}" ("id" integer NOT NULL PRIMARY KEY)`])

const [a, b] = [table('a', null), table('b', 'a')]
const broken = file('d', 'a', ['nonsense'])
const entities = ['a', 'b'].map((name) => entity(name, { id: { type: 'integer', primary: true } }))

describe.each(dialectNames)('a start-up on %s', (dialect) => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(() => project.remove())

  /** A migrator with these revisions, and nothing else. */
  async function migrator(
    files: readonly File[] = [a, b],
    onEvent: (event: RunEvent) => void = () => undefined,
    described: readonly EntitySchema[] = entities,
  ): Promise<Migrator> {
    const revisions = await mkdtemp(path.join(project.directory, 'revisions-'))
    for (const { name, text } of files) await writeFile(path.join(revisions, `${name.slice(-13)}-${name}.js`), text)
    return project.migrator(described, { revisions, onEvent })
  }
  const start = async (
    ...[files, options = {}]: [files?: readonly File[], options?: Parameters<Migrator['initialize']>[0]]
  ) => (await migrator(files)).initialize(options)
  const applied = async (): Promise<readonly unknown[]> =>
    (await project.database.rows('SELECT "name" FROM "migrations" ORDER BY "id"')).map(({ name }) => name)
  const warningsOf = (events: readonly RunEvent[]) =>
    events.flatMap((event) => (event.type === 'warning' ? [event.message] : []))

  test('runs all revisions on a new database, and only the pending ones later', async () => {
    expect(await start([a])).toEqual({
      dialect,
      action: 'upgraded',
      from: [],
      to: [a.id],
      applied: [a.id],
      upToDate: true,
      warnings: [],
    })
    expect(await start()).toMatchObject({ action: 'upgraded', from: [a.id], to: [b.id], applied: [b.id] })
    expect(await tableNames(project.database)).toEqual(['a', 'b'])
  })

  test('takes no lock when nothing is pending', async () => {
    await start()
    const events: RunEvent[] = []
    const again = await migrator([a, b], (event) => events.push(event))
    expect(await again.initialize()).toMatchObject({
      action: 'none',
      from: [b.id],
      to: [b.id],
      applied: [],
      upToDate: true,
    })
    expect(events).toEqual([])
  })

  test('does nothing if there are no revisions', async () => {
    expect(await start([])).toMatchObject({ action: 'none', upToDate: true, to: [] })
  })

  test.each([
    ['runs each revision', [], 'upgraded'],
    ['stamps tables without history', ['CREATE TABLE "a" ("id" integer NOT NULL PRIMARY KEY)'], 'stamped'],
  ])('%s once when eight processes start at the same time', async (_what, before, action) => {
    for (const sql of before) await project.database.rows(sql)
    const results = await Promise.all(Array.from({ length: 8 }, () => start()))
    expect(results.every((result) => result.upToDate)).toBe(true)
    expect(results.filter((result) => result.action === action)).toHaveLength(1)
    expect(results.flatMap((result) => [result.stamped ?? [], result.applied].flat()).sort()).toEqual([a.id, b.id])
    expect(await applied()).toEqual([a.name, b.name])
  })

  describe('on tables without history', () => {
    test('records the newest revision if the tables match it', async () => {
      for (const name of ['a', 'b'])
        await project.database.rows(`CREATE TABLE "${name}" ("id" integer NOT NULL PRIMARY KEY)`)
      expect(await start()).toMatchObject({
        action: 'stamped',
        stamped: 'heads',
        applied: [],
        from: [],
        to: [b.id],
        upToDate: true,
      })
      expect(await applied()).toEqual([a.name, b.name])
    })

    test('records an older revision if the tables match it, and runs the later ones', async () => {
      await project.database.rows('CREATE TABLE "a" ("id" integer NOT NULL PRIMARY KEY)')
      await project.database.rows('INSERT INTO "a" VALUES (7)')
      expect(await start()).toMatchObject({ action: 'stamped', stamped: a.id, applied: [b.id], to: [b.id] })
      expect(await tableNames(project.database)).toEqual(['a', 'b'])
      expect(await project.database.rows('SELECT * FROM "a"')).toEqual([{ id: 7 }])
    })

    test.each(['none', 'create'] as const)(
      'refuses tables that match no revision, changes nothing and lists differences (fallback %s)',
      async (fallback) => {
        await project.database.rows('CREATE TABLE "c" ("x" text)')
        expect(await rejection(start([a, b], { fallback }))).toMatchObject({
          code: 'ALUDEL_SCHEMA_MISMATCH',
          kind: 'refused',
          details: { differences: expect.arrayContaining([expect.stringMatching(/create table c/)]) as unknown },
          help: expect.stringMatching(/^The nearest is .*\n- the database has table c/) as string,
        })
        expect(await tableNames(project.database)).toEqual(['c'])
        // The lock was released.
        expect(await start([])).toMatchObject({ action: 'none' })
      },
    )
  })

  describe('with migrate: false', () => {
    test('warns with current, head and the upgrade command, and changes nothing', async () => {
      await start([a])
      const events: RunEvent[] = []
      const looking = await migrator()
      const result = await looking.initialize({ migrate: false, listener: (event) => events.push(event) })
      expect(result).toMatchObject({ action: 'outdated', upToDate: false, from: [a.id], to: [a.id], applied: [] })
      expect(result.warnings).toEqual([
        `Database not up to date: current ${a.id}, head ${b.id}; run \`aludel migrate upgrade\``,
      ])
      expect(events).toEqual([{ type: 'warning', message: result.warnings[0] }])
      expect(await applied()).toEqual([a.name])
    })

    test('warns about an empty database and creates no table', async () => {
      const { warnings } = await start([a, b], { migrate: false, fallback: 'create' })
      expect(warnings).toEqual([`Database not up to date: current base, head ${b.id}; run \`aludel migrate upgrade\``])
      expect(await tableNames(project.database)).toEqual([])
    })

    test('does not warn when nothing is pending', async () => {
      await start()
      expect(await start([a, b], { migrate: false })).toMatchObject({ action: 'none', warnings: [] })
    })
  })

  describe('with an applied revision that has no file', () => {
    test('warns when nothing is pending', async () => {
      await start()
      const result = await start([a])
      expect(result).toMatchObject({ action: 'none', upToDate: true })
      expect(result.warnings).toEqual([expect.stringContaining(b.name)])
    })

    test('fails when a revision is pending', async () => {
      await start()
      const other = [a, table('c', 'a')]
      expect(await rejection(start(other, { fallback: 'create' }))).toMatchObject({
        code: 'ALUDEL_UNKNOWN_APPLIED',
        details: { unknown: [b.name] },
      })
      expect(await tableNames(project.database)).toEqual(['a', 'b'])
      expect((await start(other, { migrate: false })).warnings).toHaveLength(2)
    })
  })

  describe("with fallback: 'create'", () => {
    test('does not fall back if the revisions succeed', async () => {
      expect(await start([a, b], { fallback: 'create' })).toMatchObject({ action: 'upgraded', applied: [a.id, b.id] })
    })

    test('creates the tables of an empty database if a revision fails, so that later upgrades work', async () => {
      const result = await start([a, broken], { fallback: 'create' })
      expect(result).toMatchObject({ action: 'created', applied: [], upToDate: true, to: [broken.id] })
      expect(result.warnings).toEqual([
        expect.stringMatching(/failed at statement 1.*created from the entities instead/),
      ])
      expect(await tableNames(project.database)).toEqual(['a', 'b'])
      const later = [a, broken, table('e', 'd')]
      expect(await start(later, { fallback: 'create' })).toMatchObject({ action: 'upgraded', applied: [idOf('e')] })
      expect(await tableNames(project.database)).toEqual(['a', 'b', 'e'])
    })

    test('throws the error of the revision if the option is not set', async () => {
      expect(await rejection(start([a, broken]))).toMatchObject({ code: 'ALUDEL_STATEMENT' })
      expect(await tableNames(project.database)).toEqual(['a'])
    })

    test('throws the error of the revision if another one is already applied', async () => {
      await start([a])
      expect(await rejection(start([a, broken], { fallback: 'create' }))).toMatchObject({ code: 'ALUDEL_STATEMENT' })
      expect(await tableNames(project.database)).toEqual(['a'])
    })

    test('throws the error of a non-transactional revision that stopped halfway, and keeps its tables', async () => {
      const outside = file('x', null, ['CREATE TABLE "x" ("n" integer)', 'nonsense'], 'transaction = false')
      expect(await rejection(start([outside], { fallback: 'create' }))).toMatchObject({
        code: 'ALUDEL_STATEMENT_HALFWAY',
      })
      expect(await tableNames(project.database)).toEqual(['x'])
    })

    test('throws the error of the revision and warns if the fallback fails too', async () => {
      const impossible = entity('c', {
        id: { type: 'integer', primary: true },
        n: { type: 'integer', default: () => 'no such (' },
      })
      const events: RunEvent[] = []
      const failing = await migrator([a, broken], (event) => events.push(event), [...entities, impossible])
      expect(await rejection(failing.initialize({ fallback: 'create' }))).toMatchObject({ code: 'ALUDEL_STATEMENT' })
      expect(warningsOf(events)).toEqual([
        expect.stringMatching(/^The tables could not be created from the entities either: /),
      ])
      expect(await tableNames(project.database)).toEqual([])
    })
  })
})
