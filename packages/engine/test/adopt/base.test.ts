import { readFile } from 'node:fs/promises'

import type { AdoptResult } from '../../src/results'
import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { toolDatabases } from './tool-tables'

const authors = entity('authors', { id, name: text(50) })

describe.each(dialectNames)('a project without revisions, on a %s database', (dialect) => {
  let project: TestProject
  const migrator = () => project.migrator([authors])
  const rows = (sql: string) => project.database.rows(sql)

  beforeEach(async () => {
    project = await openProject(dialect)
    const tool = toolDatabases[dialect].find((one) => one.tool === 'Drizzle')
    for (const sql of [
      'CREATE TABLE "authors" ("id" int NOT NULL PRIMARY KEY, "name" varchar(50) NOT NULL, "code" varchar(5) DEFAULT \'x\')',
      'CREATE TABLE "books" ("id" int NOT NULL PRIMARY KEY, "author_id" int NOT NULL REFERENCES "authors" ("id") ON DELETE CASCADE, CHECK ("id" > 0))',
      'CREATE UNIQUE INDEX "ix_books" ON "books" ("author_id", "id") WHERE "id" > 5',
      'CREATE VIEW "prolific" AS SELECT "author_id", count(*) AS "n" FROM "books" GROUP BY "author_id"',
      ...(dialect === 'sqlite'
        ? ['CREATE TRIGGER "tr" AFTER INSERT ON "books" BEGIN UPDATE "authors" SET "code" = \'y\'; END']
        : [
            "CREATE TYPE \"mood\" AS ENUM ('good', 'bad')",
            'ALTER TABLE "authors" ADD COLUMN "mood" "mood"',
            'CREATE FUNCTION "touch"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
            'CREATE TRIGGER "tr" BEFORE UPDATE ON "books" FOR EACH ROW EXECUTE FUNCTION "touch"()',
            'CREATE SCHEMA "other"',
            'CREATE TABLE "other"."logs" ("id" serial PRIMARY KEY, "line" text)',
          ]),
      'INSERT INTO "authors" ("id", "name") VALUES (1, \'Ann\')',
      ...(tool?.statements ?? []),
    ])
      await rows(sql)
  })
  afterEach(() => project.remove())

  test('gets a first revision that makes all that the database has, proved and recorded', async () => {
    const plans: AdoptResult[] = []
    const confirm = async (plan: AdoptResult) => {
      plans.push(plan)
      expect(await project.files()).toEqual({})
      return true
    }
    const result = await migrator().adopt({ confirm })
    const { created, stamped } = result
    expect(plans).toEqual([result])
    expect(result).toMatchObject({
      tool: { name: 'Drizzle' },
      matches: created?.revision,
      differences: [],
      renames: [],
    })
    expect(stamped).toEqual([created?.revision])
    const source = await readFile(created?.path ?? '', 'utf8')
    expect(source).toMatch(/static readonly downRevision = null/)
    for (const made of ['"prolific"', '"ix_books"', '"tr"', 'ON DELETE CASCADE']) expect(source).toContain(made)
    expect(source).not.toContain('drizzle')
    expect(await rows('SELECT "id", "name", "code" FROM "authors"')).toEqual([{ id: 1, name: 'Ann', code: 'x' }])

    expect(await migrator().check({ database: true })).toMatchObject({
      database: { clean: true, pending: 0 },
    })
    const verified = await migrator().verify()
    expect(verified.revisions).toMatchObject([{ up: 'ok', down: 'ok' }])
  })

  test('gets a file of the given message that an empty database can run', async () => {
    const { created } = await migrator().adopt({ message: 'as found' })
    expect(created?.path).toMatch(/-as-found\.ts$/)
    const other = await openProject(dialect)
    try {
      await other.write(await project.files())
      await other.migrator([authors]).upgrade()
      expect(await other.migrator([authors]).check({ database: true })).toMatchObject({ database: { clean: true } })
    } finally {
      await other.remove()
    }
  })

  test('gets no file without a yes, and none that could not be recorded', async () => {
    await expect(migrator().adopt({ confirm: () => Promise.resolve(false) })).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      help: expect.stringMatching(
        /^Drizzle has a history in [^\n]*\nwould write .*-adopt-the-database\.ts\nwould record [0-9a-f]{12} as applied/,
      ) as string,
    })
    expect(await project.files()).toEqual({})
    const confirm = async () => {
      await rows('DROP VIEW "prolific"')
      return true
    }
    await expect(migrator().adopt({ confirm })).rejects.toMatchObject({ code: 'ALUDEL_CONFIRMATION' })
    expect(await project.files()).toEqual({})
    expect((await migrator().adopt()).stamped).toHaveLength(1)
  })

  test('leaves ignored objects out of the revision', async () => {
    const ignore = ['table:books', 'view:*', 'function:*', 'table:other.*', 'schema:other']
    const { created } = await project.migrator([authors], { ignore }).adopt()
    const source = await readFile(created?.path ?? '', 'utf8')
    expect(source).toContain('"authors"')
    expect(source).not.toMatch(/books|prolific|touch|other/)
  })

  test('gets a revision for its other databases as well, which makes what the entities need there', async () => {
    const both = () => project.migrator([authors], { dialects: ['sqlite', 'postgres'] })
    await both().adopt()
    const [source] = Object.values(await project.files())
    expect(source).toMatch(/case 'postgres':/)
    expect(source).toMatch(/case '(?:better-)?sqlite3?':/)
    const { operations } = await both().check()
    expect(operations.every(({ dialects }) => dialects.join() === dialect)).toBe(true)
    expect(operations.length).toBeGreaterThan(0)
  })
})
