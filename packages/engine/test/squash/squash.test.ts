import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

import { byHand } from '../migrator/by-hand'
import { entity, type EntityOption, id, openProject, type TestProject, text } from '../migrator/project'
import { dialectNames, openDatabase } from '../run/databases'
import { deleteFiles, migrated, type OneDatabase, Steps, takeAway } from './history'

const yes = { confirm: () => Promise.resolve(true) }
const noBackup = { backup: 'never' } as const

describe.each(dialectNames)('squash on %s', (dialect) => {
  let project: TestProject
  const opened: OneDatabase[] = []
  const steps = new Steps()

  beforeEach(async () => {
    project = await openProject(dialect)
  })
  afterEach(async () => {
    for (const one of opened.splice(0)) {
      await one.close()
      if (one.database !== project.database) await one.database.drop()
    }
    await project.remove()
  })

  const people = (columns: object = {}) => entity('people', { id, name: text(50), ...columns })
  const born = { born: { type: 'date', nullable: true } }
  const size = { size: { type: 'int', nullable: true } }

  function create(message: string, entities: readonly EntityOption[], more: object = {}): Promise<string> {
    return steps.take(project, message, async () => {
      const { created } = await project.migrator(entities).create(message, { ...yes, ...more })
      return created?.revision ?? ''
    })
  }

  function write(message: string, up: readonly string[], down?: readonly string[]): Promise<string> {
    return steps.take(project, message, () => byHand(project, message, up, down))
  }

  /** The first is the database of the project, which neither create nor squash reads. */
  async function another(): Promise<OneDatabase> {
    const one = migrated(project, opened.length === 0 ? project.database : await openDatabase(dialect))
    opened.push(one)
    return one
  }

  const sql = (statements: { up: readonly string[] } | undefined): string => statements?.up.join('\n') ?? ''

  describe('of a whole history', () => {
    let ids: string[]

    beforeEach(async () => {
      ids = [
        await create('people', [people()]),
        await create('born', [people(born)]),
        await write(
          'guests',
          [`INSERT INTO "people" ("id", "name") VALUES (1, 'it''s'), (2, 'b')`],
          ['DELETE FROM "people"'],
        ),
        await create('size', [people({ ...born, ...size })]),
        await write('sizes', ['UPDATE "people" SET "size" = "id" * 2']),
        await create('no birthday', [people(size)], { noRename: ['people.born'] }),
      ]
    })

    const squashAll = () =>
      steps.take(project, 'squash of all', async () => {
        const { created, replaces, kept } = await project.migrator([]).squash('base:head')
        return {
          squash: created?.revision ?? '',
          replaces: replaces.map(({ revision }) => revision),
          kept: kept.map(({ revision }) => revision),
        }
      })

    test('brings every database to the same state, whatever was applied before', async () => {
      const [all, some, early, none] = [await another(), await another(), await another(), await another()]
      await all.migrator().upgrade()
      await some.migrator().upgrade(ids[3], noBackup)
      await early.migrator().upgrade(ids[0], noBackup)

      const { squash, replaces, kept } = await squashAll()
      expect(replaces).toEqual(ids)
      expect(kept).toEqual([ids[2], ids[4]])
      expect(await project.migrator([people(size)]).check()).toMatchObject({ clean: true })
      const above = await create('more', [people({ ...size, ...born })])

      expect(await all.migrator().current()).toMatchObject({ current: [squash], pending: 1 })
      expect(await some.migrator().current()).toMatchObject({ current: [ids[3]], pending: 3 })
      expect(await none.migrator().current()).toMatchObject({ current: [], pending: 2 })
      const ran = async (one: OneDatabase): Promise<string[]> =>
        (await one.migrator().upgrade('head', noBackup)).steps.map(({ revision }) => revision)
      expect(await ran(all)).toEqual([above])
      expect(await ran(some)).toEqual([ids[4], ids[5], above])
      expect(await ran(early)).toEqual([...ids.slice(1), above])
      expect(await ran(none)).toEqual([squash, above])
      const rows = [
        expect.objectContaining({ id: 1, name: "it's", size: 2 }) as unknown,
        expect.objectContaining({ id: 2, name: 'b', size: 4 }) as unknown,
      ]
      for (const one of [all, some, early, none]) {
        expect(await one.rows('people')).toEqual(rows)
        const migrator = one.migrator()
        expect(await migrator.check({ database: true })).toMatchObject({ database: { clean: true, pending: 0 } })
        expect(await migrator.current()).toMatchObject({ current: [above], upToDate: true, unknown: [] })
        expect((await migrator.downgrade('-2', noBackup)).to).toEqual([])
        expect(await one.names()).toEqual([])
        expect((await migrator.upgrade('head')).steps).toHaveLength(2)
      }
    })

    test('needs the old files only where some of them are applied, and is current afterwards', async () => {
      const [all, some, none] = [await another(), await another(), await another()]
      await all.migrator().upgrade()
      await some.migrator().upgrade(ids[1])
      const { squash } = await squashAll()
      const putBack = await takeAway(project, ids)
      expect(await all.migrator().current()).toMatchObject({ current: [squash], pending: 0, unknown: [] })
      expect(await none.migrator().upgrade()).toMatchObject({ steps: [{ revision: squash }], to: [squash] })
      await expect(some.migrator().upgrade()).rejects.toMatchObject({
        code: 'ALUDEL_SQUASH_UNFINISHED',
        message: expect.stringContaining(ids[1] ?? '') as string,
        help: expect.stringContaining('version control') as string,
      })
      expect(await some.migrator().current()).toMatchObject({
        unfinished: [{ revision: squash, missing: ids }],
      })
      await putBack()
      expect((await some.migrator().upgrade('head', noBackup)).to).toEqual([squash])
      for (const one of [all, some, none]) {
        expect((await one.migrator().history({ indicateCurrent: true })).revisions).toMatchObject([
          { revision: squash, replaces: ids, applied: true, isCurrent: true },
        ])
      }
    })

    test("works under TypeORM's own runner, with the old files and without them", async () => {
      const run = async (one: OneDatabase) => one.database.connect({ migrations: [`${project.revisions}/*.ts`] })
      const [all, some, none] = [await another(), await another(), await another()]
      await all.migrator().upgrade()
      await some.migrator().upgrade(ids[1])
      await squashAll()
      for (const one of [all, some, none]) {
        const theirs = await run(one)
        await theirs.runMigrations()
        expect(await one.rows('people')).toHaveLength(2)
        expect(await one.migrator().current()).toMatchObject({ upToDate: true, unknown: [] })
        await theirs.undoLastMigration()
        await theirs.runMigrations()
        expect(await one.rows('people')).toHaveLength(2)
      }
      await deleteFiles(project, ids)
      const fresh = await another()
      await (await run(fresh)).runMigrations()
      expect(await fresh.rows('people')).toHaveLength(2)
      expect(await fresh.names()).toHaveLength(1)
      await (await run(all)).runMigrations()
      expect(await all.rows('people')).toHaveLength(2)
      await (await run(fresh)).undoLastMigration()
      expect(await fresh.names()).toEqual([])
    })

    test('can be squashed again after the old files are deleted', async () => {
      const [first, second, third] = [await another(), await another(), await another()]
      await first.migrator().upgrade()
      const { squash: one } = await squashAll()
      await second.migrator().upgrade()
      const above = await create('more', [people({ ...size, ...born })])
      await first.migrator().upgrade()
      await deleteFiles(project, ids)
      const { created: two, replaces } = await project.migrator([]).squash('base:head')
      expect(replaces.map(({ revision }) => revision)).toEqual([one, above])
      await second.migrator().upgrade()
      await deleteFiles(project, [one, above])
      await third.migrator().upgrade()
      for (const database of [first, second, third]) {
        expect(await database.migrator().current()).toMatchObject({ current: [two?.revision], pending: 0, unknown: [] })
        expect(await database.migrator().check({ database: true })).toMatchObject({ database: { clean: true } })
        const theirs = await database.database.connect({ migrations: [`${project.revisions}/*.ts`] })
        await theirs.runMigrations()
        expect(await database.rows('people')).toHaveLength(2)
      }
    })

    test('can be stamped and scripted like any other revision', async () => {
      const some = await another()
      await some.migrator().upgrade(ids[1])
      const { squash } = await squashAll()
      await some.migrator().stamp(['head'], { force: true })
      expect(await some.migrator().current()).toMatchObject({ current: [squash] })
      await some.migrator().stamp(['base'], { force: true })
      expect(await some.names()).toEqual([])
      const { statements } = await some.migrator().sql('upgrade', 'base:head')
      expect(statements.filter((line) => line.includes('INSERT INTO "people"'))).toHaveLength(1)
      expect(statements.filter((line) => line.includes('aludel_journal" ('))).not.toEqual([])
    })
  })

  describe('in the middle of a history', () => {
    /** A database at the first revision, with one row. */
    async function withRow(): Promise<OneDatabase> {
      const one = await another()
      await one.migrator().upgrade((await project.migrator([]).history()).revisions.at(-1)?.revision)
      await one.database.rows(`INSERT INTO "people" ("id", "name") VALUES (7, 'seven')`)
      return one
    }

    test('combines several schema changes into one and keeps rows', async () => {
      const first = await create('people', [people()])
      const low = await create('born', [people(born)])
      await create('size', [people({ ...born, ...size })])
      const high = await create('no birthday', [people(size)], { noRename: ['people.born'] })
      const above = await create('notes', [people({ ...size, notes: text(9, { nullable: true }) })])
      const [old, fresh] = [await withRow(), await withRow()]
      await old.migrator().upgrade('head', noBackup)
      const { created, kept, sql: statements } = await project.migrator([]).squash(`${low}:${high}`)
      expect(kept).toEqual([])
      expect(sql(statements[dialect])).not.toContain('born')
      expect(await readFile(created?.path ?? '', 'utf8')).toContain(`downRevision = '${first}'`)
      // Revisions that depend on the old ones are not rewritten.
      const { steps } = await fresh.migrator().upgrade('head', noBackup)
      expect(steps.map(({ revision }) => revision)).toEqual([created?.revision, above])
      expect(await fresh.rows('people')).toEqual(await old.rows('people'))
      expect(await project.migrator([]).heads()).toMatchObject({ heads: [{ revision: above }] })
      await deleteFiles(project, [low, high])
      expect(await old.migrator().current()).toMatchObject({ current: [above], pending: 0 })
      const third = await withRow()
      await deleteFiles(
        project,
        (await project.migrator([]).show(created?.revision ?? '')).revisions[0]?.replaces ?? [],
      )
      const theirs = await third.database.connect({ migrations: [`${project.revisions}/*.ts`] })
      await theirs.runMigrations()
      expect(await theirs.query('SELECT * FROM "people"')).toHaveLength(1)
    })

    test('keeps a rename and a backfill as they were written', async () => {
      await create('people', [people()])
      const low = await create('title', [entity('people', { id, title: text(50) })], { rename: ['people.name=title'] })
      await create('rank', [entity('people', { id, title: text(50), rank: { type: 'int' } })], {
        backfill: [`people.rank=length("title")`],
      })
      const [old, fresh] = [await withRow(), await withRow()]
      await old.migrator().upgrade('head', noBackup)
      const { kept } = await project.migrator([]).squash(`${low}:`)
      expect(kept).toHaveLength(2)
      await fresh.migrator().upgrade('head', noBackup)
      expect(await fresh.rows('people')).toEqual([{ id: 7, title: 'seven', rank: 5 }])
      expect(await fresh.rows('people')).toEqual(await old.rows('people'))
      await fresh.migrator().downgrade('-1', noBackup)
      expect(await fresh.rows('people')).toEqual([{ id: 7, name: 'seven' }])
    })

    test('refuses a revision that reads rows before it acts, and names it', async () => {
      await create('people', [people()])
      const low = await create('born', [people(born)])
      const code = `for (const row of await queryRunner.query('SELECT "id" FROM "people"'))
      await queryRunner.query('UPDATE "people" SET "name" = ' + String(row.id))`
      const reader = await byHand(project, 'by code', code)
      const before = await project.files()
      const migrator = project.migrator([])
      await expect(migrator.squash(`${low}:head`)).rejects.toMatchObject({
        code: 'ALUDEL_SQUASH',
        message: expect.stringMatching(
          new RegExp(`^${reader} \\(by code\\) does more .*reads rows of people`),
        ) as string,
        help: expect.stringContaining('by-code.ts') as string,
        details: { revisions: [reader] },
      })
      expect(await project.files()).toEqual(before)
      // From base, the tables have no rows to read.
      expect((await migrator.squash('base:head')).kept).toEqual([])
    })

    test('refuses a revision that writes different values on each run', async () => {
      await create('people', [people()])
      const random = await byHand(
        project,
        'random',
        `await queryRunner.query("INSERT INTO people VALUES (" + Math.floor(Math.random() * 1e9) + ", 'x')")`,
      )
      await expect(project.migrator([]).squash('base:head')).rejects.toMatchObject({
        code: 'ALUDEL_SQUASH',
        message: expect.stringContaining(`${random} (random)`) as string,
      })
    })

    test('refuses a range with several heads or with a branch from its middle', async () => {
      const first = await create('people', [people()])
      const second = await create('born', [people(born)])
      const third = await create('size', [people({ ...born, ...size })])
      const branch = await byHand(project, 'x', [], [])
      await project
        .migrator([])
        .create('side', { autogenerate: false, head: second, splice: true, revisionId: 'aa51de' })
      for (const range of [`base:${third}`, `${first}:${branch}`])
        await expect(project.migrator([]).squash(range)).rejects.toMatchObject({
          code: 'ALUDEL_SQUASH',
          message: `aa51de (side) depends on ${second} (born), in the middle of the range`,
        })
      await expect(project.migrator([]).squash('base:heads')).rejects.toMatchObject({
        code: 'ALUDEL_SQUASH',
        message: expect.stringContaining('ends in 2 revisions') as string,
      })
      const migrator = project.migrator([])
      await migrator.merge(['heads'], yes)
      const { created, replaces } = await migrator.squash(`${third}:head`)
      expect(replaces.map(({ message }) => message)).toEqual(
        expect.arrayContaining(['size', 'x', 'side', expect.stringContaining('merge')]) as string[],
      )
      expect(await readFile(created?.path ?? '', 'utf8')).toContain(`downRevision = '${second}'`)
      expect((await migrator.squash(`${second}:head`)).replaces).toHaveLength(2)
      expect((await migrator.squash('base:head')).replaces).toHaveLength(2)
    })
  })

  test('keeps the labels and dependencies of the revisions it replaces', async () => {
    const other = await byHand(project, 'other line', [], [], 'aa0001')
    await project
      .migrator([])
      .create('reports', { autogenerate: false, head: 'base', branchLabels: ['reports'], dependsOn: [other] })
    await project.migrator([]).create('second', { autogenerate: false, head: 'reports@head' })
    const { created } = await project.migrator([]).squash('reports@base:reports@head')
    const [squash] = (await project.migrator([]).show('reports@head')).revisions
    expect(squash).toMatchObject({ revision: created?.revision, branchLabels: ['reports'], dependsOn: [other] })
    const one = await another()
    expect((await one.migrator().upgrade('reports@head')).steps.map(({ revision }) => revision)).toEqual([
      other,
      created?.revision,
    ])
  })

  test('writes no file with dryRun or when it refuses the range', async () => {
    const ids = [await create('people', [people()]), await create('born', [people(born)])]
    const before = await project.files()
    const migrator = project.migrator([])
    const { created, sql: statements } = await migrator.squash('base:head', { dryRun: true })
    expect(created).toBeNull()
    expect(sql(statements[dialect])).toContain('CREATE TABLE')
    const refusals: readonly [string, string][] = [
      [`${ids[0] ?? ''}:${ids[0] ?? ''}`, 'ALUDEL_NOTHING_TO_DO'],
      [ids[1] ?? '', 'ALUDEL_NOTHING_TO_DO'],
      ['head:base', 'ALUDEL_NOT_A_TARGET'],
      ['zz:head', 'ALUDEL_UNKNOWN_REVISION'],
    ]
    for (const [range, code] of refusals) await expect(migrator.squash(range)).rejects.toMatchObject({ code })
    expect(await project.files()).toEqual(before)
  })

  test('absorbs an index built outside a transaction only where there are no rows yet', async () => {
    const concurrently = dialect === 'postgres' ? 'CONCURRENTLY' : ''
    const first = await create('people', [people()])
    const second = await create('born', [people(born)])
    const outside = await byHand(
      project,
      'index',
      [`CREATE INDEX ${concurrently} "ix" ON "people" ("name")`],
      ['DROP INDEX "ix"'],
    )
    const [file] = Object.entries(await project.files()).find(([name]) => name.endsWith('index.ts')) ?? ['', '']
    const where = path.join(project.revisions, file)
    const content = await readFile(where, 'utf8')
    await writeFile(where, content.replace('  async up', '  readonly transaction = false\n\n  async up'))
    const migrator = project.migrator([])
    const { kept, sql: statements } = await migrator.squash('base:head', { dryRun: true })
    expect(kept).toEqual([])
    // In one transaction with the table.
    expect(sql(statements[dialect])).toContain('CREATE INDEX "ix" ON "people" ("name")')
    await expect(migrator.squash(`${second}:head`)).rejects.toMatchObject({
      code: 'ALUDEL_SQUASH',
      message: expect.stringMatching(new RegExp(`^${outside} .*outside a transaction$`)) as string,
    })
    const { replaces } = await migrator.squash(`${first}:${second}`)
    expect(replaces.map(({ revision }) => revision)).toEqual([first, second])
  })

  test('keeps a statement that the schema comparison does not detect', async () => {
    await create('people', [people()])
    const statement = dialect === 'postgres' ? 'GRANT SELECT ON "people" TO PUBLIC' : 'PRAGMA user_version = 7'
    const grant = await byHand(project, 'grant', [statement])
    const { kept, sql: statements } = await project.migrator([]).squash('base:head')
    expect(kept).toMatchObject([{ revision: grant }])
    expect(sql(statements[dialect])).toContain(statement)
  })
})
