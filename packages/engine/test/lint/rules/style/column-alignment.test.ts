import { columnAlignment } from '../../../../src/lint/rules/style/column-alignment'
import { lint } from '../../support'

const statement = 'CREATE TABLE "a" ("b" boolean, "c" bigint, "d" boolean, "e" timestamptz, "f" text)'

describe('column-alignment', () => {
  test('notes padding that another order avoids, and shows the order', async () => {
    expect(await lint('postgres', columnAlignment, [{ up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message: 'a row of a without NULL has at least 14 bytes of padding that another order of its columns avoids',
        help: 'Begin with the columns of a fixed size, the largest alignment first: c, e, b, d.',
        table: 'a',
        sql: statement,
      },
    ])
  })

  test('counts after a column of any size only what is padded wherever it ends', async () => {
    // Two of the three gaps of 7 bytes are certain, and the first bigint may begin right after the text.
    const sql = 'CREATE TABLE a (t text, b bigint, c boolean, d bigint, e boolean, f bigint)'
    const found = await lint('postgres', columnAlignment, [{ up: [sql] }])
    expect(found.map(({ message }) => message)).toEqual([expect.stringContaining('at least 14 bytes')])
  })

  test.each([
    ['the best order', { up: ['CREATE TABLE a (b bigint, c timestamptz, d integer, e boolean, f text)'] }],
    ['less padding than the end of a row has', { up: ['CREATE TABLE a (b boolean, c bigint)'] }],
    ['columns of any size', { up: ['CREATE TABLE a (b text, c bigint, d jsonb, e numeric)'] }],
    ['types that need no alignment', { up: ['CREATE TABLE a (b boolean, c uuid, d boolean, e uuid)'] }],
    ['an added column', { up: ['ALTER TABLE a ADD b boolean, ADD c bigint, ADD d boolean, ADD e bigint'] }],
    ['a downgrade', { down: [statement] }],
  ])('finds nothing in %s', async (_, revision) => {
    expect(await lint('postgres', columnAlignment, [revision])).toEqual([])
  })
})
