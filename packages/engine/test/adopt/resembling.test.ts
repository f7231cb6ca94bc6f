import { dialectNames } from '../run/databases'
import { entity, openProject, type TestProject, text } from '../migrator/project'

const alembic = (name: string, key: string): string[] => [
  `CREATE TABLE "${name}" (version_num varchar(32) NOT NULL, CONSTRAINT "${key}" PRIMARY KEY (version_num))`,
  `INSERT INTO "${name}" VALUES ('27c6a30d7c24')`,
]

describe.each(dialectNames)('in a %s database, a table that looks like the history of a tool', (dialect) => {
  let project: TestProject
  const run = async (...statements: readonly string[]): Promise<void> => {
    for (const sql of statements) await project.database.rows(sql)
  }
  const drift = async (entities = [] as Parameters<TestProject['migrator']>[0]) => {
    const { database } = await project.migrator(entities).check({ database: true })
    return {
      operations: (database?.operations ?? []).map(({ op, name }) => `${op} ${name ?? ''}`),
      tools: database?.tools,
    }
  }

  beforeEach(async () => {
    project = await openProject(dialect)
    await run('CREATE TABLE "authors" ("id" int)')
    await project.migrator([]).adopt()
  })
  afterEach(() => project.remove())

  test.each([
    ['one word and another key', alembic('numbers', 'numbers_pk')],
    ['one word and no key', ['CREATE TABLE "numbers" (version_num varchar(32) NOT NULL)']],
    ['the name alone', ['CREATE TABLE "schema_migrations" ("version" int, "note" text)']],
    ['the columns of any table', ['CREATE TABLE "people" ("id" int, "name" text, "executed_at" text)']],
    ['the lock of another history', ['CREATE TABLE "door_lock" ("index" int, "is_locked" int)']],
  ])('is compared if it is of somebody else: %s', async (_, statements) => {
    await run(...statements)
    const [name = ''] = /(?<=TABLE ")\w+/.exec(statements[0] ?? '') ?? []
    expect(await drift()).toEqual({ operations: [`createTable ${name}`], tools: undefined })
  })

  test('is left out and named if it is that of the tool, also when it came later', async () => {
    await run(...alembic('alembic_version', 'alembic_version_pkc'))
    expect(await drift()).toEqual({ operations: [], tools: [{ name: 'Alembic', tables: ['alembic_version'] }] })
  })

  test('is compared if an entity describes it', async () => {
    const described = entity('alembic_version', { version_num: { ...text(32), primary: true } })
    await run(...alembic('alembic_version', 'alembic_version_pkc'))
    expect(await drift([described])).toEqual({ operations: ['createTable alembic_version'], tools: undefined })
  })

  test('is compared if a revision creates it', async () => {
    await project.write({
      '1999999999999-own.js': `exports.Own1999999999999 = class Own1999999999999 {
  static revision = 'cccccccccccc'
  static downRevision = '${(await project.migrator([]).current()).current[0] ?? ''}'
  async up(queryRunner) { await queryRunner.query('CREATE TABLE "alembic_version" ("version_num" varchar(32) NOT NULL)') }
  async down(queryRunner) { await queryRunner.query('DROP TABLE "alembic_version"') }
}
`,
    })
    await project.migrator([]).upgrade()
    expect(await drift()).toEqual({ operations: [], tools: undefined })
    await run('DROP TABLE "alembic_version"')
    expect(await drift()).toEqual({ operations: ['dropTable alembic_version'], tools: undefined })
  })

  const needed: readonly (readonly [string, string])[] = [
    ['a view', 'CREATE VIEW "version" AS SELECT "version_num" FROM "alembic_version"'],
    ['a foreign key', 'CREATE TABLE "uses" ("v" varchar(32) REFERENCES "alembic_version" ("version_num"))'],
  ]
  const trigger = 'CREATE TRIGGER "tr" AFTER INSERT ON "authors" BEGIN SELECT "version_num" FROM "alembic_version"; END'

  test.each([...needed, ...(dialect === 'sqlite' ? [['a trigger', trigger] as const] : [])])(
    'is a part of the first revision if %s of the project needs it',
    async (_, statement) => {
      const other = await openProject(dialect)
      try {
        for (const sql of [
          'CREATE TABLE "authors" ("id" int)',
          ...alembic('alembic_version', 'alembic_version_pkc'),
          statement,
        ])
          await other.database.rows(sql)
        expect(await other.migrator([]).adopt()).toMatchObject({ tool: { name: 'Alembic' }, tables: [] })
        expect((await other.migrator([]).check({ database: true })).database).toMatchObject({ clean: true })
        expect(Object.values(await other.files()).join('')).toContain('CREATE TABLE "alembic_version"')
      } finally {
        await other.remove()
      }
    },
  )

  test('makes no difference at a start-up, which finds the revision anyway', async () => {
    const other = await openProject(dialect)
    try {
      await other.write(await project.files())
      for (const sql of ['CREATE TABLE "authors" ("id" int)', ...alembic('alembic_version', 'alembic_version_pkc')])
        await other.database.rows(sql)
      expect(await other.migrator([]).initialize()).toMatchObject({ action: 'stamped' })
    } finally {
      await other.remove()
    }
  })

  if (dialect === 'postgres')
    test('is compared if it has the name of TypeORM’s history, in another schema and with other columns', async () => {
      await run('CREATE SCHEMA "birds"', 'CREATE TABLE "birds"."migrations" ("id" int, "from" text, "to" text)')
      expect((await drift()).operations).toEqual(['createSchema birds', 'createTable migrations'])
    })
})
