import { DataSource, type DataSourceOptions } from 'typeorm'

import { entity, id, text } from '../migrator/project'
import { rejection } from '../run/revisions'
import { idOf, type KeptProject, openKept, type TestRevision } from './project'

const keep = { keepDropped: true, backup: 'never' } as const
const never = { backup: 'never' } as const
const yes = { confirm: () => Promise.resolve(true) }

/** What TypeORM writes for entities with a relation and an enum. */
const create: TestRevision = {
  up: [
    `CREATE TYPE "public"."posts_state_enum" AS ENUM('draft', 'open', 'closed')`,
    `CREATE TABLE "posts" ("id" SERIAL NOT NULL, "title" character varying NOT NULL, "note" text, "state" "public"."posts_state_enum" NOT NULL DEFAULT 'draft', CONSTRAINT "PK_posts" PRIMARY KEY ("id"))`,
    `CREATE TABLE "tags" ("id" SERIAL NOT NULL, "name" character varying NOT NULL, "post" integer, CONSTRAINT "PK_tags" PRIMARY KEY ("id"))`,
    `ALTER TABLE "tags" ADD CONSTRAINT "FK_post" FOREIGN KEY ("post") REFERENCES "posts"("id") ON DELETE SET NULL ON UPDATE NO ACTION`,
  ],
  down: [
    `ALTER TABLE "tags" DROP CONSTRAINT "FK_post"`,
    `DROP TABLE "tags"`,
    `DROP TABLE "posts"`,
    `DROP TYPE "public"."posts_state_enum"`,
  ],
}
const dropColumns: TestRevision = {
  up: [
    `ALTER TABLE "posts" DROP COLUMN "title"`,
    `ALTER TABLE "posts" DROP COLUMN "state"`,
    `DROP TYPE "public"."posts_state_enum"`,
    `ALTER TABLE "posts" DROP COLUMN "note"`,
  ],
  down: [
    `ALTER TABLE "posts" ADD "note" text`,
    `CREATE TYPE "public"."posts_state_enum" AS ENUM('draft', 'open', 'closed')`,
    `ALTER TABLE "posts" ADD "state" "public"."posts_state_enum" NOT NULL DEFAULT 'draft'`,
    `ALTER TABLE "posts" ADD "title" character varying NOT NULL`,
  ],
}
const dropTables: TestRevision = {
  up: [`ALTER TABLE "tags" DROP CONSTRAINT "FK_post"`, `DROP TABLE "posts"`, `DROP TABLE "tags"`],
  down: [
    `CREATE TABLE "tags" ("id" SERIAL NOT NULL, "name" character varying NOT NULL, "post" integer, CONSTRAINT "PK_tags" PRIMARY KEY ("id"))`,
    `CREATE TABLE "posts" ("id" SERIAL NOT NULL, CONSTRAINT "PK_posts" PRIMARY KEY ("id"))`,
    `ALTER TABLE "tags" ADD CONSTRAINT "FK_post" FOREIGN KEY ("post") REFERENCES "posts"("id") ON DELETE SET NULL ON UPDATE NO ACTION`,
  ],
}
const all = [create, dropColumns, dropTables]

describe('upgrade with keepDropped on PostgreSQL', () => {
  let project: KeptProject
  beforeEach(async () => {
    project = await openKept('postgres')
  })
  afterEach(() => project.remove())

  const rows = (sql: string): Promise<Record<string, unknown>[]> => project.rows(sql)
  const insert = (): Promise<void> =>
    project.run(
      `INSERT INTO posts (title, note, state) VALUES ('a', 'x', 'open'), ('b', NULL, 'closed'), ('c', 'z', 'draft')`,
      `INSERT INTO tags (name, post) VALUES ('t', 1), ('u', 2), ('v', NULL)`,
    )
  const state = (): Promise<unknown> =>
    Promise.all([
      rows('SELECT id, title, note, state FROM posts ORDER BY id'),
      rows('SELECT id, name, post FROM tags ORDER BY id'),
    ])

  test('gives back, several revisions deep, what all of them dropped', async () => {
    const migrator = await project.of(all)
    await migrator.upgrade(idOf('a'))
    await insert()
    const before = await state()
    const up = await migrator.upgrade('head', keep)
    expect(up.kept?.map(({ kind, table, column, rows: n }) => [kind, table, column, n])).toEqual([
      ['column', 'posts', 'title', 3],
      ['column', 'posts', 'state', 3],
      ['column', 'posts', 'note', 3],
      ['table', 'posts', null, 3],
      ['table', 'tags', null, 3],
    ])
    expect(await migrator.check({ database: true })).toMatchObject({ database: { clean: true } })
    expect((await migrator.info()).tables.map(({ name }) => name)).toEqual(['aludel_journal', 'migrations'])
    expect(await migrator.info()).toMatchObject({ kept: { entries: 5, rows: 15 } })

    const plan = await migrator.plan('downgrade', idOf('a'))
    expect(plan.steps.map(({ givesBack }) => givesBack?.length)).toEqual([2, 3])
    await migrator.downgrade(idOf('a'), never)
    expect(await state()).toEqual(before)
    expect(await migrator.check({ database: true })).toMatchObject({ database: { clean: true } })
    expect((await migrator.kept()).kept).toEqual([])
    expect(await rows(`SELECT to_regnamespace('aludel_kept') AS name`)).toEqual([{ name: null }])
    expect(await rows(`INSERT INTO posts (title) VALUES ('d') RETURNING id`)).toEqual([{ id: 4 }])
    expect(project.warnings).toEqual([])
  })

  test('gives back in one run of one transaction', async () => {
    const migrator = await project.of(all)
    await migrator.upgrade(idOf('a'))
    await insert()
    const before = await state()
    await migrator.upgrade('head', { ...keep, transaction: 'all' })
    await migrator.downgrade(idOf('a'), { ...never, transaction: 'all' })
    expect(await state()).toEqual(before)
  })

  test('leaves after a prune what a plain upgrade leaves, and no differences before', async () => {
    const migrator = await project.of([create, dropColumns])
    await migrator.upgrade(idOf('a'))
    await insert()
    await migrator.upgrade('head', keep)
    expect(await migrator.check({ database: true })).toMatchObject({ database: { clean: true } })
    expect(await migrator.pruneKept({ all: true })).toMatchObject({ left: 0 })
    expect(
      await rows(`SELECT attname FROM pg_attribute WHERE attname LIKE 'aludel%' AND NOT attisdropped
      UNION ALL SELECT nspname FROM pg_namespace WHERE nspname LIKE 'aludel%' UNION ALL SELECT conname FROM pg_constraint WHERE conname LIKE 'aludel\\_kept%'`),
    ).toEqual([])
    expect(await migrator.check({ database: true })).toMatchObject({ database: { clean: true } })
    // Nothing is left to give back, so the rows stop a column that is NOT NULL, as ever.
    expect(await rejection(migrator.downgrade('-1', never))).toMatchObject({ code: 'ALUDEL_STATEMENT' })
  })

  test('keeps what statements drop that the revision does not await one by one', async () => {
    const create3: TestRevision = {
      up: [
        'CREATE TABLE a (id int)',
        'CREATE TABLE b (id int)',
        'CREATE TABLE c (id int)',
        'INSERT INTO a VALUES (1)',
        'INSERT INTO b VALUES (2)',
        'INSERT INTO c VALUES (3)',
      ],
      down: [],
    }
    const down = ['CREATE TABLE a (id int)', 'CREATE TABLE b (id int)', 'CREATE TABLE c (id int)']
    const migrator = await project.of([
      create3,
      {
        up: [],
        down,
        upCode: `await Promise.all(['a', 'b', 'c'].map((name) => queryRunner.query('DROP TABLE ' + name)))`,
      },
    ])
    await migrator.upgrade(idOf('a'))
    expect((await migrator.upgrade('head', keep)).kept?.map(({ table, rows: n }) => [table, n])).toEqual([
      ['a', 1],
      ['b', 1],
      ['c', 1],
    ])
    await migrator.downgrade('-1', never)
    expect(await rows('SELECT a.id AS a, b.id AS b, c.id AS c FROM a, b, c')).toEqual([{ a: 1, b: 2, c: 3 }])
  })

  test('names what is kept and what is not before anything runs', async () => {
    const migrator = await project.of([
      create,
      { up: [`ALTER TABLE posts DROP COLUMN note`, 'DELETE FROM tags', `DO $$ BEGIN PERFORM 1; END $$`], down: [] },
    ])
    await migrator.upgrade(idOf('a'))
    await migrator.upgrade('head', keep)
    expect(project.warnings).toEqual([
      expect.stringMatching(/loses all rows of tags, which is not kept: a statement of the revision deletes rows$/),
      expect.stringMatching(/loses whatever it does: runs code that cannot be read/),
    ])
  })

  test('refuses rows that were inserted since and have no value, before anything runs', async () => {
    const migrator = await project.of([create, dropColumns])
    await migrator.upgrade(idOf('a'))
    await insert()
    await migrator.upgrade('head', keep)
    await project.run('INSERT INTO posts DEFAULT VALUES', 'INSERT INTO posts DEFAULT VALUES')
    const plan = await migrator.plan('downgrade')
    expect(plan.steps[0]?.givesBack).toMatchObject([
      { column: 'title', rows: 3, since: 2, gets: null },
      { column: 'state', rows: 3, since: 2, gets: expect.stringContaining(`the default 'draft'`) as string },
      { column: 'note', rows: 3, since: 2, gets: 'NULL' },
    ])
    const error = await rejection(migrator.downgrade('-1', never))
    expect(error).toMatchObject({
      code: 'ALUDEL_GIVE_BACK',
      details: { revision: idOf('b'), table: 'posts', column: 'title', rows: 2 },
    })
    await project.run('DELETE FROM posts WHERE id > 3')
    await migrator.downgrade('-1', never)
    expect(await rows('SELECT title FROM posts ORDER BY id')).toEqual([{ title: 'a' }, { title: 'b' }, { title: 'c' }])
  })

  test('gives back what the revisions of the tool dropped and mapped, with their guards', async () => {
    const people = (columns: object, mood: readonly string[]) => [
      entity('people', {
        id,
        name: text(40),
        mood: { type: 'enum', enum: [...mood], enumName: 'mood' },
        ...columns,
      } as Parameters<typeof entity>[1]),
    ]
    const many = people(
      { age: { type: 'int' }, nick: text(40, { nullable: true }), born: { type: 'numeric', precision: 10, scale: 3 } },
      ['sad', 'ok', 'happy'],
    )
    const few = people({ born: { type: 'numeric', precision: 10, scale: 1 } }, ['ok', 'happy'])
    await project.migrator(many).create('first', yes)
    await project.migrator(many).upgrade()
    await project.run(
      `INSERT INTO people VALUES (1, 'Ada', 'sad', 36, 'A', 1.125), (2, 'Bo', 'ok', 20, NULL, 2.5), (3, 'Cy', 'sad', 5, 'C', 3.333)`,
    )
    const select = 'SELECT id, name, mood::text, age, nick, born::text FROM people ORDER BY id'
    const migrator = project.migrator(few, {
      onEvent: (event) => {
        if (event.type === 'warning') project.warnings.push(event.message)
      },
    })
    await migrator.create('second', { ...yes, map: ['people.mood.sad=ok'], using: ['people.born=round(born, 1)'] })
    await migrator.upgrade('head', keep)
    expect(await rows('SELECT id, mood::text, born::text FROM people ORDER BY id')).toEqual([
      { id: 1, mood: 'ok', born: '1.1' },
      { id: 2, mood: 'ok', born: '2.5' },
      { id: 3, mood: 'ok', born: '3.3' },
    ])
    expect(await migrator.check({ database: true })).toMatchObject({ database: { clean: true } })
    await project.run(`UPDATE people SET mood = 'happy', born = 9 WHERE id = 3`)
    await migrator.downgrade('-1', never)
    expect(await rows(select)).toEqual([
      { id: 1, name: 'Ada', mood: 'sad', age: 36, nick: 'A', born: '1.125' },
      { id: 2, name: 'Bo', mood: 'ok', age: 20, nick: null, born: '2.500' },
      { id: 3, name: 'Cy', mood: 'happy', age: 5, nick: 'C', born: '9.000' },
    ])
    expect(await migrator.check({ database: true })).toMatchObject({ database: { clean: true } })
    expect(project.warnings).toEqual([])
  })

  describe('for a role that owns the tables and nothing else', () => {
    const role = `aludel_kept_${String(process.pid)}`
    let migratorOf: (revisions: readonly TestRevision[]) => Promise<Awaited<ReturnType<KeptProject['of']>>>
    beforeEach(async () => {
      await project.run(
        `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`,
        'CREATE SCHEMA app',
        `GRANT CREATE, USAGE ON SCHEMA app TO ${role}`,
      )
      const url = new URL((project.database.options as { url: string }).url)
      url.username = role
      url.password = 'secret'
      const options = {
        ...project.database.options,
        url: url.href,
        schema: 'app',
        extra: { options: '-c search_path=app' },
      }
      migratorOf = (revisions) =>
        project.of(revisions, { dataSource: new DataSource(options as unknown as DataSourceOptions) })
    })
    afterEach(async () => {
      await project.run(`DROP OWNED BY ${role} CASCADE`, `DROP ROLE ${role}`)
    })
    const inApp = (revision: TestRevision): TestRevision =>
      JSON.parse(JSON.stringify(revision).replaceAll('\\"public\\"', '\\"app\\"')) as TestRevision

    test('names the missing grant before anything runs', async () => {
      const migrator = await migratorOf([create, dropColumns].map(inApp))
      await migrator.upgrade(idOf('a'))
      const error = await rejection(migrator.upgrade('head', keep))
      expect(error).toMatchObject({
        code: 'ALUDEL_KEEP',
        help: expect.stringContaining('GRANT CREATE ON DATABASE') as string,
      })
    })

    test('keeps and gives back in the schema of its search_path', async () => {
      const [{ name } = { name: '' }] = (await rows('SELECT current_database() AS name')) as { name: string }[]
      await project.run(`GRANT CREATE ON DATABASE "${name}" TO ${role}`)
      const migrator = await migratorOf(all.map(inApp))
      await migrator.upgrade(idOf('a'))
      const differences = async (): Promise<readonly string[]> =>
        ((await migrator.check({ database: true })).database?.operations ?? []).map(({ description }) => description)
      // A replay is in the default schema, whatever that is here.
      const before = await differences()
      await project.run(
        `INSERT INTO app.posts (title, note, state) VALUES ('a', 'x', 'open'), ('b', NULL, 'closed')`,
        `INSERT INTO app.tags (name, post) VALUES ('t', 1)`,
      )
      // Only to create tables takes a right on their schema.
      await project.run(`REVOKE CREATE ON SCHEMA app FROM ${role}`)
      await migrator.upgrade('head', keep)
      await project.run(`GRANT CREATE ON SCHEMA app TO ${role}`)
      expect(await rows('SELECT schema, "table" FROM aludel_kept.entries ORDER BY id LIMIT 1')).toEqual([
        { schema: null, table: 'posts' },
      ])
      expect(await differences()).toEqual(before.filter((line) => !line.includes('posts_state_enum')))
      await migrator.downgrade(idOf('a'), never)
      expect(await rows('SELECT id, title, note, state FROM app.posts ORDER BY id')).toEqual([
        { id: 1, title: 'a', note: 'x', state: 'open' },
        { id: 2, title: 'b', note: null, state: 'closed' },
      ])
      expect(await rows('SELECT name, post FROM app.tags')).toEqual([{ name: 't', post: 1 }])
      expect(await differences()).toEqual(before)
    })
  })
})
