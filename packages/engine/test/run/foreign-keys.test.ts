import { openDatabase, type TestDatabase } from './databases'
import { appliedMessages, rejection, revision, run } from './revisions'

/** SQLite rebuilds tables to change them: DROP TABLE must not cascade into the tables that refer to it. */
describe('a run with SQLite foreign keys', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase('sqlite')
    for (const sql of [
      `CREATE TABLE "a" ("id" integer PRIMARY KEY, "n" integer)`,
      `CREATE TABLE "b" ("id" integer PRIMARY KEY, "aId" integer REFERENCES "a" ("id") ON DELETE CASCADE)`,
      `INSERT INTO "a" VALUES (1, 10), (2, 20)`,
      `INSERT INTO "b" VALUES (1, 1), (2, 2), (3, 2)`,
    ]) {
      await database.rows(sql)
    }
  })
  afterEach(async () => {
    await database.drop()
  })
  const enforced = async (): Promise<unknown> => (await database.rows('PRAGMA foreign_keys'))[0]?.['foreign_keys']
  const rowsOfB = async (): Promise<number> => (await database.rows('SELECT * FROM "b"')).length
  const rebuild = (columns: string, copied: string): string[] => [
    `CREATE TABLE "new_a" (${columns})`,
    `INSERT INTO "new_a" (${copied}) SELECT ${copied} FROM "a"`,
    `DROP TABLE "a"`,
    `ALTER TABLE "new_a" RENAME TO "a"`,
  ]
  const wider = rebuild('"id" integer PRIMARY KEY, "n" integer, "m" integer', '"id", "n"')
  const narrower = rebuild('"id" integer PRIMARY KEY, "n" integer', '"id", "n"')

  test.each([
    ['each', {}],
    ['all', {}],
    ['each', { transaction: false }],
  ] as const)('keeps the rows of referring tables in a rebuild, up and down (mode %s, %j)', async (mode, options) => {
    const all = [revision('rebuild', wider, narrower, options)]
    await run(database, all, { mode })
    expect(await rowsOfB()).toBe(3)
    expect(await enforced()).toBe(1)
    await run(database, all, { mode, direction: 'downgrade' })
    expect(await rowsOfB()).toBe(3)
    expect(await enforced()).toBe(1)
    // The rows still refer to the table.
    await database.rows('DELETE FROM "a" WHERE "id" = 2')
    expect(await rowsOfB()).toBe(1)
  })

  test.each([{}, { transaction: false }])(
    'enforces foreign keys again after a failure, on the same connection (%j)',
    async (options) => {
      const all = [revision('fails', [...wider, 'nonsense'], [], options)]
      await rejection(run(database, all))
      expect(await enforced()).toBe(1)
      expect(await rejection(database.rows(`INSERT INTO "b" VALUES (9, 99)`))).toMatchObject({
        message: expect.stringMatching(/FOREIGN KEY/),
      })
      expect(await rowsOfB()).toBe(3)
    },
  )

  test('switches them once for all revisions, and again after one that sets a pragma', async () => {
    const query = jest.spyOn(database.queryRunner, 'query')
    const switches = async (...ups: readonly (readonly string[])[]): Promise<number> => {
      const made = ups.map((up, index) => revision(`step ${String(index)} of ${String(ups.length)}`, up))
      query.mockClear()
      await run(database, [...steps, ...made])
      steps.push(...made)
      expect(await enforced()).toBe(1)
      return query.mock.calls.filter(([sql]) => sql.startsWith('PRAGMA foreign_keys = ')).length
    }
    const steps: ReturnType<typeof revision>[] = []
    expect(await switches(['CREATE TABLE "c" ("n" integer)'], ['DROP TABLE "c"'], wider, narrower)).toBe(2)
    expect(await switches(wider, ['PRAGMA foreign_keys = ON', ...narrower], wider)).toBe(5)
    expect(await rowsOfB()).toBe(3)
  })

  test('does not commit a revision that leaves rows without their parent', async () => {
    const all = [
      revision('first', [`CREATE TABLE "c" ("n" integer)`]),
      revision('orphans', [`DELETE FROM "a" WHERE "id" = 2`]),
    ]
    const error = await rejection(run(database, all))
    expect(error).toMatchObject({
      code: 'ALUDEL_FOREIGN_KEYS',
      message: expect.stringMatching(
        `^upgrade of revision ${all[1]?.revision.id ?? ''} \\(orphans\\) failed in the check after its last statement: .*b`,
      ),
      details: { revision: all[1]?.revision.id, kept: 0 },
    })
    expect(await database.rows('SELECT * FROM "a"')).toHaveLength(2)
    expect(await appliedMessages(database, all)).toEqual(['first'])
    expect(await enforced()).toBe(1)
  })

  test('does not commit a revision that leaves references to a table that is gone, and explains the right order', async () => {
    const all = [
      revision('rebuilds in the wrong order', [
        `ALTER TABLE "a" RENAME TO "old_a"`,
        `CREATE TABLE "a" ("id" integer PRIMARY KEY, "n" integer)`,
        `INSERT INTO "a" SELECT "id", "n" FROM "old_a"`,
        `DROP TABLE "old_a"`,
      ]),
    ]
    expect(await rejection(run(database, all))).toMatchObject({
      code: 'ALUDEL_FOREIGN_KEYS',
      message: expect.stringContaining('foreign keys of b reference old_a, which does not exist') as string,
      help: expect.stringContaining('create the new table under another name') as string,
    })
    expect(await rowsOfB()).toBe(3)
  })

  test('does not record a non-transactional revision that leaves rows without their parent', async () => {
    const all = [revision('orphans', [`DELETE FROM "a" WHERE "id" = 2`], [], { transaction: false })]
    expect(await rejection(run(database, all))).toMatchObject({
      code: 'ALUDEL_STATEMENT_HALFWAY',
      cause: { code: 'ALUDEL_FOREIGN_KEYS' },
      details: { kept: 1 },
    })
    expect(await appliedMessages(database, all)).toEqual([])
    await database.rows(`INSERT INTO "a" VALUES (2, 20)`)
    await run(database, all)
    expect(await database.rows('SELECT * FROM "a"')).toHaveLength(2)
    expect(await appliedMessages(database, all)).toEqual(['orphans'])
  })

  test('leaves foreign keys off if the connection had turned them off', async () => {
    await database.rows('PRAGMA foreign_keys = OFF')
    await run(database, [revision('rebuild', wider)])
    expect(await enforced()).toBe(0)
  })

  test('leaves a usable connection after SQLite ended the transaction of a failed revision', async () => {
    // SQLite ends the transaction automatically; TypeORM does not notice.
    const all = [
      revision('rolls back', [
        `CREATE TABLE "c" ("n" integer UNIQUE ON CONFLICT ROLLBACK)`,
        `INSERT INTO "c" VALUES (1)`,
        `INSERT INTO "c" VALUES (1)`,
      ]),
    ]
    const error = await rejection(run(database, all))
    expect(error).toMatchObject({
      code: 'ALUDEL_STATEMENT',
      details: { statement: 3 },
      message: expect.stringMatching(/UNIQUE/),
    })
    expect(database.queryRunner.isTransactionActive).toBe(false)
    await run(database, [revision('next', [`CREATE TABLE "d" ("n" integer)`])])
    expect(await database.rows('SELECT * FROM "d"')).toEqual([])
  })
})
