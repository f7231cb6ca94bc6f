import { postgresMajor } from '../../../../../tools/testing/databases'
import { sampleValue } from '../../../src/dialect/postgres/sample'
import { findTable } from '../../../src/schema/schema'
import { read, runScript, TestDatabases } from './support'

const databases = new TestDatabases()
afterAll(() => databases.close())

const types = [
  'smallint',
  'integer',
  'bigint',
  'real',
  'double precision',
  'numeric',
  'numeric(10,2)',
  'numeric(3,3)',
  // A scale larger than the precision, and a negative scale.
  ...(postgresMajor < 15 ? [] : ['numeric(2,5)', 'numeric(5,-2)']),
  'money',
  'boolean',
  'text',
  'citext',
  'name',
  'varchar',
  'varchar(36)',
  'varchar(3)',
  'char(4)',
  'uuid',
  'json',
  'jsonb',
  'bytea',
  'date',
  'time',
  'timetz',
  'time(3)',
  'timestamp',
  'timestamptz',
  'timestamp(3)',
  'interval',
  'inet',
  'cidr',
  'macaddr',
  'macaddr8',
  'bit(8)',
  'bit varying(12)',
  'bit varying',
  'point',
  'line',
  'lseg',
  'box',
  'path',
  'polygon',
  'circle',
  'int4range',
  'int8range',
  'numrange',
  'daterange',
  'tsrange',
  'tstzrange',
  'tsvector',
  'tsquery',
  'hstore',
  'ltree',
  'oid',
  'pg_lsn',
  'text[]',
  'varchar(5)[]',
  'numeric(6,2)[]',
  'integer[]',
  'jsonb[]',
  'uuid[]',
  '"mood"',
  '"mood"[]',
  '"app"."level"',
]

test('sampleValue fits every type, and 20 samples differ where the type has enough values', async () => {
  const database = await databases.open()
  await runScript(
    database,
    `CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE EXTENSION ltree;
CREATE SCHEMA "app";
CREATE TYPE "mood" AS ENUM ('a', 'it''s');
CREATE TYPE "app"."level" AS ENUM ('low', 'high');
CREATE TABLE "t" (${types.map((type, index) => `"c${String(index)}" ${type}`).join(', ')});
`,
  )
  const schema = await read(database)
  const columns = findTable(schema, { name: 't' })?.columns ?? []
  expect(columns).toHaveLength(types.length)
  for (let seed = 0; seed < 20; seed++) {
    const values = columns.map((column) => sampleValue(column, schema, seed)?.sql ?? `missing ${column.type}`)
    await database.query(`INSERT INTO "t" VALUES (${values.join(', ')})`)
  }
  const few = new Set(['boolean', 'numeric(3,3)', 'numeric(2,5)', '"mood"', '"mood"[]', '"app"."level"'])
  for (const [index, type] of types.entries()) {
    const [row] = await database.query<
      {
        n: number
      }[]
    >(`SELECT count(DISTINCT "c${String(index)}"::text)::integer AS n FROM "t"`)
    expect([type, (row?.n ?? 0) >= (few.has(type) ? 2 : 20)]).toEqual([type, true])
  }
})

test('sampleValue returns null for a domain and a composite type', async () => {
  const database = await databases.open()
  await runScript(
    database,
    `CREATE DOMAIN "positive" AS integer CHECK (VALUE > 0);\nCREATE TYPE "pair" AS ("a" integer);\nCREATE TABLE "t" ("d" "positive", "p" "pair");\n`,
  )
  const schema = await read(database)
  const columns = findTable(schema, { name: 't' })?.columns ?? []
  expect(columns.map((column) => sampleValue(column, schema, 0))).toEqual([null, null])
})
