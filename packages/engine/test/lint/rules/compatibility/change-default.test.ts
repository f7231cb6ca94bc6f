import { changeDefault } from '../../../../src/lint/rules/compatibility/change-default'
import { lint } from '../../support'

const table = {
  up: [
    `CREATE TABLE "users" ("id" integer PRIMARY KEY, "plan" text DEFAULT 'free', "note" text, "level" integer NOT NULL DEFAULT 0)`,
  ],
}
const statement = `ALTER TABLE "users" ALTER COLUMN "plan" SET DEFAULT 'basic'`

describe('change-default', () => {
  test('notes that running code writes the new default', async () => {
    expect(await lint('postgres', changeDefault, [table, { up: [statement] }])).toEqual([
      {
        direction: 'up',
        severity: 'info',
        message:
          'running code that leaves users.plan out writes the new default at once, and rows that exist keep the old one',
        help: 'If the running code relies on the old default, deploy code that writes the value first. Update the rows if they must have the new one.',
        table: 'users',
        sql: statement,
      },
    ])
  })

  test('notes that a column without its default is NULL', async () => {
    const found = await lint('postgres', changeDefault, [table, { up: ['ALTER TABLE users ALTER plan DROP DEFAULT'] }])
    expect(found).toMatchObject([
      { message: 'without its default, users.plan is NULL in new rows of running code that leaves it out' },
    ])
  })

  test('notes each of several columns, and one of which nothing is known', async () => {
    const up = [
      `ALTER TABLE users ALTER plan SET DEFAULT 'a', ALTER level SET DEFAULT 1`,
      'ALTER TABLE x.y ALTER z SET DEFAULT 1',
    ]
    const found = await lint('postgres', changeDefault, [table, { up }])
    expect(found.map(({ message }) => /that leaves (\S+) out/.exec(message)?.[1])).toEqual([
      'users.plan',
      'users.level',
      'x.y.z',
    ])
  })

  test('says of a column of which nothing is known that it may refuse NULL', async () => {
    const found = await lint('postgres', changeDefault, [{ up: ['ALTER TABLE old ALTER a DROP DEFAULT'] }])
    expect(found).toMatchObject([
      {
        message:
          'without its default, old.a is NULL in new rows of running code that leaves it out, or refuses them if it is NOT NULL',
      },
    ])
  })

  test('notes only the last of several defaults', async () => {
    const up = ['ALTER TABLE users ALTER plan DROP DEFAULT', statement]
    expect(await lint('postgres', changeDefault, [table, { up }])).toMatchObject([{ sql: statement }])
  })

  test('knows that DEFAULT NULL is none', async () => {
    const add = { up: ['ALTER TABLE users ADD a text DEFAULT NULL, ADD b text DEFAULT NULL::text'] }
    const drop = 'ALTER TABLE users ALTER a DROP DEFAULT, ALTER b SET DEFAULT 1'
    expect(await lint('postgres', changeDefault, [table, add, { up: [drop] }])).toEqual([])
    const unset = 'ALTER TABLE users ALTER plan SET DEFAULT NULL'
    expect(await lint('postgres', changeDefault, [table, { up: [unset] }])).toMatchObject([
      { message: 'without its default, users.plan is NULL in new rows of running code that leaves it out' },
    ])
  })

  test.each([
    [
      'an enum is made again, and the default set again',
      [
        table,
        {
          up: [
            'ALTER TABLE users ALTER plan DROP DEFAULT',
            'ALTER TABLE users ALTER plan TYPE plan USING plan::plan',
            `ALTER TABLE users ALTER plan SET DEFAULT 'free'`,
          ],
        },
      ],
    ],
    ['the table is of the same revision', [{ up: [...table.up, statement] }]],
    [
      'the column is of the same revision',
      [table, { up: ['ALTER TABLE users ADD a text', `ALTER TABLE users ALTER a SET DEFAULT 'x'`] }],
    ],
    ['the column had no default', [table, { up: [`ALTER TABLE users ALTER note SET DEFAULT ''`] }]],
    [
      'the type changes, and the default with it',
      [
        table,
        { up: [`ALTER TABLE users ALTER plan DROP DEFAULT, ALTER plan TYPE varchar, ALTER plan SET DEFAULT 'free'`] },
      ],
    ],
    ['a sequence takes over', [table, { up: [`ALTER TABLE users ALTER level SET DEFAULT nextval('s')`] }]],
    ['required-column finds it', [table, { up: ['ALTER TABLE users ALTER level DROP DEFAULT'] }]],
    ['a downgrade gives the old default back', [table, { up: ['SELECT 1'], down: [statement] }]],
  ])('finds nothing if %s', async (_, revisions) => {
    expect(await lint('postgres', changeDefault, revisions)).toEqual([])
  })
})
