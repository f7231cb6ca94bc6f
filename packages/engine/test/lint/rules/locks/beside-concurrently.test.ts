import { besideConcurrently } from '../../../../src/lint/rules/locks/beside-concurrently'
import { lint } from '../../support'

const index = 'CREATE INDEX CONCURRENTLY "ix" ON "orders" ("email")'
const statement = 'ALTER TABLE "orders" ADD COLUMN "note" text'
const outside = { transaction: false as const }

describe('beside-concurrently', () => {
  test('finds a statement that runs without a transaction only because of another one', async () => {
    expect(await lint('postgres', besideConcurrently, [{ up: [statement, index], ...outside }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'a statement beside CONCURRENTLY runs without a transaction, and stays if the revision fails halfway',
        help: 'Move it to a revision of its own, which runs in a transaction.',
        sql: statement,
      },
    ])
  })

  test('counts them once, even if the file does not declare that it runs outside', async () => {
    const up = [index, statement, `UPDATE orders SET note = ''`]
    expect(await lint('postgres', besideConcurrently, [{ up }])).toMatchObject([
      {
        message: '2 statements beside CONCURRENTLY run without a transaction, and stay if the revision fails halfway',
        sql: statement,
      },
    ])
  })

  test('finds it in a downgrade', async () => {
    const down = ['DROP INDEX CONCURRENTLY ix', 'ALTER TABLE orders DROP note']
    expect(await lint('postgres', besideConcurrently, [{ down }])).toMatchObject([{ direction: 'down', sql: down[1] }])
  })

  test.each([
    [
      'beside another index',
      [{ up: [index, 'DROP INDEX CONCURRENTLY old', 'REINDEX TABLE CONCURRENTLY a'], ...outside }],
    ],
    ['for settings and reads', [{ up: ['SET statement_timeout = 0', 'SELECT 1', index], ...outside }]],
    [
      'for what makes the index a constraint',
      [{ up: [index, 'ALTER TABLE a ADD CONSTRAINT c UNIQUE USING INDEX ix'], ...outside }],
    ],
    ['for a validation', [{ up: [index, 'ALTER TABLE a VALIDATE CONSTRAINT c'], ...outside }]],
    [
      'for what can run again',
      [
        {
          up: [index, `COMMENT ON INDEX ix IS 'x'`, 'DROP TABLE IF EXISTS a', 'CREATE TABLE IF NOT EXISTS b ()'],
          ...outside,
        },
      ],
    ],
    ['outside a transaction without CONCURRENTLY', [{ up: [statement, 'VACUUM a'], ...outside }]],
    [
      'for statements of the tool, which resumes them',
      [{ up: [statement, index], ...outside, generated: true as const }],
    ],
    ['in a transaction', [{ up: [statement, 'REFRESH MATERIALIZED VIEW CONCURRENTLY v'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', besideConcurrently, revisions)).toEqual([])
  })
})
