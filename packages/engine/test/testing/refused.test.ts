import { AludelError } from '../../src/errors'
import type { DialectName } from '../../src/dialect/registry'
import { refusedAsExpected } from '../../src/testing/refused'
import { dialectNames, openDatabase, type TestDatabase } from '../run/databases'

const tables = [
  'CREATE TABLE "t" ("id" integer PRIMARY KEY, "u" text UNIQUE, "n" text NOT NULL DEFAULT \'\', "c" integer CHECK ("c" > 0))',
  'CREATE TABLE "child" ("id" integer REFERENCES "t" ("id"))',
  `INSERT INTO "t" ("id", "u") VALUES (1, 'x')`,
]
/** SQLite only refuses values of the wrong type in keys and in strict tables. */
const wrongValue: Readonly<Record<DialectName, string>> = {
  sqlite: `INSERT INTO "t" ("id") VALUES ('word')`,
  postgres: `INSERT INTO "t" ("c") VALUES ('word')`,
}

describe.each(dialectNames)('what refuses rows on %s', (dialect) => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase(dialect)
    for (const sql of tables) await database.queryRunner.query(sql)
  })
  afterEach(() => database.drop())

  const thrownBy = (sql: string): Promise<unknown> =>
    database.queryRunner.query(sql).then(
      () => undefined,
      (error: unknown) => error,
    )

  test.each([
    ['unique', `INSERT INTO "t" ("id", "u") VALUES (2, 'x')`],
    ['unique', `INSERT INTO "t" ("id") VALUES (1)`],
    ['not null', `INSERT INTO "t" ("id", "n") VALUES (2, NULL)`],
    ['check', `INSERT INTO "t" ("id", "c") VALUES (2, 0)`],
    ['foreign key', `INSERT INTO "child" VALUES (7)`],
    ['value', wrongValue[dialect]],
    [undefined, 'SELECT * FROM "nothing"'],
  ])('is %s: %s', async (kind, sql) => {
    const { errors } = database.dialect
    const error = await thrownBy(sql)
    expect(errors.refusalOf(error)).toBe(kind)
    if (kind === undefined) return
    expect(() => refusedAsExpected(error, kind as 'unique', database.dialect)).not.toThrow()
    const other = kind === 'check' ? 'unique' : 'check'
    expect(() => refusedAsExpected(error, other, database.dialect)).toThrow(
      `the upgrade failed (${kind}), but not because of "${other}": `,
    )
  })

  test('is a foreign key where a run finds rows that reference none', () => {
    const error = new AludelError('ALUDEL_FOREIGN_KEYS', 'rows reference missing rows')
    expect(() => refusedAsExpected(error, 'foreign key', database.dialect)).not.toThrow()
    expect(() => refusedAsExpected(error, /missing rows/, database.dialect)).not.toThrow()
  })
})
