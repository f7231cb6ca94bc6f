import { initializeDatabase } from '../../src/initialize-database'
import { rejection } from '../run/revisions'
import { idOf, type KeptProject, openKept, rebuild, type TestRevision } from './project'

const users = `"id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar NOT NULL, "note" text`
const create: TestRevision = {
  up: [`CREATE TABLE "users" (${users})`],
  down: [`DROP TABLE "users"`],
}
const keep = { keepDropped: true, backup: 'never' } as const

describe('upgrade with keepDropped on SQLite', () => {
  let project: KeptProject
  beforeEach(async () => {
    project = await openKept('sqlite')
  })
  afterEach(() => project.remove())

  const rows = (sql: string): Promise<Record<string, unknown>[]> => project.rows(sql)
  const insertUsers = (): Promise<void> =>
    project.run(
      `INSERT INTO users (id, name, note) VALUES (1, 'Ada', 'first'), (2, 'Grace', NULL), (7, 'Edsger', 'late')`,
    )

  describe('a table that is dropped', () => {
    const dropped: readonly TestRevision[] = [
      create,
      { up: ['CREATE INDEX "ix_name" ON "users" ("name")'], down: ['DROP INDEX "ix_name"'] },
      {
        up: ['DROP TABLE "users"'],
        down: [`CREATE TABLE "users" (${users})`, 'CREATE INDEX "ix_name" ON "users" ("name")'],
      },
    ]

    test('comes back with its rows, its unmanaged index and trigger, and the position of its counter', async () => {
      const migrator = await project.of(dropped)
      await migrator.upgrade('b'.repeat(12))
      await insertUsers()
      await project.run(
        'DELETE FROM users WHERE id = 7',
        'CREATE INDEX "hand" ON "users" (lower("note"))',
        `CREATE TRIGGER "hand_trigger" AFTER INSERT ON users BEGIN UPDATE users SET note = 'touched' WHERE id = new.id; END`,
      )
      const before = await project.dump()
      const up = await migrator.upgrade('head', keep)
      expect(up.kept).toEqual([{ revision: idOf('c'), kind: 'table', table: 'users', column: null, rows: 2 }])
      expect(await rows(`SELECT name FROM sqlite_master WHERE name = 'users'`)).toEqual([])

      const down = await migrator.downgrade('-1', { backup: 'never' })
      expect(down.givenBack).toEqual(up.kept)
      expect(await rows('SELECT * FROM users ORDER BY id')).toEqual([
        { id: 1, name: 'Ada', note: 'first' },
        { id: 2, name: 'Grace', note: null },
      ])
      expect(await project.dump()).toEqual(before)
      await project.run(`INSERT INTO users (name) VALUES ('Barbara')`)
      expect(await rows('SELECT max(id) AS id, note FROM users')).toEqual([{ id: 8, note: 'touched' }])
    })

    test('leaves after a prune what a plain upgrade leaves', async () => {
      const migrator = await project.of(dropped)
      await migrator.upgrade('b'.repeat(12))
      await insertUsers()
      await migrator.upgrade('head', { backup: 'never' })
      const plain = await project.dump()
      await migrator.downgrade('-1', { backup: 'never' })
      await insertUsers()
      await migrator.upgrade('head', keep)
      expect(await project.dump()).not.toEqual(plain)
      expect(await migrator.pruneKept({ all: true })).toMatchObject({ pruned: [{ table: 'users', rows: 3 }], left: 0 })
      expect(await project.dump()).toEqual(plain)
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT * FROM users')).toEqual([])
    })

    test('is seen by no command as a difference', async () => {
      const migrator = await project.of(dropped)
      await migrator.upgrade('b'.repeat(12))
      await insertUsers()
      await migrator.upgrade('head', keep)
      const { database } = await migrator.check({ database: true })
      expect(database).toMatchObject({ clean: true, operations: [] })
      expect((await migrator.info()).tables.map(({ name }) => name)).not.toContainEqual(
        expect.stringMatching(/^aludel_kept/),
      )
      expect((await migrator.info()).kept).toEqual({ entries: 1, rows: 3, expired: 0 })
      expect((await migrator.current({ verbose: true })).kept).toEqual({ entries: 1, rows: 3, expired: 0 })
      expect((await migrator.current()).kept).toBeUndefined()
    })

    test('is gone without the option', async () => {
      const migrator = await project.of(dropped)
      await migrator.upgrade('b'.repeat(12))
      await insertUsers()
      const { kept } = await migrator.upgrade('head', { backup: 'never' })
      expect(kept).toBeUndefined()
      expect((await migrator.kept()).kept).toEqual([])
      expect(await rows(`SELECT name FROM sqlite_master WHERE name LIKE 'aludel_kept%'`)).toEqual([])
    })

    test('removes given back rows whose parent was deleted, as ON DELETE CASCADE says, and clears for SET NULL', async () => {
      const migrator = await project.of([
        create,
        {
          up: [
            `CREATE TABLE "posts" ("id" integer PRIMARY KEY, "author" integer REFERENCES "users" ("id") ON DELETE CASCADE, "editor" integer REFERENCES "users" ("id") ON DELETE SET NULL)`,
            `CREATE TABLE "comments" ("id" integer PRIMARY KEY, "post" integer REFERENCES "posts" ("id") ON DELETE CASCADE)`,
          ],
          down: [],
        },
        {
          up: ['DROP TABLE "comments"', 'DROP TABLE "posts"'],
          down: [
            `CREATE TABLE "posts" ("id" integer PRIMARY KEY, "author" integer REFERENCES "users" ("id") ON DELETE CASCADE, "editor" integer REFERENCES "users" ("id") ON DELETE SET NULL)`,
            `CREATE TABLE "comments" ("id" integer PRIMARY KEY, "post" integer REFERENCES "posts" ("id") ON DELETE CASCADE)`,
          ],
        },
      ])
      await migrator.upgrade('b'.repeat(12))
      await insertUsers()
      await project.run(
        'INSERT INTO posts VALUES (10, 1, 2), (11, 2, 1), (12, 7, NULL)',
        'INSERT INTO comments VALUES (100, 10), (101, 11)',
      )
      await migrator.upgrade('head', keep)
      await project.run('DELETE FROM users WHERE id = 1')
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT * FROM posts ORDER BY id')).toEqual([
        { id: 11, author: 2, editor: null },
        { id: 12, author: 7, editor: null },
      ])
      expect(await rows('SELECT * FROM comments')).toEqual([{ id: 101, post: 11 }])
      expect(project.warnings.filter((text) => text.includes('ON DELETE CASCADE'))).toHaveLength(2)
    })

    test('refuses a downgrade that gives back rows whose parent was deleted, and changes nothing', async () => {
      const posts = `CREATE TABLE "posts" ("id" integer PRIMARY KEY, "author" integer NOT NULL REFERENCES "users" ("id"))`
      const migrator = await project.of([
        create,
        { up: [posts], down: [] },
        { up: ['DROP TABLE "posts"'], down: [posts] },
      ])
      await migrator.upgrade('b'.repeat(12))
      await insertUsers()
      await project.run('INSERT INTO posts VALUES (10, 1), (11, 2)')
      await migrator.upgrade('head', keep)
      await project.run('DELETE FROM users WHERE id = 1')
      const error = await rejection(migrator.downgrade('-1', { backup: 'never' }))
      expect(error).toMatchObject({ code: 'ALUDEL_FOREIGN_KEYS' })
      expect(String(error)).toContain('posts')
      expect((await migrator.kept()).kept).toHaveLength(1)
    })
  })

  describe('a column that is dropped', () => {
    const dropNote: readonly TestRevision[] = [
      create,
      {
        up: ['ALTER TABLE "users" DROP COLUMN "note"'],
        down: ['ALTER TABLE "users" ADD COLUMN "note" text'],
      },
    ]
    const dropName: readonly TestRevision[] = [
      create,
      {
        up: rebuild('users', `"id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "note" text`, '"id", "note"'),
        down: rebuild('users', users, '"id", "note"'),
      },
    ]

    test('comes back by key, with the rows that were inserted, changed and deleted since', async () => {
      const migrator = await project.of(dropNote)
      await migrator.upgrade('a'.repeat(12))
      await insertUsers()
      const up = await migrator.upgrade('head', keep)
      expect(up.kept).toEqual([{ revision: idOf('b'), kind: 'column', table: 'users', column: 'note', rows: 3 }])
      await project.run(
        `INSERT INTO users (name) VALUES ('Barbara')`,
        `UPDATE users SET name = 'Ada L.' WHERE id = 1`,
        'DELETE FROM users WHERE id = 2',
      )
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT * FROM users ORDER BY id')).toEqual([
        { id: 1, name: 'Ada L.', note: 'first' },
        { id: 7, name: 'Edsger', note: 'late' },
        { id: 8, name: 'Barbara', note: null },
      ])
      expect(await rows(`SELECT name FROM sqlite_master WHERE name LIKE 'aludel_kept%'`)).toEqual([])
    })

    test('is brought along by the statement that copies the table, where it is NOT NULL without a default', async () => {
      const migrator = await project.of(dropName)
      await migrator.upgrade('a'.repeat(12))
      await insertUsers()
      await migrator.upgrade('head', keep)
      await project.run(`UPDATE users SET note = 'changed' WHERE id = 1`)
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT * FROM users ORDER BY id')).toEqual([
        { id: 1, name: 'Ada', note: 'changed' },
        { id: 2, name: 'Grace', note: null },
        { id: 7, name: 'Edsger', note: 'late' },
      ])
    })

    test('is brought along where TypeORM undoes a rebuild, which sets the table aside first', async () => {
      const migrator = await project.of([
        create,
        {
          up: rebuild('users', `"id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "note" text`, '"id", "note"'),
          down: [
            'ALTER TABLE "users" RENAME TO "temporary_users"',
            `CREATE TABLE "users" (${users})`,
            'INSERT INTO "users"("id", "note") SELECT "id", "note" FROM "temporary_users"',
            'DROP TABLE "temporary_users"',
          ],
        },
      ])
      await migrator.upgrade('a'.repeat(12))
      await insertUsers()
      await migrator.upgrade('head', keep)
      await project.run('DELETE FROM users WHERE id = 2')
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT * FROM users ORDER BY id')).toEqual([
        { id: 1, name: 'Ada', note: 'first' },
        { id: 7, name: 'Edsger', note: 'late' },
      ])
    })

    test('does not overwrite by a default that the downgrade fills in', async () => {
      const migrator = await project.of([
        create,
        {
          up: ['ALTER TABLE "users" DROP COLUMN "note"'],
          down: ['ALTER TABLE "users" ADD COLUMN "note" text', `UPDATE "users" SET "note" = 'unknown'`],
        },
      ])
      await migrator.upgrade('a'.repeat(12))
      await insertUsers()
      await migrator.upgrade('head', keep)
      await project.run(`INSERT INTO users (name) VALUES ('Barbara')`)
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT note FROM users ORDER BY id')).toEqual([
        { note: 'first' },
        { note: null },
        { note: 'late' },
        { note: 'unknown' },
      ])
    })

    test('refuses a downgrade that has no value for rows inserted since, before it starts', async () => {
      const migrator = await project.of(dropName)
      await migrator.upgrade('a'.repeat(12))
      await insertUsers()
      await migrator.upgrade('head', keep)
      await project.run(`INSERT INTO users (note) VALUES ('new'), ('newer')`)
      const plan = await migrator.plan('downgrade')
      expect(plan.steps[0]?.givesBack).toMatchObject([{ column: 'name', rows: 3, since: 2, gets: null }])
      const error = await rejection(migrator.downgrade('-1', { backup: 'never' }))
      expect(error).toMatchObject({
        code: 'ALUDEL_GIVE_BACK',
        details: { revision: idOf('b'), table: 'users', column: 'name', rows: 2 },
      })
      await project.run(`DELETE FROM users WHERE note LIKE 'new%'`)
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT name FROM users ORDER BY id')).toEqual([
        { name: 'Ada' },
        { name: 'Grace' },
        { name: 'Edsger' },
      ])
    })

    test('gives rows inserted since the default', async () => {
      const withDefault = users.replace('"name" varchar NOT NULL', `"name" varchar NOT NULL DEFAULT 'nobody'`)
      const migrator = await project.of([
        { up: [`CREATE TABLE "users" (${withDefault})`], down: [] },
        {
          up: rebuild('users', `"id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "note" text`, '"id", "note"'),
          down: rebuild('users', withDefault, '"id", "note"'),
        },
      ])
      await migrator.upgrade('a'.repeat(12))
      await insertUsers()
      await migrator.upgrade('head', keep)
      await project.run(`INSERT INTO users (note) VALUES ('new')`)
      const plan = await migrator.plan('downgrade')
      expect(plan.steps[0]?.givesBack).toMatchObject([
        { column: 'name', rows: 3, since: 1, gets: `the default 'nobody'` },
      ])
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT name FROM users ORDER BY id')).toEqual([
        { name: 'Ada' },
        { name: 'Grace' },
        { name: 'Edsger' },
        { name: 'nobody' },
      ])
    })

    test('fires no trigger when it is given back', async () => {
      const migrator = await project.of(dropNote)
      await migrator.upgrade('a'.repeat(12))
      await insertUsers()
      await migrator.upgrade('head', keep)
      await project.run(
        'CREATE TABLE log (id integer)',
        'CREATE TRIGGER logs AFTER UPDATE ON users BEGIN INSERT INTO log VALUES (new.id); END',
      )
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT count(*) AS n FROM log')).toEqual([{ n: 0 }])
      await project.run(`UPDATE users SET name = 'X' WHERE id = 2`)
      expect(await rows('SELECT * FROM log')).toEqual([{ id: 2 }])
      expect(await rows('SELECT note FROM users WHERE id = 1')).toEqual([{ note: 'first' }])
    })

    test('is refused before anything runs without a key, and named', async () => {
      const migrator = await project.of([
        {
          up: ['CREATE TABLE "loose" ("a" text, "b" text)'],
          down: [],
        },
        { up: ['ALTER TABLE "loose" DROP COLUMN "b"'], down: ['ALTER TABLE "loose" ADD COLUMN "b" text'] },
      ])
      await migrator.upgrade('a'.repeat(12))
      await project.run(`INSERT INTO loose VALUES ('x', 'y')`)
      const error = await rejection(migrator.upgrade('head', keep))
      expect(error).toMatchObject({ code: 'ALUDEL_KEEP', details: { losses: ['values of loose.b'] } })
      expect(String(error)).toContain('no primary key')
      expect(await rows('SELECT * FROM loose')).toEqual([{ a: 'x', b: 'y' }])
      await project.run('CREATE UNIQUE INDEX by_a ON loose (a)')
      await migrator.upgrade('head', keep)
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT * FROM loose')).toEqual([{ a: 'x', b: 'y' }])
    })

    test('works for a table WITHOUT ROWID, and a key of two columns with other collations', async () => {
      const table = `"a" text COLLATE NOCASE NOT NULL, "b" integer NOT NULL, "c" blob, PRIMARY KEY ("a", "b")`
      const migrator = await project.of([
        { up: [`CREATE TABLE "pairs" (${table}) WITHOUT ROWID`], down: [] },
        { up: ['ALTER TABLE "pairs" DROP COLUMN "c"'], down: ['ALTER TABLE "pairs" ADD COLUMN "c" blob'] },
      ])
      await migrator.upgrade('a'.repeat(12))
      await project.run(`INSERT INTO pairs VALUES ('x', 1, X'00ff'), ('X', 2, 'text'), ('y', 1, 1.5), ('z', 1, NULL)`)
      const before = await rows('SELECT a, b, typeof(c) AS t, quote(c) AS c FROM pairs ORDER BY a, b')
      await migrator.upgrade('head', keep)
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT a, b, typeof(c) AS t, quote(c) AS c FROM pairs ORDER BY a, b')).toEqual(before)
    })
  })

  describe('values that are converted', () => {
    const text = `"id" integer PRIMARY KEY NOT NULL, "size" text NOT NULL`
    const integer = `"id" integer PRIMARY KEY NOT NULL, "size" integer NOT NULL`
    const narrow: readonly TestRevision[] = [
      { up: [`CREATE TABLE "boxes" (${text})`], down: [] },
      {
        up: rebuild('boxes', integer, '"id", "size"', '"id", CAST("size" AS integer)'),
        down: rebuild('boxes', text, '"id", "size"', '"id", CAST("size" AS text)'),
      },
    ]

    test('come back where the new value is unchanged; what was written since stays', async () => {
      const migrator = await project.of(narrow)
      await migrator.upgrade('a'.repeat(12))
      await project.run(`INSERT INTO boxes VALUES (1, '007'), (2, '12 cm'), (3, 'large'), (4, '5')`)
      const up = await migrator.upgrade('head', keep)
      expect(up.kept).toMatchObject([{ kind: 'values', column: 'size' }])
      await project.run('UPDATE boxes SET size = 99 WHERE id = 3', 'INSERT INTO boxes VALUES (5, 1)')
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT size FROM boxes ORDER BY id')).toEqual([
        { size: '007' },
        { size: '12 cm' },
        { size: '99' },
        { size: '5' },
        { size: '1' },
      ])
    })

    test('come back where they are the key itself, with the other columns', async () => {
      const before = `"code" text PRIMARY KEY NOT NULL, "name" text, "gone" text NOT NULL`
      const after = `"code" integer PRIMARY KEY NOT NULL, "name" text`
      const migrator = await project.of([
        { up: [`CREATE TABLE "codes" (${before})`], down: [] },
        {
          up: rebuild('codes', after, '"code", "name"', 'CAST("code" AS integer), "name"'),
          down: rebuild('codes', before, '"code", "name"', 'CAST("code" AS text), "name"'),
        },
      ])
      await migrator.upgrade('a'.repeat(12))
      await project.run(`INSERT INTO codes VALUES ('007', 'Bond', 'x'), ('12', 'Dozen', 'y')`)
      await migrator.upgrade('head', keep)
      await project.run(`UPDATE codes SET name = 'James' WHERE code = 7`)
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT * FROM codes ORDER BY code')).toEqual([
        { code: '007', name: 'James', gone: 'x' },
        { code: '12', name: 'Dozen', gone: 'y' },
      ])
    })

    test('come back where NULL was filled', async () => {
      const migrator = await project.of([
        create,
        {
          up: rebuild(
            'users',
            users.replace('"note" text', `"note" text NOT NULL DEFAULT ''`),
            '"id", "name", "note"',
            `"id", "name", ifnull("note", '')`,
          ),
          down: rebuild('users', users, '"id", "name", "note"'),
        },
      ])
      await migrator.upgrade('a'.repeat(12))
      await insertUsers()
      await migrator.upgrade('head', keep)
      await migrator.downgrade('-1', { backup: 'never' })
      expect(await rows('SELECT note FROM users ORDER BY id')).toEqual([
        { note: 'first' },
        { note: null },
        { note: 'late' },
      ])
    })
  })

  test('names what is not kept, and keeps the rest', async () => {
    const migrator = await project.of([
      create,
      {
        up: [`DELETE FROM "users" WHERE "id" = 2`, 'ALTER TABLE "users" DROP COLUMN "note"'],
        down: ['ALTER TABLE "users" ADD COLUMN "note" text'],
      },
    ])
    await migrator.upgrade('a'.repeat(12))
    await insertUsers()
    const plan = await migrator.plan('upgrade', 'head', { keepDropped: true })
    expect(plan.steps[0]?.keeps).toEqual([
      { text: 'some rows of users', kept: false, reason: 'a statement of the revision deletes rows' },
      { text: 'values of users.note', kept: true, reason: undefined },
    ])
    expect((await migrator.plan('upgrade')).steps[0]?.keeps).toBeUndefined()
    await migrator.upgrade('head', keep)
    expect(project.warnings).toContainEqual(expect.stringContaining('some rows of users, which is not kept'))
    await migrator.downgrade('-1', { backup: 'never' })
    expect(await rows('SELECT id, note FROM users ORDER BY id')).toEqual([
      { id: 1, note: 'first' },
      { id: 7, note: 'late' },
    ])
  })

  test('refuses a revision that is not transactional before anything runs', async () => {
    const migrator = await project.of([
      create,
      { up: [`CREATE TABLE "other" ("id" integer)`], down: [] },
      {
        up: ['ALTER TABLE "users" DROP COLUMN "note"'],
        down: ['ALTER TABLE "users" ADD COLUMN "note" text'],
        fields: 'transaction = false',
      },
    ])
    await migrator.upgrade('a'.repeat(12))
    await insertUsers()
    const error = await rejection(migrator.upgrade('head', keep))
    expect(error).toMatchObject({ code: 'ALUDEL_KEEP', details: { revision: idOf('c') } })
    expect((await migrator.current()).current).toEqual([idOf('a')])
    await migrator.upgrade('head', { backup: 'never' })
  })

  test("keeps what code drops through TypeORM's own methods", async () => {
    const migrator = await project.of([
      create,
      {
        up: [],
        upCode: `await queryRunner.dropColumn('users', 'note')`,
        down: ['ALTER TABLE "users" ADD COLUMN "note" text'],
      },
    ])
    await migrator.upgrade('a'.repeat(12))
    await insertUsers()
    const { kept } = await migrator.upgrade('head', keep)
    expect(kept).toMatchObject([{ kind: 'column', table: 'users', column: 'note' }])
    expect(project.warnings).toContainEqual(expect.stringContaining('known only when it runs'))
    await migrator.downgrade('-1', { backup: 'never' })
    expect(await rows('SELECT id, note FROM users ORDER BY id')).toEqual([
      { id: 1, note: 'first' },
      { id: 2, note: null },
      { id: 7, note: 'late' },
    ])
  })

  test('gives back three revisions deep: a column, a renamed table, and the table itself', async () => {
    const migrator = await project.of([
      create,
      { up: ['ALTER TABLE "users" DROP COLUMN "note"'], down: ['ALTER TABLE "users" ADD COLUMN "note" text'] },
      { up: ['ALTER TABLE "users" RENAME TO "people"'], down: ['ALTER TABLE "people" RENAME TO "users"'] },
      {
        up: [
          'ALTER TABLE "people" RENAME COLUMN "id" TO "person"',
          ...rebuild('people', '"person" integer PRIMARY KEY AUTOINCREMENT NOT NULL', '"person"'),
        ],
        down: [
          ...rebuild(
            'people',
            '"person" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "name" varchar NOT NULL',
            '"person"',
          ),
          'ALTER TABLE "people" RENAME COLUMN "person" TO "id"',
        ],
      },
      {
        up: ['DROP TABLE "people"'],
        down: ['CREATE TABLE "people" ("person" integer PRIMARY KEY AUTOINCREMENT NOT NULL)'],
      },
    ])
    await migrator.upgrade('a'.repeat(12))
    await insertUsers()
    await migrator.upgrade('head', keep)
    expect((await migrator.kept()).kept.map(({ kind, table, column }) => ({ kind, table, column }))).toEqual([
      { kind: 'column', table: 'users', column: 'note' },
      { kind: 'column', table: 'people', column: 'name' },
      { kind: 'table', table: 'people', column: null },
    ])
    await migrator.downgrade('a'.repeat(12), { backup: 'never' })
    expect(await rows('SELECT * FROM users ORDER BY id')).toEqual([
      { id: 1, name: 'Ada', note: 'first' },
      { id: 2, name: 'Grace', note: null },
      { id: 7, name: 'Edsger', note: 'late' },
    ])
    expect((await migrator.kept()).kept).toEqual([])
  })

  test('gives back on two branches in both orders, and below a merge', async () => {
    const branches: readonly TestRevision[] = [
      create,
      { up: ['ALTER TABLE "users" DROP COLUMN "note"'], down: ['ALTER TABLE "users" ADD COLUMN "note" text'] },
      {
        up: ['CREATE TABLE "x" ("id" integer)', 'ALTER TABLE "users" DROP COLUMN "name"'],
        down: ['DROP TABLE "x"', `ALTER TABLE "users" ADD COLUMN "name" varchar NOT NULL DEFAULT ''`],
        parents: ['a'],
      },
      { up: [], down: [], parents: ['b', 'c'] },
    ]
    const migrator = await project.of(branches)
    for (const order of [
      ['b', 'c'],
      ['c', 'b'],
    ]) {
      await migrator.upgrade(idOf('a'))
      await project.run('DELETE FROM users')
      await insertUsers()
      await migrator.upgrade('head', keep)
      await migrator.downgrade('-1', { backup: 'never' })
      for (const letter of order) await migrator.downgrade(`${idOf(letter)}@-1`, { backup: 'never' })
      expect((await migrator.current()).current).toEqual([idOf('a')])
      expect(await rows('SELECT id, name, note FROM users ORDER BY id')).toEqual([
        { id: 1, name: 'Ada', note: 'first' },
        { id: 2, name: 'Grace', note: null },
        { id: 7, name: 'Edsger', note: 'late' },
      ])
    }
  })

  test('refuses to give back values while a revision of another branch has converted their key', async () => {
    const before = `"code" text PRIMARY KEY NOT NULL, "name" text`
    const after = `"code" integer PRIMARY KEY NOT NULL`
    const migrator = await project.of([
      { up: [`CREATE TABLE "codes" (${before})`], down: [] },
      { up: ['ALTER TABLE "codes" DROP COLUMN "name"'], down: ['ALTER TABLE "codes" ADD COLUMN "name" text'] },
      {
        up: rebuild('codes', after, '"code"', 'CAST("code" AS integer)'),
        down: rebuild('codes', '"code" text PRIMARY KEY NOT NULL', '"code"', 'CAST("code" AS text)'),
        parents: ['a'],
      },
    ])
    await migrator.upgrade(idOf('a'))
    await project.run(`INSERT INTO codes VALUES ('007', 'Bond'), ('12', 'Dozen')`)
    await migrator.upgrade(idOf('b'), keep)
    await migrator.upgrade(idOf('c'), keep)
    const error = await rejection(migrator.downgrade(`${idOf('b')}@-1`, { backup: 'never' }))
    expect(error).toMatchObject({ code: 'ALUDEL_GIVE_BACK', details: { revision: idOf('b') } })
    expect(String(error)).toContain(idOf('c'))
    await migrator.downgrade(idOf('a'), { backup: 'never' })
    expect(await rows('SELECT * FROM codes ORDER BY code')).toEqual([
      { code: '007', name: 'Bond' },
      { code: '12', name: 'Dozen' },
    ])
  })

  test('gives back only what the last upgrade has kept, and lists the rest', async () => {
    const times = [1, 2].map((day) => new Date(Date.UTC(2026, 0, day)))
    let now = times[0] ?? new Date(0)
    const migrator = await project.of(
      [
        create,
        { up: ['ALTER TABLE "users" DROP COLUMN "note"'], down: ['ALTER TABLE "users" ADD COLUMN "note" text'] },
      ],
      { clock: () => now },
    )
    await migrator.upgrade('a'.repeat(12))
    await insertUsers()
    await migrator.upgrade('head', keep)
    // Another tool undoes it. Its connection must have seen the change: SQLite checks ALTER TABLE by the schema that it knows.
    await project.run(
      'SELECT 1 FROM users',
      'ALTER TABLE "users" ADD COLUMN "note" text',
      `DELETE FROM migrations WHERE name LIKE 'Revision%2'`,
      `UPDATE users SET note = 'second'`,
    )
    expect((await migrator.kept()).kept).toMatchObject([{ applied: false }])
    now = times[1] ?? now
    await migrator.upgrade('head', keep)
    await migrator.downgrade('-1', { backup: 'never' })
    expect(await rows('SELECT DISTINCT note FROM users')).toEqual([{ note: 'second' }])
    expect((await migrator.kept()).kept).toMatchObject([{ applied: false, keptAt: '2026-01-01T00:00:00.000Z' }])
  })

  test('prunes what is past the time of the configuration, after a question, and warns of it', async () => {
    let now = new Date(Date.UTC(2026, 0, 1))
    const migrator = await project.of(
      [
        create,
        { up: ['ALTER TABLE "users" DROP COLUMN "note"'], down: ['ALTER TABLE "users" ADD COLUMN "note" text'] },
        { up: ['CREATE TABLE "x" ("id" integer)'], down: ['DROP TABLE "x"'] },
      ],
      { clock: () => now, keepDropped: { for: '30d' } },
    )
    await migrator.upgrade('a'.repeat(12))
    await insertUsers()
    // The configuration alone keeps.
    await migrator.upgrade('b'.repeat(12), { backup: 'never' })
    expect(await migrator.pruneKept()).toEqual({ pruned: [], left: 1 })
    now = new Date(Date.UTC(2026, 1, 15))
    expect((await migrator.kept()).kept).toMatchObject([{ expired: true, expiresAt: '2026-01-31T00:00:00.000Z' }])
    await migrator.upgrade('head')
    expect(project.warnings).toContainEqual(expect.stringContaining('past its time'))
    const refused = await rejection(migrator.pruneKept({ confirm: () => Promise.resolve(false) }))
    expect(refused).toMatchObject({ code: 'ALUDEL_CONFIRMATION' })
    expect((await migrator.pruneKept()).pruned).toMatchObject([{ column: 'note', rows: 3 }])
    expect(await rows(`SELECT name FROM sqlite_master WHERE name LIKE 'aludel_kept%'`)).toEqual([])
  })

  test('prunes by revision and by age, and refuses a choice that chooses nothing', async () => {
    const migrator = await project.of([
      create,
      { up: ['ALTER TABLE "users" DROP COLUMN "note"'], down: ['ALTER TABLE "users" ADD COLUMN "note" text'] },
      { up: ['DROP TABLE "users"'], down: [] },
    ])
    await migrator.upgrade('a'.repeat(12))
    await insertUsers()
    await migrator.upgrade('head', keep)
    expect(await rejection(migrator.pruneKept())).toMatchObject({ code: 'ALUDEL_USAGE' })
    expect(await migrator.pruneKept({ olderThan: '1h' })).toMatchObject({ pruned: [], left: 2 })
    expect(await migrator.pruneKept({ revisions: ['bbbb'] })).toMatchObject({ pruned: [{ column: 'note' }], left: 1 })
    expect((await migrator.kept()).kept).toMatchObject([{ kind: 'table', table: 'users' }])
  })

  test('does not keep the rows of a virtual table, and says so', async () => {
    const search = 'CREATE VIRTUAL TABLE "search" USING fts5("text")'
    const migrator = await project.of([
      { up: [search], down: [] },
      { up: ['DROP TABLE "search"'], down: [search] },
    ])
    await migrator.upgrade('a'.repeat(12))
    await project.run(`INSERT INTO search VALUES ('x')`)
    const { kept } = await migrator.upgrade('head', keep)
    expect(kept).toBeUndefined()
    expect(project.warnings).toContainEqual(expect.stringContaining('search is a virtual table'))
  })

  test('keeps at the start of an application, if the options of the Migrator say so', async () => {
    const migrator = await project.of([
      create,
      { up: ['ALTER TABLE "users" DROP COLUMN "note"'], down: ['ALTER TABLE "users" ADD COLUMN "note" text'] },
    ])
    await migrator.upgrade('a'.repeat(12))
    await insertUsers()
    const dataSource = project.dataSource([])
    await initializeDatabase({
      dataSource,
      revisions: project.revisions,
      root: project.directory,
      keepDropped: true,
      backup: 'never',
    })
    await dataSource.destroy()
    expect((await migrator.kept()).kept).toMatchObject([{ table: 'users', column: 'note', rows: 3 }])
  })

  test('warns that a script neither keeps nor gives back', async () => {
    const migrator = await project.of(
      [
        create,
        { up: ['ALTER TABLE "users" DROP COLUMN "note"'], down: ['ALTER TABLE "users" ADD COLUMN "note" text'] },
      ],
      { keepDropped: true },
    )
    await migrator.upgrade('a'.repeat(12))
    await insertUsers()
    await migrator.sql('upgrade')
    expect(project.warnings).toContainEqual(expect.stringContaining('a script keeps nothing'))
    await migrator.upgrade('head', { backup: 'never' })
    project.warnings.length = 0
    await migrator.sql('downgrade')
    expect(project.warnings).toContainEqual(expect.stringContaining('a script does not give it back'))
  })

  test('keeps nothing of a revision that fails', async () => {
    const migrator = await project.of([
      create,
      { up: ['ALTER TABLE "users" DROP COLUMN "note"', 'INSERT INTO "nowhere" VALUES (1)'], down: [] },
    ])
    await migrator.upgrade('a'.repeat(12))
    await insertUsers()
    await rejection(migrator.upgrade('head', keep))
    expect(await rows(`SELECT name FROM sqlite_master WHERE name LIKE 'aludel_kept%'`)).toEqual([])
    expect(await rows('SELECT note FROM users WHERE id = 1')).toEqual([{ note: 'first' }])
  })
})
