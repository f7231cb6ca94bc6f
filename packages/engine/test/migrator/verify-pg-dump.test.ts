import { hasPgTools } from '../../../../tools/testing/pg-tools'
import { dialectNames } from '../run/databases'
import { migration } from './plain-migration'
import { entity, id, openProject, type TestProject } from './project'

const onPostgres = dialectNames.includes('postgres') && hasPgTools ? describe : describe.skip
onPostgres('verify with pg_dump', () => {
  let project: TestProject
  beforeEach(async () => {
    project = await openProject('postgres')
  })
  afterEach(() => project.remove())

  const table = migration(
    'Table1700000000001',
    [
      'CREATE TABLE "t" ("id" serial PRIMARY KEY, "name" text, CONSTRAINT "ck" CHECK ("id" > 0))',
      `COMMENT ON CONSTRAINT "ck" ON "t" IS 'positive'`,
    ],
    ['DROP TABLE "t"'],
  )
  const downs = async (up: readonly string[], down: readonly string[]): Promise<readonly [string, string, string]> => {
    await project.write({ ...table, ...migration('Next1700000000002', up, down) })
    const plain = (await project.migrator([]).verify()).revisions[1]
    const { revisions } = await project.migrator([]).verify(undefined, { observe: true })
    return [plain?.down ?? '', revisions[1]?.down ?? '', revisions[1]?.message ?? '']
  }

  test('finds a comment that a down forgets, and the introspection does not model', async () => {
    expect(
      await downs(['ALTER TABLE "t" DROP CONSTRAINT "ck"'], ['ALTER TABLE "t" ADD CONSTRAINT "ck" CHECK ("id" > 0)']),
    ).toEqual([
      'ok',
      'differs',
      `after down, the schema is not the one before up: missing: COMMENT ON CONSTRAINT ck ON public.t IS 'positive' (pg_dump)`,
    ])
  })

  test.each([
    ['a privilege', 'GRANT SELECT ON "t" TO PUBLIC', 'GRANT SELECT ON TABLE public.t TO PUBLIC'],
    ['a target of statistics', 'ALTER TABLE "t" ALTER "name" SET STATISTICS 7', 'ALTER COLUMN name SET STATISTICS 7'],
    ['a parameter of a table', 'ALTER TABLE "t" SET (autovacuum_enabled = off)', 'WITH (autovacuum_enabled=off)'],
    ['a setting of replication', 'ALTER TABLE "t" REPLICA IDENTITY FULL', 'REPLICA IDENTITY FULL'],
    ['extended statistics', 'CREATE STATISTICS "st" ON "id", "name" FROM "t"', 'CREATE STATISTICS public.st'],
  ])('finds %s that a down leaves', async (_name, up, found) => {
    const [, down, message] = await downs([up], [])
    expect(down).toBe('differs')
    expect(message).toContain(found)
  })

  test('accepts another order of columns, and another name of the sequence of a column', async () => {
    const [, ...found] = await downs(
      ['ALTER TABLE "t" DROP COLUMN "id"', 'ALTER TABLE "t" RENAME TO "u"'],
      [
        'ALTER TABLE "u" RENAME TO "t"',
        'CREATE SEQUENCE "another" AS integer',
        `ALTER TABLE "t" ADD COLUMN "id" integer NOT NULL DEFAULT nextval('another')`,
        'ALTER SEQUENCE "another" OWNED BY "t"."id"',
        'ALTER TABLE "t" ADD CONSTRAINT "t_pkey" PRIMARY KEY ("id")',
        'ALTER TABLE "t" ADD CONSTRAINT "ck" CHECK ("id" > 0)',
        `COMMENT ON CONSTRAINT "ck" ON "t" IS 'positive'`,
      ],
    )
    expect(found).toEqual(['ok', ''])
  })

  test('accepts a default that is the moment at which its column is created', async () => {
    const up = `ALTER TABLE "t" ADD COLUMN "at" timestamp DEFAULT 'now'`
    const [, ...found] = await downs([up], ['ALTER TABLE "t" DROP COLUMN "at"'])
    expect(found).toEqual(['ok', ''])
  })

  test('finds what an up only does the first time', async () => {
    await project.write({
      ...table,
      'Once1700000000002.js': `let times = 0
module.exports = class Once1700000000002 {
  async up(queryRunner) {
    if (times++ === 0) await queryRunner.query('GRANT SELECT ON "t" TO PUBLIC')
  }
  async down(queryRunner) { await queryRunner.query('REVOKE SELECT ON "t" FROM PUBLIC') }
}`,
    })
    const { revisions } = await project.migrator([]).verify(undefined, { observe: true })
    expect(revisions[1]).toMatchObject({
      down: 'differs',
      message:
        'after down, up gives another schema than the first time: missing: GRANT SELECT ON TABLE public.t TO PUBLIC (pg_dump)',
    })
  })

  test('observes the temporary schema of a user who may not create databases', async () => {
    const { database } = project
    const name = new URL(database.address).pathname.slice(1)
    const role = `${name}_user`
    await database.rows(`CREATE ROLE "${role}" LOGIN PASSWORD 'x'`)
    await database.rows(`GRANT CREATE ON DATABASE "${name}" TO "${role}"`)
    try {
      await database.rows('CREATE TABLE "not_in_the_shadow" ("id" integer)')
      await project.write({
        ...table,
        ...migration('Next1700000000002', ['ALTER TABLE "t" ALTER "name" SET STATISTICS 7'], []),
      })
      const url = new URL(database.address)
      Object.assign(url, { username: role, password: 'x' })
      const migrator = project.migrator([], { shadow: { postgres: url.href } })
      const { revisions } = await migrator.verify(undefined, { observe: true })
      expect(revisions.map(({ down, message }) => [down, message])).toEqual([
        ['ok', ''],
        ['differs', expect.stringContaining('ALTER TABLE ONLY public.t ALTER COLUMN name SET STATISTICS 7 (pg_dump)')],
      ])
    } finally {
      await database.rows(`DROP OWNED BY "${role}"`)
      await database.rows(`DROP ROLE "${role}"`)
    }
  })

  test('accepts what entities cannot declare', async () => {
    await project.write({
      ...migration(
        'Users1700000000001',
        [
          'CREATE TABLE "users" ("id" integer NOT NULL, CONSTRAINT "PK" PRIMARY KEY ("id")) WITH (fillfactor = 70)',
          'CREATE FUNCTION "one"() RETURNS integer LANGUAGE sql AS $$ SELECT 1; $$',
          'GRANT SELECT ON "users" TO PUBLIC',
          `COMMENT ON CONSTRAINT "PK" ON "users" IS 'by hand'`,
          'ALTER TABLE "users" ALTER "id" SET STATISTICS 7',
        ],
        ['DROP FUNCTION "one"', 'DROP TABLE "users"'],
      ),
    })
    const { entities } = await project.migrator([entity('users', { id })]).verify(undefined, { observe: true })
    expect(entities).toEqual([{ dialect: 'postgres', differences: [] }])
  })
})
