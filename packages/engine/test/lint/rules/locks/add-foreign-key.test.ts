import { addForeignKey } from '../../../../src/lint/rules/locks/add-foreign-key'
import { lint } from '../../support'

const tables = {
  up: [
    'CREATE TABLE "users" ("id" integer PRIMARY KEY)',
    'CREATE TABLE "orders" ("id" integer PRIMARY KEY, "user_id" integer)',
  ],
}
const statement =
  'ALTER TABLE "orders" ADD CONSTRAINT "fk_orders_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE'

async function insteadOf(sql: string): Promise<readonly string[] | undefined> {
  return (await lint('postgres', addForeignKey, [tables, { up: [sql] }]))[0]?.instead
}

describe('add-foreign-key', () => {
  test('finds a foreign key of a table that exists, and shows the statements that block nobody', async () => {
    expect(await lint('postgres', addForeignKey, [tables, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message:
          'adding foreign key fk_orders_user blocks writes to orders and users until every row of orders is checked',
        help: 'Add it NOT VALID, so that only new rows are checked, and validate it in a later revision, which blocks nobody.',
        instead: [`${statement} NOT VALID`, 'ALTER TABLE "orders" VALIDATE CONSTRAINT "fk_orders_user"'],
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test('names a foreign key that has no name, so that it can be validated', async () => {
    expect(await insteadOf('ALTER TABLE reports.orders ADD FOREIGN KEY (user_id) REFERENCES users')).toEqual([
      'ALTER TABLE reports.orders ADD CONSTRAINT "orders_user_id_fkey" FOREIGN KEY (user_id) REFERENCES users NOT VALID',
      'ALTER TABLE "reports"."orders" VALIDATE CONSTRAINT "orders_user_id_fkey"',
    ])
  })

  test('leaves the other commands of the statement as they are', async () => {
    expect(
      await insteadOf(
        'ALTER TABLE IF EXISTS ONLY orders ADD a numeric(5,2), ADD CONSTRAINT f FOREIGN KEY (a, b) REFERENCES c (d, e), DROP g',
      ),
    ).toEqual([
      'ALTER TABLE IF EXISTS ONLY orders ADD a numeric(5,2), ADD CONSTRAINT "f" FOREIGN KEY (a, b) REFERENCES c (d, e) NOT VALID, DROP g',
      'ALTER TABLE "orders" VALIDATE CONSTRAINT "f"',
    ])
  })

  test('finds it at a new column with a default, and adds it after the column', async () => {
    const sql = `ALTER TABLE orders ADD COLUMN "größe" text DEFAULT 'ß' CONSTRAINT fk REFERENCES sizes (id) DEFERRABLE NOT NULL`
    expect(await insteadOf(sql)).toEqual([
      `ALTER TABLE orders ADD COLUMN "größe" text DEFAULT 'ß' NOT NULL`,
      'ALTER TABLE orders ADD CONSTRAINT "fk" FOREIGN KEY ("größe") REFERENCES sizes (id) DEFERRABLE NOT VALID',
      'ALTER TABLE "orders" VALIDATE CONSTRAINT "fk"',
    ])
    expect(await insteadOf(`SELECT 'ü'; ${sql}; SELECT 1`)).toEqual(await insteadOf(sql))
  })

  test('names one table if it refers to itself', async () => {
    const [found] = await lint('postgres', addForeignKey, [
      tables,
      { up: ['ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES orders'] },
    ])
    expect(found?.message).toBe('adding a foreign key blocks writes to orders until every row of orders is checked')
  })

  test('shows NOT VALID for a partitioned table only from PostgreSQL 18', async () => {
    const partitioned = { up: ['CREATE TABLE orders (id integer, user_id integer) PARTITION BY HASH (id)'] }
    const at = async (server: number) =>
      (await lint('postgres', addForeignKey, [partitioned, { up: [statement] }], { server }))[0]
    expect((await at(18))?.instead).toHaveLength(2)
    expect((await at(17))?.instead).toBeUndefined()
    expect((await at(17))?.help).toMatch(/^Add it NOT VALID to each partition/)
  })

  test('is a warning in a downgrade, where a table that the upgrade made has rows', async () => {
    const found = await lint('postgres', addForeignKey, [{ up: tables.up, down: [statement] }])
    expect(found).toMatchObject([{ direction: 'down', severity: 'warning' }])
  })

  test.each([
    ['for a table of the same revision', [{ up: [...tables.up, statement] }]],
    [
      'for a new table that refers to one that exists',
      [tables, { up: ['CREATE TABLE a (b integer REFERENCES users)'] }],
    ],
    ['NOT VALID', [tables, { up: [`${statement} NOT VALID`] }]],
    ['NOT ENFORCED', [tables, { up: [`${statement} NOT ENFORCED`] }]],
    ['at a new column without a default', [tables, { up: ['ALTER TABLE orders ADD a integer REFERENCES users'] }]],
    ['for another constraint', [tables, { up: ['ALTER TABLE orders ADD CHECK (user_id > 0)'] }]],
    ['for its validation', [tables, { up: ['ALTER TABLE orders VALIDATE CONSTRAINT fk_orders_user'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', addForeignKey, revisions)).toEqual([])
  })
})
