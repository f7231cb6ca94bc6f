import { writeFile } from 'node:fs/promises'
import path from 'node:path'

import type { AdoptResult } from '../../src/results'
import { entity, id, openProject, type TestProject, text } from '../migrator/project'
import { dialectNames, tableNames } from '../run/databases'
import { toolDatabases } from './tool-tables'

const first = entity('authors', { id, name: text(50) })
const grown = entity('authors', { id, name: text(50), age: { type: 'int', nullable: true } })

describe.each(dialectNames)('a %s database that others made', (dialect) => {
  let project: TestProject
  const migrator = () => project.migrator([grown])
  const rows = (sql: string) => project.database.rows(sql)
  const run = async (statements: readonly string[]): Promise<void> => {
    for (const sql of statements) await rows(sql)
  }

  beforeEach(async () => {
    project = await openProject(dialect)
    await project.migrator([first]).create('first', { revisionId: 'aaaaaaaaaaaa' })
    await project.migrator([grown]).create('age', { revisionId: 'bbbbbbbbbbbb' })
  })
  afterEach(() => project.remove())

  /** Makes the tables of the first revision, with a row. */
  async function synchronize(entities = [first]): Promise<void> {
    await (await project.database.connect({ entities })).synchronize()
    await rows(`INSERT INTO "authors" ("id", "name") VALUES (1, 'Ann')`)
  }

  describe.each(toolDatabases[dialect])('with $tool', ({ tool, table, tables, last, statements }) => {
    test('is recognized and taken over at the revision whose schema it has; nothing of the tool is touched', async () => {
      await synchronize()
      await run(statements)
      const before = await tableNames(project.database)
      const quoted = table
        .split('.')
        .map((part) => `"${part}"`)
        .join('.')
      const history = await rows(`SELECT * FROM ${quoted}`)
      const plans: AdoptResult[] = []
      const confirm = (plan: AdoptResult) => {
        plans.push(plan)
        return Promise.resolve(true)
      }
      const result = await migrator().adopt({ confirm })
      expect(result).toEqual({
        tool: { name: tool, table, last },
        others: [],
        tables,
        ignore: [...(table.startsWith('drizzle.') ? ['schema:drizzle'] : []), ...tables.map((name) => `table:${name}`)],
        matches: 'aaaaaaaaaaaa',
        nearest: 'aaaaaaaaaaaa',
        stamped: ['aaaaaaaaaaaa'],
        ...{ unproved: [], forgotten: [], created: null, renames: [], sql: [], backup: null, differences: [] },
      })
      expect(plans).toEqual([result])
      expect(await tableNames(project.database)).toEqual(before)
      expect(await rows(`SELECT * FROM ${quoted}`)).toEqual(history)
      expect(await rows('SELECT "id", "name" FROM "authors"')).toEqual([{ id: 1, name: 'Ann' }])
      for (const ignore of [[], result.ignore]) {
        const { database } = await project.migrator([grown], { ignore }).check({ database: true })
        expect(database).toMatchObject({ clean: true, pending: 1 })
      }
      expect((await migrator().upgrade('head', { backup: 'never' })).steps).toMatchObject([
        { revision: 'bbbbbbbbbbbb' },
      ])
    })
  })

  test('without any history is nobody’s, and is taken over at the newest revision', async () => {
    await synchronize([grown])
    expect(await migrator().adopt()).toMatchObject({ tool: null, tables: [], matches: 'bbbbbbbbbbbb' })
    expect(await migrator().check({ database: true })).toMatchObject({ database: { clean: true, pending: 0 } })
    const { runs } = await migrator().journal()
    expect(runs).toMatchObject([
      { revision: 'bbbbbbbbbbbb', direction: 'stamp' },
      { revision: 'aaaaaaaaaaaa', direction: 'stamp' },
    ])
  })

  test('is not taken for that of a tool by the name of a table alone', async () => {
    await synchronize()
    await run([
      'CREATE TABLE "knex_migrations" ("id" int, "name" varchar(50))',
      'CREATE TABLE "alembic_version" ("v" int)',
    ])
    expect(await migrator().adopt()).toMatchObject({
      tool: null,
      matches: null,
      stamped: [],
      differences: [
        { op: 'createTable', name: 'alembic_version' },
        { op: 'createTable', name: 'knex_migrations' },
      ],
    })
  })

  test('is recognized where a tool has chosen another name for its table, and several tools are all named', async () => {
    await synchronize()
    const of = (tool: string) => toolDatabases[dialect].find((one) => one.tool === tool)?.statements ?? []
    await run(of('Knex').map((sql) => sql.replaceAll('knex_migrations', 'migrations_of_knex')))
    await run(of('Alembic').map((sql) => sql.replaceAll('alembic_version', 'versions')))
    expect(await migrator().adopt()).toMatchObject({
      tool: { name: 'Alembic', table: 'versions', last: '27c6a30d7c24' },
      others: [{ name: 'Knex', table: 'migrations_of_knex', last: '20240102_emails.js' }],
      tables: ['migrations_of_knex', 'migrations_of_knex_lock', 'versions'],
      stamped: ['aaaaaaaaaaaa'],
    })
  })

  test('is left as it is without a yes', async () => {
    await synchronize()
    await expect(migrator().adopt({ confirm: () => Promise.resolve(false) })).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      kind: 'refused',
      help: 'would record aaaaaaaaaaaa as applied\nNothing was changed. Confirm with --yes.',
    })
    expect(await migrator().current()).toMatchObject({ current: [], tables: ['authors'] })
  })

  test('is left as it is if it changes while a yes is waited for', async () => {
    await synchronize()
    const confirm = async () => {
      await rows('ALTER TABLE "authors" ADD COLUMN "age" int')
      return true
    }
    await expect(migrator().adopt({ confirm })).rejects.toMatchObject({
      code: 'ALUDEL_CONFIRMATION',
      message: 'the database changed while waiting for confirmation',
    })
    expect((await migrator().current()).current).toEqual([])
  })

  test('is compared with one revision if it is named', async () => {
    await synchronize([grown])
    const { matches, nearest, differences } = await migrator().adopt({ revision: 'aaaa' })
    expect({ matches, nearest, differences }).toMatchObject({
      matches: null,
      nearest: 'aaaaaaaaaaaa',
      differences: [
        { op: 'addColumn', ahead: 'database', explanation: expect.stringContaining('authors.age') as string },
      ],
    })
    expect(await migrator().adopt({ revision: 'head' })).toMatchObject({ stamped: ['bbbbbbbbbbbb'] })
  })

  test('is refused if it has run these revisions, and if it has no tables', async () => {
    await expect(migrator().adopt()).rejects.toMatchObject({ code: 'ALUDEL_NOTHING_TO_DO', kind: 'answer' })
    await migrator().upgrade('aaaa')
    await expect(migrator().adopt()).rejects.toMatchObject({
      code: 'ALUDEL_HISTORY_EXISTS',
      kind: 'refused',
      message: 'the database has a history of these revisions already: it is at aaaaaaaaaaaa',
      details: { current: ['aaaaaaaaaaaa'], halfway: [] },
    })
  })

  test('is refused if revisions were run in it whose files are not here', async () => {
    const other = await openProject(dialect)
    try {
      await project.migrator([grown]).upgrade()
      const elsewhere = project.migrator([grown], { revisions: other.revisions })
      await expect(elsewhere.adopt()).rejects.toMatchObject({ code: 'ALUDEL_UNKNOWN_APPLIED', kind: 'refused' })
      expect(await other.files()).toEqual({})
      expect((await migrator().current()).current).toEqual(['bbbbbbbbbbbb'])
    } finally {
      await other.remove()
    }
  })

  test('with migrations of TypeORM that have no file is taken over, and these are removed from the history', async () => {
    await synchronize()
    await run(
      dialect === 'sqlite'
        ? [
            'CREATE TABLE "migrations" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "timestamp" bigint NOT NULL, "name" varchar NOT NULL)',
          ]
        : [
            'CREATE TABLE "migrations" ("id" SERIAL NOT NULL, "timestamp" bigint NOT NULL, "name" character varying NOT NULL, PRIMARY KEY ("id"))',
          ],
    )
    await rows(`INSERT INTO "migrations" ("timestamp", "name") VALUES (1500000000000, 'Old1500000000000')`)
    expect(await migrator().adopt()).toMatchObject({
      tool: {
        name: 'TypeORM',
        table: expect.stringMatching(/^(public\.)?migrations$/) as string,
        last: 'Old1500000000000',
      },
      forgotten: ['Old1500000000000'],
      stamped: ['aaaaaaaaaaaa'],
    })
    expect(await migrator().current()).toMatchObject({ current: ['aaaaaaaaaaaa'], unknown: [] })
    const { runs } = await migrator().journal()
    expect(runs.map(({ name }) => name)).toContain('Old1500000000000')
  })

  describe('that may have run a revision which changes rows alone', () => {
    const write = (name: string, revision: string, down: string, sql: string): Promise<void> =>
      writeFile(
        path.join(project.revisions, `${name.slice(-13)}-${name.slice(0, 4)}.js`),
        `exports.${name} = class ${name} {
  static revision = '${revision}'
  static downRevision = '${down}'
  async up(queryRunner) { await queryRunner.query(${JSON.stringify(sql)}) }
  async down() {}
}
`,
      )
    beforeEach(async () => {
      await write('Fill1999999999998', 'cccccccccccc', 'bbbbbbbbbbbb', 'UPDATE "authors" SET "age" = 1')
      await synchronize([grown])
    })

    test('is taken over there, and the revision is named, whether it is the head or not', async () => {
      const agreed: AdoptResult[] = []
      const confirm = (plan: AdoptResult) => {
        agreed.push(plan)
        return Promise.resolve(false)
      }
      await expect(migrator().adopt({ confirm })).rejects.toMatchObject({
        help: expect.stringContaining('cccccccccccc changes no schema: the database cannot show') as string,
      })
      await write('Next1999999999999', 'dddddddddddd', 'cccccccccccc', 'CREATE TABLE "later" ("id" int)')
      await migrator()
        .adopt({ confirm })
        .catch(() => undefined)
      expect(agreed).toMatchObject(
        Array(2).fill({ stamped: ['cccccccccccc'], unproved: ['cccccccccccc'], matches: 'cccccccccccc' }),
      )
      expect(await migrator().adopt()).toMatchObject({ stamped: ['cccccccccccc'] })
      expect(await rows('SELECT "age" FROM "authors"')).toEqual([{ age: null }])
    })

    test('is taken over before it if that is asked for, and then runs it', async () => {
      expect(await migrator().adopt({ revision: 'bbbb' })).toMatchObject({ stamped: ['bbbbbbbbbbbb'], unproved: [] })
      await migrator().upgrade('head', { backup: 'never' })
      expect(await rows('SELECT "age" FROM "authors"')).toEqual([{ age: 1 }])
    })
  })

  test('shows its differences from the nearest revision, and changes nothing, if no revision has its schema', async () => {
    await synchronize()
    await rows('ALTER TABLE "authors" ADD COLUMN "extra" int')
    const confirm = jest.fn(() => Promise.resolve(true))
    expect(await migrator().adopt({ confirm })).toMatchObject({
      matches: null,
      nearest: 'aaaaaaaaaaaa',
      stamped: [],
      differences: [
        {
          op: 'addColumn',
          table: 'authors',
          name: 'extra',
          dialects: [dialect],
          ahead: 'database',
          explanation: expect.stringMatching(/^the database has column authors\.extra int/) as string,
        },
      ],
    })
    expect(confirm).not.toHaveBeenCalled()
    expect(await migrator().current()).toMatchObject({ current: [], tables: ['authors'] })
  })

  describe('with revisions on two branches', () => {
    const write = (idOf: string, table: string): Promise<void> =>
      writeFile(
        path.join(project.revisions, `1999999999999-${table}.js`),
        `exports.X${table}1999999999999 = class X${table}1999999999999 {
  static revision = '${idOf}'
  static downRevision = 'bbbbbbbbbbbb'
  async up(queryRunner) { await queryRunner.query('CREATE TABLE "${table}" ("id" int)') }
  async down(queryRunner) { await queryRunner.query('DROP TABLE "${table}"') }
}
`,
      )
    beforeEach(async () => {
      await write('cccccccccccc', 'left')
      await write('dddddddddddd', 'right')
      await synchronize([grown])
    })

    test.each([
      [[], ['bbbbbbbbbbbb']],
      [['left'], ['cccccccccccc']],
      [['right'], ['dddddddddddd']],
      [
        ['left', 'right'],
        ['cccccccccccc', 'dddddddddddd'],
      ],
    ])('and tables %j is taken over at %j', async (tables, stamped) => {
      await run(tables.map((table) => `CREATE TABLE "${table}" ("id" int)`))
      const result = await migrator().adopt()
      expect([...result.stamped].sort()).toEqual(stamped)
      expect([...(await migrator().current()).current].sort()).toEqual(stamped)
    })
  })

  test('is taken over by one of two at once, and the other is told that it has a history', async () => {
    await synchronize()
    const both = await Promise.allSettled([migrator().adopt(), migrator().adopt()])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'ALUDEL_HISTORY_EXISTS' },
    })
  })

  test('keeps a table that looks like that of a tool if a revision creates it', async () => {
    await writeFile(
      path.join(project.revisions, '1999999999999-own.js'),
      `exports.Own1999999999999 = class Own1999999999999 {
  static revision = 'cccccccccccc'
  static downRevision = 'bbbbbbbbbbbb'
  async up(queryRunner) { await queryRunner.query('CREATE TABLE "numbers" ("version_num" varchar(32) NOT NULL)') }
  async down() {}
}
`,
    )
    await synchronize([grown])
    await rows('CREATE TABLE "numbers" ("version_num" varchar(32) NOT NULL)')
    expect(await migrator().adopt()).toMatchObject({ stamped: ['cccccccccccc'] })
  })

  if (dialect === 'postgres')
    test('with its tables in the schema of the DataSource is taken over there', async () => {
      const inApp = { type: 'int', primary: true } as const
      const orders = entity('orders', { id: inApp }, { schema: 'app' })
      const other = await openProject(dialect)
      try {
        const dataSource = () => other.dataSource([orders], { schema: 'app' } as object)
        const of = () => other.migrator([orders], { dataSource: dataSource() })
        await of().create('orders', { revisionId: 'eeeeeeeeeeee' })
        await other.database.rows('CREATE SCHEMA "app"')
        await (await other.database.connect({ entities: [orders], schema: 'app' } as object)).synchronize()
        expect(await of().adopt()).toMatchObject({ stamped: ['eeeeeeeeeeee'], tool: null })
        expect(await of().check({ database: true })).toMatchObject({ database: { clean: true } })
      } finally {
        await other.remove()
      }
    })
})
