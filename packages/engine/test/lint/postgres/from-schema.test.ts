import { Catalog, nameOf } from '../../../src/lint/postgres/catalog'
import { catalogOf } from '../../../src/lint/postgres/from-schema'
import { learn } from '../../../src/lint/postgres/learn'
import { postgres } from '../../../src/dialect/postgres'
import { loadGrammar, parseStatements } from '../../../src/sql/postgres/grammar'
import { openDatabase, type TestDatabase } from '../../run/databases'

const statements = [
  `CREATE TYPE "mood" AS ENUM ('sad', 'happy')`,
  'CREATE SCHEMA "audit"',
  'CREATE TABLE "users" ("id" integer NOT NULL, "email" character varying(50), "mood" "mood" NOT NULL DEFAULT \'sad\', "moods" "mood"[], "n" bigint GENERATED ALWAYS AS IDENTITY, "twice" integer GENERATED ALWAYS AS ("id" * 2) STORED, CONSTRAINT "pk" PRIMARY KEY ("id"), CONSTRAINT "uq" UNIQUE ("email"), CONSTRAINT "ck" CHECK ("email" IS NOT NULL AND "id" > 0))',
  'CREATE TABLE "audit"."events" ("id" integer NOT NULL, "user_id" integer, CONSTRAINT "fk" FOREIGN KEY ("user_id") REFERENCES "users" ("id"))',
  'CREATE INDEX "ix" ON "users" ("email", lower("email")) WHERE "id" > 5',
  'CREATE UNIQUE INDEX "ux" ON "audit"."events" ("user_id")',
  'CREATE TABLE "parts" ("at" date NOT NULL) PARTITION BY RANGE ("at")',
]

describe('the catalog of a schema', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await openDatabase('postgres')
    for (const sql of statements) await database.rows(sql)
  })
  afterEach(() => database.drop())

  test('knows the same as one that has read the statements, and that everything existed before', async () => {
    const grammar = await loadGrammar()
    const read = new Catalog()
    read.place = 'r1:upgrade'
    for (const sql of statements) for (const { node } of parseStatements(grammar, sql)) learn(read, node)
    const made = catalogOf(await postgres.introspection.read(database.queryRunner, { ignoreTables: [] }), grammar)
    made.place = 'r1:upgrade'

    for (const parts of [['users'], ['audit', 'events'], ['parts']]) {
      const name = nameOf(parts)
      const [one, other] = [read.table(name), made.table(name)]
      const withoutPlaces = (value: unknown): unknown =>
        JSON.parse(
          JSON.stringify(value, (key, part: unknown) =>
            key === 'madeIn' ? undefined : part instanceof Map ? Object.fromEntries([...part].toSorted()) : part,
          ),
        )
      expect(withoutPlaces(other)).toEqual(withoutPlaces(one))
      expect([read.isNew(name), made.isNew(name)]).toEqual([true, false])
      expect(made.isNewColumn(name, 'id')).toBe(false)
      const indexes = (catalog: Catalog): unknown =>
        catalog.indexesOf(name).map(({ name: { text }, unique, columns, partial }) => [text, unique, columns, partial])
      expect(indexes(made)).toEqual(indexes(read))
    }
    expect([...made.enums.values()].map(({ values }) => values)).toEqual([['sad', 'happy']])
    expect([...made.schemas.keys()]).toEqual(['audit'])
  })
})
