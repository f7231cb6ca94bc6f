import { changeType } from '../../../../src/lint/rules/rewrites/change-type'
import { lint, type TestFinding } from '../../support'

const table = {
  up: [
    `CREATE TYPE mood AS ENUM ('good')`,
    'CREATE TABLE "orders" ("id" integer PRIMARY KEY, "code" varchar(50), "at" timestamp, "mail" citext, "mood" mood, "other" percent)',
  ],
}
const statement = 'ALTER TABLE "orders" ALTER COLUMN "id" TYPE bigint'

async function found(...up: readonly string[]): Promise<readonly TestFinding[]> {
  return lint('postgres', changeType, [table, { up }])
}

describe('change-type', () => {
  test('finds a change that rewrites a table that exists', async () => {
    expect(await found(statement)).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'changing orders.id from integer to bigint rewrites orders while nobody can read or write it',
        help: 'Add a column of the new type, write both, copy the rows in batches (docs/data-migrations.md), and switch in a later release.',
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test('is a warning if no revision shows the old type', async () => {
    const [unknown] = await lint('postgres', changeType, [{ up: ['ALTER TABLE a.b ALTER c TYPE text'] }])
    expect(unknown).toMatchObject({
      severity: 'warning',
      table: 'a.b',
      message: 'changing a.b.c to text may rewrite a.b while nobody can read or write it',
    })
    expect(await found('ALTER TABLE orders ALTER other TYPE numeric')).toMatchObject([{ severity: 'warning' }])
  })

  test('finds an expression, a shorter length and an enum as an error', async () => {
    for (const command of [
      'ALTER code TYPE text USING lower(code)',
      'ALTER code TYPE varchar(20)',
      'ALTER mood TYPE text',
      'ADD x text, ALTER code TYPE uuid USING code::uuid',
    ])
      expect(await found(`ALTER TABLE orders ${command}`)).toMatchObject([{ severity: 'error' }])
  })

  test('asks for UTC where that alone avoids the rewrite', async () => {
    const [change] = await found('ALTER TABLE orders ALTER at TYPE timestamptz')
    expect(change).toMatchObject({ severity: 'warning', message: expect.stringMatching(/unless .* UTC$/) as string })
    expect(await found(`SET LOCAL TimeZone TO 'UTC'`, 'ALTER TABLE orders ALTER at TYPE timestamptz')).toEqual([])
    expect(
      await found(`SET TIME ZONE 'UTC'`, 'RESET TimeZone', 'ALTER TABLE orders ALTER at TYPE timestamptz'),
    ).toHaveLength(1)
  })

  test('finds a change that rebuilds only indexes if there are any', async () => {
    const change = 'ALTER TABLE orders ALTER mail TYPE text'
    expect(await found(change)).toEqual([])
    expect(await found('CREATE INDEX CONCURRENTLY ix ON orders (mail)', change)).toMatchObject([
      {
        severity: 'warning',
        message:
          'changing orders.mail from citext to text rebuilds the indexes of mail while nobody can read or write orders',
      },
    ])
    expect(await found('ALTER TABLE orders ADD UNIQUE (id, mail)', change)).toHaveLength(1)
    expect(
      await found('CREATE INDEX ix ON orders (code)', 'ALTER TABLE orders ALTER code TYPE varchar(50) COLLATE "C"'),
    ).toMatchObject([
      { message: expect.stringMatching(/to character varying\(50\) with collation C rebuilds/) as string },
    ])
  })

  test('is a warning in a downgrade, and a note where the table is small', async () => {
    const revisions = [table, { down: [statement] }]
    expect(await lint('postgres', changeType, revisions)).toMatchObject([{ direction: 'down', severity: 'warning' }])
    expect(await lint('postgres', changeType, revisions, { rows: { orders: 9 } })).toMatchObject([{ severity: 'info' }])
  })

  test('knows the type that an earlier revision has changed', async () => {
    const wider = { up: ['ALTER TABLE orders ALTER code TYPE varchar(80)'] }
    const up = ['ALTER TABLE orders ALTER code TYPE varchar(60)']
    expect(await lint('postgres', changeType, [table, wider, { up }])).toHaveLength(1)
  })

  test.each([
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['for a longer varchar', [table, { up: ['ALTER TABLE orders ALTER code TYPE varchar(80)'] }]],
    ['for text instead of varchar', [table, { up: ['ALTER TABLE orders ALTER code TYPE text'] }]],
    [
      'for a cast that changes nothing',
      [table, { up: ['ALTER TABLE public.orders ALTER code TYPE text USING code::text'] }],
    ],
    ['for the same type', [table, { up: ['ALTER TABLE orders ALTER code SET DATA TYPE character varying(50)'] }]],
    ['for an attribute of a composite type', [{ up: ['ALTER TYPE pair ALTER ATTRIBUTE a TYPE bigint'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', changeType, revisions)).toEqual([])
  })
})
