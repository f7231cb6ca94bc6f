import { castRows } from '../../../../src/lint/rules/rows/cast-rows'
import { lint } from '../../support'

const table = {
  up: [
    `CREATE TYPE "state" AS ENUM ('open', 'done')`,
    'CREATE TABLE "items" ("id" integer PRIMARY KEY, "price" text, "state" "state", "label" varchar(20))',
  ],
}
const statement = 'ALTER TABLE "items" ALTER COLUMN "price" TYPE numeric(10,2) USING "price"::numeric(10,2)'
const swap = (values: string): string[] => [
  'ALTER TYPE "state" RENAME TO "state_old"',
  `CREATE TYPE "state" AS ENUM (${values})`,
  'ALTER TABLE "items" ALTER COLUMN "state" TYPE "state" USING "state"::text::"state"',
]

describe('cast-rows', () => {
  test('warns of text that the new type does not accept, and shows how to try it', async () => {
    expect(await lint('postgres', castRows, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message:
          'changing items.price to numeric(10,2) fails if a row has a value in it that is not a valid numeric(10,2)',
        help:
          'Try it on all rows of every database: SELECT count("price"::numeric(10,2)) FROM "items" fails at the first such row. ' +
          'Change them in an earlier revision.',
        table: 'items',
        sql: statement,
      },
    ])
  })

  test('shows the query that counts the rows where all servers can', async () => {
    const [found] = await lint('postgres', castRows, [table, { up: [statement] }], { server: 16 })
    expect(found?.help).toBe(
      `Count such rows in every database: SELECT count(*) FROM "items" WHERE NOT pg_input_is_valid("price", 'numeric(10,2)'). ` +
        'Change them in an earlier revision.',
    )
  })

  test.each([
    [
      'an expression of the column',
      `ALTER TABLE items ALTER price TYPE date USING nullif(trim(price), '')::date`,
      'price to date',
    ],
    [
      'one of several commands',
      'ALTER TABLE items DROP label, ALTER price SET DATA TYPE uuid USING price::uuid, ADD x text',
      'price to uuid',
    ],
    ['a column of which nothing is known', 'ALTER TABLE s.t ALTER c TYPE jsonb USING c::jsonb', 's.t.c to jsonb'],
    ['text that becomes an enum', 'ALTER TABLE items ALTER label TYPE state USING label::state', 'label to state'],
  ])('knows %s', async (_, sql, text) => {
    const found = await lint('postgres', castRows, [table, { up: [sql] }])
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining(text)])
  })

  test('names the option of create that converts the rows, if the tool wrote the revision', async () => {
    const [found] = await lint('postgres', castRows, [table, { generated: true, up: [statement] }])
    expect(found?.help).toMatch(/ Or let `create` convert them: --using "items\.price=<SQL expression>"\.$/)
  })

  test('warns in a downgrade, and only notes what a guard stops first', async () => {
    const revision = { up: ['ALTER TABLE items ALTER price TYPE text'], down: [statement] }
    expect(await lint('postgres', castRows, [table, revision])).toMatchObject([
      { direction: 'down', severity: 'warning' },
    ])
    const guard = `DO $$BEGIN PERFORM 1 FROM "items" WHERE "price" !~ '1'; IF found THEN RAISE EXCEPTION 'no'; END IF; END$$`
    const guarded = { ...revision, down: [guard, statement] }
    expect(await lint('postgres', castRows, [table, guarded])).toMatchObject([{ direction: 'down', severity: 'info' }])
  })

  test.each([
    ['the table is of the same revision', [{ up: [...table.up, statement] }]],
    ['the new type accepts every text', [table, { up: ['ALTER TABLE items ALTER label TYPE text USING label::text'] }]],
    ['the column is a number', [table, { up: ['ALTER TABLE items ALTER id TYPE bigint USING id::bigint'] }]],
    [
      'the expression chooses by the value',
      [
        table,
        {
          up: [`ALTER TABLE items ALTER price TYPE integer USING CASE WHEN price ~ '^[0-9]+$' THEN price::integer END`],
        },
      ],
    ],
    ['there is no expression', [table, { up: ['ALTER TABLE items ALTER label TYPE varchar(40)'] }]],
    ['the new form of an enum has all values', [table, { up: swap(`'done', 'new', 'open'`) }]],
    ['the new form of an enum lacks values, which narrow-type names', [table, { up: swap(`'open', 'new'`) }]],
    [
      'the column is new and NULL',
      [table, { up: ['ALTER TABLE items ADD a text', 'ALTER TABLE items ALTER a TYPE integer USING a::integer'] }],
    ],
  ])('finds nothing if %s', async (_, revisions) => {
    expect(await lint('postgres', castRows, revisions)).toEqual([])
  })
})
