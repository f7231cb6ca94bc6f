import { cp, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { RunEvent } from '../../src/project/events'
import { branchesLine } from '../../src/branches/describe'
import { dialectNames } from '../run/databases'
import { entity, id, openProject, type TestProject, text } from '../migrator/project'

describe.each(dialectNames)('compareBranches on %s', (dialect) => {
  let project: TestProject
  let files = 0

  beforeEach(async () => {
    project = await openProject(dialect)
    files = 0
    await revision('a', null, ['CREATE TABLE "people" ("id" integer PRIMARY KEY, "name" varchar(50) NOT NULL)'])
  })
  afterEach(() => project.remove())

  async function revision(name: string, down: string | readonly string[] | null, up: readonly string[]): Promise<void> {
    files += 1
    const stamp = String(1_700_000_000_000 + files)
    const queries = up.map((sql) => `    await runner.query(${JSON.stringify(sql)})`)
    const lines = [
      `exports.Step${name}${stamp} = class Step${name}${stamp} {`,
      `  static revision = '${name}'`,
      `  static downRevision = ${JSON.stringify(down)}`,
      `  async up(runner) {`,
      ...queries,
      `  }`,
      `  async down() {}`,
      `}`,
    ]
    await writeFile(path.join(project.revisions, `${stamp}-${name}.cjs`), `${lines.join('\n')}\n`)
  }

  const people = entity('people', { id, name: text(50) })
  const compare = () => project.migrator([people]).compareBranches()

  /** The first pair, and how many pairs were applied to find out about it. */
  async function ask(options: Parameters<TestProject['migrator']>[1] = {}) {
    let applied = 0
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'progress' && event.message.startsWith('applying ')) applied += 1
    }
    const [pair] = await project.migrator([people], { onEvent, ...options }).compareBranches()
    return { applied, pair }
  }

  test('reports that branches commute if they change different objects', async () => {
    await revision('b', 'a', ['ALTER TABLE "people" ADD COLUMN "born" date'])
    await revision('c', 'a', ['ALTER TABLE "people" ADD COLUMN "died" date', 'CREATE TABLE "pets" ("id" integer)'])
    expect(await compare()).toEqual([{ heads: ['b', 'c'], commute: true, conflicts: [] }])
    expect((await project.migrator([people]).merge(['heads'])).branches).toMatchObject([{ commute: true }])
  })

  test('names the revisions that write rows, of which only the schemas are compared', async () => {
    const name = (value: string): string => `UPDATE "people" SET "name" = "name" || '${value}'`
    await revision('b', 'a', ['ALTER TABLE "people" ADD COLUMN "born" date', name('b')])
    await revision('c', 'a', [name('c')])
    await revision('c2', 'c', ['CREATE TABLE "pets" ("id" integer)'])
    const [pair] = await compare()
    expect(pair).toEqual({ heads: ['b', 'c2'], commute: true, conflicts: [], writesRows: ['b', 'c'] })
    expect(pair && branchesLine(pair)).toBe(
      'the schemas of b and c2 commute; rows were not compared, and b, c write some',
    )
  })

  test.each([
    ['inserts', 'INSERT INTO "people" VALUES (1, \'x\')', true],
    ['deletes', 'DELETE FROM "people"', true],
    ['asks', 'SELECT 1', false],
    ['changes the schema', 'ALTER TABLE "people" ADD COLUMN "note" varchar(9)', false],
  ])('knows whether a revision writes rows that %s', async (_what, sql, writes) => {
    await revision('b', 'a', [sql])
    await revision('c', 'a', ['CREATE TABLE "pets" ("id" integer)'])
    const [pair] = await compare()
    expect(pair?.writesRows).toEqual(writes ? ['b'] : undefined)
  })

  test('counts no rebuild of a table as writing rows', async () => {
    await revision('b', 'a', [
      'CREATE TABLE "aludel_new_people" ("id" integer PRIMARY KEY, "name" varchar(90) NOT NULL)',
      'INSERT INTO "aludel_new_people" ("id", "name") SELECT "id", "name" FROM "people"',
      'DROP TABLE "people"',
      'ALTER TABLE "aludel_new_people" RENAME TO "people"',
    ])
    await revision('c', 'a', ['CREATE TABLE "pets" ("id" integer)'])
    const [pair] = await compare()
    expect(pair).toMatchObject({ heads: ['b', 'c'] })
    expect(pair?.writesRows).toBeUndefined()
  })

  test('reports a column that both branches add as a conflict, with either order failing', async () => {
    await revision('b', 'a', ['CREATE TABLE "pets" ("id" integer)'])
    await revision('b2', 'b', ['ALTER TABLE "people" ADD COLUMN "born" date'])
    await revision('c', 'a', ['ALTER TABLE "people" ADD COLUMN "born" date'])
    const [pair] = await compare()
    expect(pair).toMatchObject({ heads: ['b2', 'c'], commute: false })
    expect(pair?.conflicts[0]).toMatchObject({
      kind: 'same',
      object: 'column people.born',
      dialects: [dialect],
      sides: [
        [{ revision: 'b2', operations: [expect.stringContaining('add column people.born')] }],
        [{ revision: 'c', path: expect.stringContaining('-c.cjs') as string }],
      ],
    })
    expect(pair?.conflicts.slice(1)).toMatchObject([
      { kind: 'fails', object: expect.stringContaining('revision c') as string },
      { kind: 'fails', object: expect.stringContaining('revision b2') as string },
    ])
  })

  test('reports a table that one branch drops and the other indexes', async () => {
    await revision('b', 'a', ['DROP TABLE "people"'])
    await revision('c', 'a', ['CREATE INDEX "ix_people_name" ON "people" ("name")'])
    const [pair] = await compare()
    expect(pair?.commute).toBe(false)
    expect(pair?.conflicts[0]).toMatchObject({
      kind: 'same',
      object: 'table people',
      sides: [
        [{ revision: 'b', operations: ['drop table people'] }],
        [{ revision: 'c', operations: [expect.stringContaining('create index ix_people_name')] }],
      ],
    })
  })

  test('reports a view that both branches replace, so that the result depends on the order', async () => {
    const view = (columns: string): string => `CREATE VIEW "names" AS SELECT ${columns} FROM "people"`
    await revision('a2', 'a', [view('"name"')])
    await revision('b', 'a2', ['DROP VIEW "names"', view('"id"')])
    await revision('c', 'a2', ['DROP VIEW "names"', view('"name" || 1 AS "one"')])
    const [pair] = await compare()
    expect(pair).toMatchObject({
      heads: ['b', 'c'],
      commute: false,
      conflicts: [
        { kind: 'same', object: 'view names', sides: [[{ revision: 'b' }], [{ revision: 'c' }]] },
        { kind: 'order', object: expect.stringContaining('names') as string },
      ],
    })
  })

  test('makes merge refuse conflicting branches until confirmed', async () => {
    await revision('b', 'a', ['ALTER TABLE "people" ADD COLUMN "born" date'])
    await revision('c', 'a', ['ALTER TABLE "people" ADD COLUMN "born" date'])
    const migrator = project.migrator([people])
    await expect(migrator.merge(['b', 'c'])).rejects.toMatchObject({
      code: 'ALUDEL_BRANCH_CONFLICT',
      message: expect.stringMatching(/^b and c meet in 3 places, and do not commute$/) as string,
      help: expect.stringContaining('column people.born: both branches touch it') as string,
    })
    expect(Object.keys(await project.files())).toHaveLength(3)
    const confirm = jest.fn(() => Promise.resolve(true))
    expect((await migrator.merge(['b', 'c'], { confirm })).created).not.toBeNull()
    expect(confirm).toHaveBeenCalledTimes(1)
  })

  test('makes check report conflicting branches instead of comparing entities', async () => {
    await revision('b', 'a', ['ALTER TABLE "people" ADD COLUMN "born" date'])
    await revision('c', 'a', ['ALTER TABLE "people" ADD COLUMN "born" date'])
    expect(await project.migrator([people]).check()).toMatchObject({
      clean: false,
      operations: [],
      branches: [{ heads: ['b', 'c'], commute: false }],
    })
  })

  test('applies branches again only if something that decides about them changed', async () => {
    await revision('b', 'a', ['ALTER TABLE "people" ADD COLUMN "born" date'])
    await revision('c', 'a', ['CREATE TABLE "toys" ("id" integer)'])
    await revision('c2', 'c', ['CREATE INDEX "ix_people_born" ON "people" ("name")', `UPDATE "people" SET "name" = ''`])
    const first = await ask()
    expect(first.applied).toBe(1)
    expect(await ask()).toEqual({ applied: 0, pair: first.pair })
    expect(await ask({ ignore: ['table:pets'] })).toEqual({ applied: 1, pair: first.pair })
    expect(await ask({ cacheDirectory: null })).toEqual({ applied: 1, pair: first.pair })
    expect(await ask()).toEqual({ applied: 0, pair: first.pair })

    const file = (await readdir(project.revisions)).find((name) => name.includes('-c2.')) ?? ''
    const source = await readFile(path.join(project.revisions, file), 'utf8')
    await writeFile(path.join(project.revisions, file), source.replace('ix_people_born', 'ix_people_name'))
    expect((await ask()).applied).toBe(1)
    await revision('d', 'b', ['CREATE TABLE "pets" ("id" integer)'])
    expect(await ask()).toMatchObject({ applied: 1, pair: { heads: ['c2', 'd'] } })
    expect((await ask()).applied).toBe(0)
  })

  test('reports the present path of a file whose verdict is known', async () => {
    const view = (columns: string): string => `CREATE VIEW "names" AS SELECT ${columns} FROM "people"`
    await revision('a2', 'a', [view('"name"')])
    await revision('b', 'a2', ['DROP VIEW "names"', view('"id"')])
    await revision('c', 'a2', ['DROP VIEW "names"', view('"name" || 1 AS "one"')])
    const first = await ask()
    const [name = ''] = (await readdir(project.revisions)).filter((file) => file.includes('-b.'))
    await rename(path.join(project.revisions, name), path.join(project.revisions, name.replace('-b.', '-moved.')))
    const { applied, pair } = await ask()
    expect(applied).toBe(0)
    expect(JSON.stringify(pair)).toBe(JSON.stringify(first.pair).replaceAll('-b.cjs', '-moved.cjs'))
    expect(JSON.stringify(pair)).toContain('-moved.cjs')
  })

  test('applies branches again after an error, whose reason may be gone', async () => {
    await revision('b', 'a', ['ALTER TABLE "people" ADD COLUMN "born" date'])
    await revision('c', 'a', ['ALTER TABLE "people" ADD COLUMN "born" date'])
    const first = await ask()
    expect(await ask()).toEqual(first)
    expect(first).toMatchObject({ applied: 1, pair: { commute: false } })
  })

  test('compares only branches that are not merged yet', async () => {
    await revision('b', 'a', ['CREATE TABLE "pets" ("id" integer)'])
    await revision('c', 'a', ['CREATE TABLE "toys" ("id" integer)'])
    await revision('d', ['b', 'c'], [])
    await revision('e', 'd', ['CREATE TABLE "b" ("id" integer)'])
    await revision('f', 'd', ['CREATE TABLE "c" ("id" integer)'])
    await revision('g', 'd', ['CREATE TABLE "d" ("id" integer)'])
    expect((await compare()).map(({ heads, conflicts }) => [heads.join(), conflicts.length])).toEqual([
      ['e,f', 0],
      ['e,g', 0],
      ['f,g', 0],
    ])
  })
})

/** Two developers write revisions, each with only the files of their own branch. */
test('compareBranches reports a SQLite rebuild that would drop a column of the other branch', async () => {
  const project = await openProject('sqlite')
  try {
    const write = async (columns: object, revisions: string): Promise<string> => {
      const migrator = project.migrator([entity('people', { id, ...columns })], { revisions })
      const { created } = await migrator.create('people', { confirm: () => Promise.resolve(true) })
      return created?.revision ?? ''
    }
    const other = path.join(project.directory, 'other')
    await write({ name: text(50) }, project.revisions)
    await cp(project.revisions, other, { recursive: true })
    const one = await write({ name: text(20) }, project.revisions)
    const two = await write({ name: text(50), born: { type: 'date', nullable: true } }, other)
    await cp(other, project.revisions, { recursive: true })

    const [pair] = await project.migrator([]).compareBranches()
    expect(pair).toMatchObject({
      commute: false,
      conflicts: [
        {
          kind: 'order',
          object: expect.stringContaining('column people.born') as string,
          sides: [[{ revision: one }], [{ revision: two }]],
        },
      ],
    })
  } finally {
    await project.remove()
  }
})
