import { addExclusion } from '../../../../src/lint/rules/locks/add-exclusion'
import { lint } from '../../support'

const table = { up: ['CREATE TABLE "bookings" ("room" integer, "during" tsrange)'] }
const statement = 'ALTER TABLE "bookings" ADD CONSTRAINT "apart" EXCLUDE USING gist ("during" WITH &&)'

describe('add-exclusion', () => {
  test('finds an exclusion constraint of a table that exists', async () => {
    expect(await lint('postgres', addExclusion, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'error',
        message: 'adding exclusion constraint apart blocks reads and writes of bookings until its index is built',
        help: 'It has no form that blocks less: create a new table with it, copy the rows in batches, and swap the tables.',
        table: 'bookings',
        sql: statement,
      },
    ])
  })

  test('finds it without a name among other commands, and is a warning in a downgrade', async () => {
    const down = ['ALTER TABLE a.b ADD c integer, ADD EXCLUDE (c WITH =)']
    expect(await lint('postgres', addExclusion, [{ down }])).toMatchObject([
      {
        direction: 'down',
        severity: 'warning',
        table: 'a.b',
        message: expect.stringMatching(/^adding an exclusion/) as string,
      },
    ])
  })

  test.each([
    ['for a table of the same revision', [{ up: [...table.up, statement] }]],
    ['in a new table', [{ up: ['CREATE TABLE a (b integer, EXCLUDE (b WITH =))'] }]],
    ['for another constraint', [table, { up: ['ALTER TABLE bookings ADD UNIQUE (room)'] }]],
    ['if it is dropped', [table, { up: ['ALTER TABLE bookings DROP CONSTRAINT apart'] }]],
  ])('finds nothing %s', async (_, revisions) => {
    expect(await lint('postgres', addExclusion, revisions)).toEqual([])
  })
})
