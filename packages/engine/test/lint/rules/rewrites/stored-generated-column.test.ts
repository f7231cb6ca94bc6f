import { storedGeneratedColumn } from '../../../../src/lint/rules/rewrites/stored-generated-column'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "orders" ("id" integer, "v" integer GENERATED ALWAYS AS (id * 2) VIRTUAL)'] }
const statement = 'ALTER TABLE "orders" ADD COLUMN "double" integer GENERATED ALWAYS AS ("id" * 2) STORED'

describe('stored-generated-column', () => {
  test('finds a stored generated column of a table that exists', async () => {
    expect(await lint('postgres', storedGeneratedColumn, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'adding the stored generated column orders.double rewrites orders while nobody can read or write it',
        help: 'Add a plain column that a trigger fills, and compute the existing rows in batches (docs/data-migrations.md).',
        table: 'orders',
        sql: statement,
      },
    ])
  })

  test('names virtual columns from PostgreSQL 18', async () => {
    const [found] = await lint('postgres', storedGeneratedColumn, [table, { up: [statement] }], { server: 18 })
    expect(found?.help).toMatch(/^Make it VIRTUAL/)
  })

  test('finds another expression of a stored column', async () => {
    const up = ['ALTER TABLE a.b ALTER COLUMN c SET EXPRESSION AS (d + 1)']
    expect(await lint('postgres', storedGeneratedColumn, [{ up }])).toMatchObject([
      { table: 'a.b', message: 'changing the expression of a.b.c rewrites a.b while nobody can read or write it' },
    ])
  })

  test('is a warning in a downgrade', async () => {
    expect(await lint('postgres', storedGeneratedColumn, [table, { down: [statement] }])).toMatchObject([
      { direction: 'down', severity: 'warning' },
    ])
  })

  test.each([
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['for a virtual column', [table, { up: [statement.replace('STORED', 'VIRTUAL')] }]],
    [
      'for another expression of a virtual column',
      [table, { up: ['ALTER TABLE orders ALTER v SET EXPRESSION AS (1)'] }],
    ],
    ['if it becomes a plain column', [table, { up: ['ALTER TABLE orders ALTER v DROP EXPRESSION'] }]],
    ['for a default', [table, { up: ['ALTER TABLE orders ADD x integer DEFAULT 2'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', storedGeneratedColumn, revisions)).toEqual([])
  })
})
