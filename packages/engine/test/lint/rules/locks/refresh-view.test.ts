import { refreshView } from '../../../../src/lint/rules/locks/refresh-view'
import { lint } from '../../support'

const view = { up: ['CREATE MATERIALIZED VIEW "totals" AS SELECT 1 AS id'] }
const statement = 'REFRESH MATERIALIZED VIEW "totals"'

describe('refresh-view', () => {
  test('finds a view that is refreshed, and shows the statement that blocks no reader', async () => {
    expect(await lint('postgres', refreshView, [view, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'warning',
        message: 'refreshing totals blocks everybody who reads it until it is done',
        help: 'Refresh it CONCURRENTLY. The view needs a unique index on plain columns, without WHERE.',
        instead: ['REFRESH MATERIALIZED VIEW CONCURRENTLY "totals"'],
        table: 'totals',
        sql: statement,
      },
    ])
  })

  test('finds a view of which nothing is known, in a downgrade', async () => {
    const down = ['REFRESH MATERIALIZED VIEW reports.totals WITH DATA']
    expect(await lint('postgres', refreshView, [{ down }])).toMatchObject([
      { direction: 'down', instead: ['REFRESH MATERIALIZED VIEW CONCURRENTLY reports.totals WITH DATA'] },
    ])
  })

  test.each([
    ['CONCURRENTLY', [view, { up: ['REFRESH MATERIALIZED VIEW CONCURRENTLY totals'] }]],
    ['WITH NO DATA', [view, { up: [`${statement} WITH NO DATA`] }]],
    ['for a view of the same revision', [{ up: [...view.up, statement] }]],
    ['if a view is created', [view]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', refreshView, revisions)).toEqual([])
  })
})
