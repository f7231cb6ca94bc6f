import { hostileValues } from '../../../src/dialect/postgres/hostile'
import { type Column, findTable } from '../../../src/schema/schema'
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
  'money',
  'boolean',
  'text',
  'varchar(3)',
  'char(4)',
  'uuid',
  'json',
  'jsonb',
  'bytea',
  'date',
  'time',
  'timetz',
  'timestamp',
  'timestamptz',
  'interval',
  'inet',
  'int4range',
  'tstzrange',
  'text[]',
  'integer[]',
  '"mood"',
]

test('hostileValues are SQL, and more of them where the type changes; each type accepts some', async () => {
  const database = await databases.open()
  await runScript(
    database,
    `CREATE TYPE "mood" AS ENUM ('a', 'it''s');
CREATE TABLE "t" (${types.map((type, index) => `"c${String(index)}" ${type}`).join(', ')});
`,
  )
  const schema = await read(database)
  const becomes: Column = { name: 'x', type: 'xml', nullable: true }
  for (const column of findTable(schema, { name: 't' })?.columns ?? []) {
    const usual = hostileValues(column, schema)
    const all = hostileValues(column, schema, becomes)
    expect(all).toEqual(expect.arrayContaining([...usual]))
    let accepted = 0
    for (const value of all) {
      try {
        await database.query(`INSERT INTO "t" ("${column.name}") VALUES (${value})`)
        accepted += 1
      } catch (error) {
        // A value that the type refuses, and no mistake in its SQL.
        expect([value, (error as { readonly code?: string }).code]).toEqual([value, expect.stringMatching(/^22/)])
      }
    }
    expect([column.type, accepted > 0]).toEqual([column.type, true])
  }
})

test('hostileValues are texts that the new type refuses or reads in its own way', async () => {
  const database = await databases.open()
  await runScript(database, `CREATE TYPE "mood" AS ENUM ('happy'); CREATE TABLE "t" ("text" text, "mood" "mood");\n`)
  const schema = await read(database)
  const [text, mood] = findTable(schema, { name: 't' })?.columns ?? []
  if (text === undefined || mood === undefined) throw new Error('no columns')
  const becoming = (to: Partial<Column>): readonly string[] => hostileValues(text, schema, { ...text, ...to })
  expect(becoming({ type: 'integer' })).toEqual(expect.arrayContaining([`'007'::text`, `'12.5'::text`]))
  expect(becoming(mood)).toEqual(expect.arrayContaining([`'HAPPY'::text`, `'happy '::text`]))
  expect(becoming({ type: 'character varying(3)' })).toContain(`'xxxx'::text`)
  expect(hostileValues(text, schema)).not.toContain(`'007'::text`)
})
