import { wideIndex } from '../../../../src/lint/rules/style/wide-index'
import { lint } from '../../support'

const statement = 'CREATE INDEX "ix" ON "a" ("b", "c", "d", "e")'

describe('wide-index', () => {
  test('notes an index of more than three columns', async () => {
    expect(await lint('postgres', wideIndex, [{ up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message: 'index ix of a has 4 columns, of which queries seldom use more than three',
        help: 'Index the columns that leave the fewest rows, those first.',
        table: 'a',
        sql: statement,
      },
    ])
  })

  test('counts expressions', async () => {
    const found = await lint('postgres', wideIndex, [
      { up: ['CREATE INDEX CONCURRENTLY ON s.a (lower(b), c, (d || e), f)'] },
    ])
    expect(found.map(({ message }) => message)).toEqual([expect.stringMatching(/^an index of s\.a has 4 columns/)])
  })

  test.each([
    ['three columns', { up: ['CREATE INDEX ix ON a (b, c, d) INCLUDE (e, f)'] }],
    ['a unique index', { up: ['CREATE UNIQUE INDEX ix ON a (b, c, d, e)'] }],
    ['a BRIN index', { up: ['CREATE INDEX ix ON a USING brin (b, c, d, e)'] }],
    ['a downgrade', { down: [statement] }],
  ])('finds nothing in %s', async (_, revision) => {
    expect(await lint('postgres', wideIndex, [revision])).toEqual([])
  })
})
