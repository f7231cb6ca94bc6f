import { volatileDefault } from '../../../../src/lint/rules/rewrites/volatile-default'
import { lint, type TestFinding } from '../../support'

const table = { up: ['CREATE TABLE "orders" ("id" integer PRIMARY KEY)'] }
const statement = 'ALTER TABLE "orders" ADD COLUMN "uid" uuid NOT NULL DEFAULT gen_random_uuid()'

async function found(sql: string): Promise<readonly TestFinding[]> {
  return lint('postgres', volatileDefault, [table, { up: [sql] }])
}

describe('volatile-default', () => {
  test('finds a default that is computed for every row, and shows how to set it for new rows', async () => {
    expect(await found(statement)).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message:
          'adding orders.uid with the default gen_random_uuid() rewrites orders while nobody can read or write it',
        help: 'Add the column without the default, set the default for new rows, and fill the existing rows in batches (docs/data-migrations.md).',
        instead: [
          'ALTER TABLE "orders" ADD COLUMN "uid" uuid',
          'ALTER TABLE "orders" ALTER COLUMN "uid" SET DEFAULT gen_random_uuid()',
        ],
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test('keeps the rest of the statement and of the column', async () => {
    const [change] = await found(
      `ALTER TABLE a.b ADD x int, ADD y text COLLATE "C" DEFAULT md5(random()::text) CONSTRAINT short CHECK (length(y) < 40), DROP z`,
    )
    expect(change?.instead).toEqual([
      'ALTER TABLE a.b ADD x int, ADD y text COLLATE "C" CONSTRAINT short CHECK (length(y) < 40), DROP z',
      'ALTER TABLE a.b ALTER COLUMN "y" SET DEFAULT md5(random()::text)',
    ])
  })

  test.each([
    'clock_timestamp()',
    'uuid_generate_v4()',
    'ext.uuid_generate_v4()',
    `nextval('s')`,
    'pg_catalog.random()',
  ])('finds %s', async (expression) => {
    expect(await found(`ALTER TABLE orders ADD x text DEFAULT ${expression}`)).toMatchObject([{ severity: 'error' }])
  })

  test('is a warning for a function that may be volatile', async () => {
    expect(await found('ALTER TABLE orders ADD x text DEFAULT app.code()')).toMatchObject([
      {
        severity: 'warning',
        message: 'adding orders.x with the default code() may rewrite orders while nobody can read or write it',
      },
    ])
  })

  test('is a warning in a downgrade', async () => {
    expect(await lint('postgres', volatileDefault, [{ up: table.up, down: [statement] }])).toMatchObject([
      { direction: 'down', severity: 'warning' },
    ])
  })

  test.each([
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['for now()', [table, { up: ['ALTER TABLE orders ADD x timestamptz DEFAULT now()'] }]],
    ['for CURRENT_TIMESTAMP', [table, { up: ['ALTER TABLE orders ADD x timestamptz DEFAULT CURRENT_TIMESTAMP'] }]],
    ['for a constant', [table, { up: [`ALTER TABLE orders ADD x text NOT NULL DEFAULT upper('a')`] }]],
    ['for the default of a column that exists', [table, { up: ['ALTER TABLE orders ALTER id SET DEFAULT random()'] }]],
    ['for a function in a check', [table, { up: ['ALTER TABLE orders ADD x integer CHECK (f(x))'] }]],
    ['in a new table', [table, { up: ['CREATE TABLE a (b uuid DEFAULT gen_random_uuid())'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', volatileDefault, revisions)).toEqual([])
  })
})
