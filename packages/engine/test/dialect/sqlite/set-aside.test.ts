import { withKeptReferences } from '../../../src/dialect/sqlite/set-aside'
import { setsAside } from '../../../src/sql/sqlite/set-aside'

describe('setsAside', () => {
  test.each([
    'ALTER TABLE "media" RENAME TO "temporary_media"',
    `-- down
     alter table media rename to [temporary_Media] ;`,
    'ALTER TABLE "a ""b"" c" RENAME TO "temporary_a ""b"" c"',
  ])('is true for the rename of a table to its temporary name: %s', (sql) => {
    expect(setsAside(sql)).toBe(true)
  })

  test.each([
    'ALTER TABLE "temporary_media" RENAME TO "media"',
    'ALTER TABLE "media" RENAME TO "temporary_seasons"',
    'ALTER TABLE "media" RENAME COLUMN "a" TO "temporary_a"',
    'ALTER TABLE "media" RENAME "a" TO "temporary_media"',
    `INSERT INTO log VALUES ('ALTER TABLE "media" RENAME TO "temporary_media"')`,
    'ALTER TABLE "media" RENAME TO',
    'no sql "temporary_',
  ])('is false for anything else: %s', (sql) => {
    expect(setsAside(sql)).toBe(false)
  })
})

describe('withKeptReferences', () => {
  const rename = 'ALTER TABLE "t" RENAME TO "temporary_t"'

  test('surrounds the rename with the pragma', () => {
    expect(withKeptReferences(['SELECT 1', rename, 'SELECT 2'])).toEqual([
      'SELECT 1',
      'PRAGMA legacy_alter_table = ON',
      rename,
      'PRAGMA legacy_alter_table = OFF',
      'SELECT 2',
    ])
  })

  test('leaves a revision alone that sets the pragma itself', () => {
    const own = ['PRAGMA legacy_alter_table=ON', rename]
    expect(withKeptReferences(own)).toEqual(own)
  })
})
