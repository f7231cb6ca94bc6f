import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { RunEvent } from '../../src/project/events'
import { dialectNames, tableNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from './project'

const authors = entity('authors', { id, name: text(50) })
const grown = entity('authors', { id, name: text(50), age: { type: 'int', nullable: true } })

describe.each(dialectNames)('a %s database with tables and no history', (dialect) => {
  let project: TestProject
  const warnings: string[] = []
  const onEvent = (event: RunEvent): unknown => (event.type === 'warning' ? warnings.push(event.message) : undefined)
  const migrator = () => project.migrator([grown], { onEvent })

  beforeEach(async () => {
    project = await openProject(dialect)
    warnings.length = 0
  })
  afterEach(() => project.remove())

  const revision = (number: number, up: string): Promise<void> =>
    writeFile(
      path.join(project.revisions, `170000000000${String(number)}-step.js`),
      `exports.Step170000000000${String(number)} = class Step170000000000${String(number)} {
  async up(queryRunner) { ${up} }
  async down() {}
}
`,
    )
  const query = (sql: string): string => `await queryRunner.query(${JSON.stringify(sql)})`
  const rows = (sql: string) => project.database.rows(sql)

  describe('that a revision describes', () => {
    beforeEach(async () => {
      await project.migrator([authors]).create('first', { revisionId: 'aaaaaaaaaaaa' })
      await project.migrator([grown]).create('age', { revisionId: 'bbbbbbbbbbbb' })
      await (await project.database.connect({ entities: [authors] })).synchronize()
      await rows(`INSERT INTO "authors" ("id", "name") VALUES (1, 'Ann')`)
    })

    test('is refused by upgrade, which names what records it, and changes nothing', async () => {
      await expect(migrator().upgrade()).rejects.toMatchObject({
        code: 'ALUDEL_NO_HISTORY',
        kind: 'refused',
        message:
          'the database has tables but no history: revision aaaaaaaaaaaa (first) would create authors, which exists',
        help: expect.stringMatching(/aludel db init [^]*aludel migrate stamp REV [^]*Nothing was changed/) as string,
        details: { revision: 'aaaaaaaaaaaa', tables: ['authors'] },
      })
      expect(await tableNames(project.database)).toEqual(['authors'])
      expect((await migrator().current()).current).toEqual([])
      // What the message names does it.
      expect(await migrator().initialize()).toMatchObject({ action: 'stamped', stamped: 'aaaaaaaaaaaa' })
      expect(await rows('SELECT "id", "age" FROM "authors"')).toEqual([{ id: 1, age: null }])
    })

    test('is reported by current, the plan and the script', async () => {
      expect(await migrator().current()).toMatchObject({ pending: 2, tables: ['authors'] })
      await migrator().plan('upgrade')
      await migrator().sql('upgrade')
      expect(warnings).toEqual(Array(2).fill(expect.stringMatching(/^this would be refused: .*\[ALUDEL_NO_HISTORY\]$/)))
      expect(await migrator().stamp(['aaaaaaaaaaaa'])).toMatchObject({ to: ['aaaaaaaaaaaa'] })
      expect((await migrator().current()).tables).toBeUndefined()
      expect((await migrator().upgrade()).steps).toHaveLength(1)
    })

    test('is compared in words that say which side has what, by stamp and by start-up', async () => {
      const sides = 'the database lacks column authors.age'
      await expect(migrator().stamp(['head'])).rejects.toMatchObject({
        code: 'ALUDEL_STAMP_MISMATCH',
        help: expect.stringMatching(
          `^Compared with the schema of bbbbbbbbbbbb, which a replay of the revisions gives:\n  ${sides}`,
        ) as string,
      })
      await rows('ALTER TABLE "authors" ADD COLUMN "extra" int')
      await expect(migrator().initialize()).rejects.toMatchObject({
        code: 'ALUDEL_SCHEMA_MISMATCH',
        help: expect.stringMatching(
          /^The nearest is aaaaaaaaaaaa \(first\)\. Compared with its schema:\n- the database has column authors\.extra/,
        ) as string,
        details: { nearest: 'aaaaaaaaaaaa' },
      })
    })
  })

  test('is upgraded if no revision creates one of its tables', async () => {
    await rows('CREATE TABLE "theirs" ("id" int)')
    await revision(1, query('CREATE TABLE "ours" ("id" int)'))
    expect((await migrator().current()).tables).toEqual(['theirs'])
    expect((await migrator().upgrade()).steps).toHaveLength(1)
  })

  test.each([
    ['creates it only if it is missing', 'CREATE TABLE IF NOT EXISTS "theirs" ("id" int)'],
    ['drops it first', 'DROP TABLE "theirs"', 'CREATE TABLE "theirs" ("id" int)'],
    ['renames it first', 'ALTER TABLE "theirs" RENAME TO "older"', 'CREATE TABLE "theirs" ("id" int)'],
  ])('is upgraded if the revision of its table %s', async (_what, ...statements) => {
    await rows('CREATE TABLE "theirs" ("id" int)')
    for (const [index, sql] of statements.entries()) await revision(index + 1, query(sql))
    expect((await migrator().upgrade('head', { backup: 'never' })).steps).toHaveLength(statements.length)
  })

  test('explains the failure of a revision whose statements are known only when it runs', async () => {
    await rows('CREATE TABLE "theirs" ("id" int)')
    await revision(
      1,
      'const name = (await queryRunner.query("SELECT 1")).length ? "theirs" : ""; await queryRunner.query(`CREATE TABLE "${name}" ("id" int)`)',
    )
    await expect(migrator().upgrade('head', { backup: 'never' })).rejects.toMatchObject({
      code: 'ALUDEL_STATEMENT',
      message: expect.stringContaining('already exists') as string,
      help: expect.stringMatching(/Nothing of this revision remains\.\n[^]*aludel db init/) as string,
    })
  })

  test('is no such database once its first revision stopped half-way', async () => {
    const up = [query('CREATE TABLE "ours" ("id" int)'), query('CREATE TABLE "theirs" ("id" int)')].join('; ')
    await writeFile(
      path.join(project.revisions, '1700000000001-step.js'),
      `exports.Step1700000000001 = class Step1700000000001 {
  transaction = false
  async up(queryRunner) { if (process.env.NONE === undefined) { ${up} } }
  async down() {}
}
`,
    )
    await rows('CREATE TABLE "theirs" ("id" int)')
    await expect(migrator().upgrade('head', { backup: 'never' })).rejects.toMatchObject({ kind: 'halfway' })
    for (const verbose of [false, true]) {
      const current = await migrator().current({ verbose })
      expect(current.tables).toBeUndefined()
      expect(current.halfway).toHaveLength(1)
    }
  })

  test('with only the tables of the tool, or of others, has no tables to report', async () => {
    await revision(1, query('CREATE TABLE "ours" ("id" int)'))
    await migrator().upgrade()
    await rows('DROP TABLE "ours"')
    await rows('DELETE FROM "migrations"')
    await rows('CREATE TABLE "spatial_ref_sys" ("id" int)')
    expect((await migrator().current()).tables).toEqual(['spatial_ref_sys'])
    const ignoring = project.migrator([grown], { ignore: ['table:spatial_*'] })
    expect((await ignoring.current()).tables).toBeUndefined()
  })
})
