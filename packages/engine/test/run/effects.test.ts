import { effectsOf } from '../../src/run/effects'

describe('effectsOf', () => {
  test('reports dropped tables and columns with the locks that they need', () => {
    expect(effectsOf(['DROP TABLE "workflows"', 'ALTER TABLE "metrics" DROP COLUMN "value"'])).toEqual({
      destroys: ['all rows of workflows', 'values of metrics.value'],
      locks: ['ACCESS EXCLUSIVE workflows', 'ACCESS EXCLUSIVE metrics'],
    })
  })

  test.each([
    ['ALTER TABLE "a" DROP CONSTRAINT "c"'],
    ['ALTER TABLE "a" ALTER COLUMN "b" DROP DEFAULT'],
    ['ALTER TABLE "a" ALTER COLUMN "b" DROP NOT NULL'],
    ['ALTER TABLE "a" ALTER COLUMN "b" DROP IDENTITY IF EXISTS'],
    [`ALTER TABLE "a" ADD COLUMN "b" text DEFAULT 'DROP COLUMN "x"'`],
    ['CREATE INDEX "i" ON "a" ("b")'],
    ['DROP INDEX "i"'],
  ])('reports no loss for %s', (sql) => {
    expect(effectsOf([sql]).destroys).toEqual([])
  })

  test('reports only the columns that a SQLite rebuild does not copy', () => {
    const rebuild = [
      'CREATE TABLE "aludel_new_a" ("id" integer PRIMARY KEY, "kept" text)',
      'INSERT INTO "aludel_new_a" ("id", "kept") SELECT "id", "kept" FROM "a"',
      'DROP TABLE "a"',
      'ALTER TABLE "aludel_new_a" RENAME TO "a"',
    ]
    expect(effectsOf(rebuild, () => ['id', 'kept', 'gone']).destroys).toEqual(['values of a.gone'])
    expect(effectsOf(rebuild, () => ['id', 'kept']).destroys).toEqual([])
    // Without the rename, the rows are lost.
    expect(effectsOf(rebuild.slice(0, 3)).destroys).toEqual(['all rows of a'])
  })

  test('reports only the lost column for both ways to rebuild a referenced SQLite table', () => {
    const enforced = '(SELECT "foreign_keys" FROM pragma_foreign_keys)'
    const columns = (): string[] => ['id', 'kept', 'gone']
    const usual = [
      'SAVEPOINT "aludel_rebuild"',
      'CREATE TABLE "aludel_new_a" ("id" integer PRIMARY KEY, "kept" text)',
      `INSERT OR ABORT INTO "aludel_new_a" ("id", "kept") SELECT "id", ifnull("kept", '') FROM "a" WHERE NOT ${enforced}`,
      `CREATE TABLE "aludel_old_a" AS SELECT "id", "kept" FROM "a" WHERE ${enforced}`,
      'DROP TABLE "a"',
      'ALTER TABLE "aludel_new_a" RENAME TO "a"',
      'INSERT INTO "a" ("id", "kept") SELECT "id", "kept" FROM "aludel_old_a"',
      'DROP TABLE "aludel_old_a"',
      'RELEASE "aludel_rebuild"',
    ]
    expect(effectsOf(usual, columns).destroys).toEqual(['values of a.gone'])
    const keyed = [
      'CREATE TABLE "aludel_old_a" AS SELECT "id", "kept" FROM "a"',
      'DROP TABLE "a"',
      'CREATE TABLE "a" ("id" integer PRIMARY KEY, "kept" text)',
      'INSERT INTO "a" ("id", "kept") SELECT "id", "kept" FROM "aludel_old_a"',
      'DROP TABLE "aludel_old_a"',
    ]
    expect(effectsOf(keyed, columns).destroys).toEqual(['values of a.gone'])
  })

  test('follows renames of the table and its columns before a rebuild', () => {
    const columnsOf = (table: string): string[] | undefined => (table === 'a' ? ['id', 'note', 'gone'] : undefined)
    const statements = [
      'ALTER TABLE "a" RENAME TO "b"',
      'ALTER TABLE "b" RENAME COLUMN "note" TO "remark"',
      'CREATE TABLE "aludel_new_b" ("id" integer, "remark" text)',
      'INSERT INTO "aludel_new_b" ("id", "remark") SELECT "id", "remark" FROM "b"',
      'DROP TABLE "b"',
      'ALTER TABLE "aludel_new_b" RENAME TO "b"',
    ]
    expect(effectsOf(statements, columnsOf).destroys).toEqual(['values of b.gone'])
  })

  test('reports whether all or some rows of a table are deleted', () => {
    expect(effectsOf(['DELETE FROM "a"', `DELETE FROM "b" WHERE "x" = 1`, 'TRUNCATE TABLE "c"']).destroys).toEqual([
      'all rows of a',
      'some rows of b',
      'all rows of c',
    ])
  })

  test('ignores a table that the same revision creates', () => {
    expect(
      effectsOf([
        'CREATE TABLE "t" ("id" int)',
        'ALTER TABLE "t" ADD "x" int',
        'CREATE INDEX "i" ON "t" ("x")',
        'DROP TABLE "t"',
      ]),
    ).toEqual({
      destroys: [],
      locks: [],
    })
  })

  test('reports locks on both tables of a foreign key and on an indexed table', () => {
    expect(
      effectsOf([
        'ALTER TABLE "a" ADD CONSTRAINT "f" FOREIGN KEY ("b_id") REFERENCES "b" ("id")',
        'CREATE INDEX "i" ON "c" ("x")',
        'CREATE INDEX CONCURRENTLY "j" ON "d" ("x")',
      ]).locks,
    ).toEqual(['SHARE ROW EXCLUSIVE a', 'SHARE ROW EXCLUSIVE b', 'SHARE c'])
  })

  test('reads schema-qualified and quoted names', () => {
    expect(effectsOf(['DROP TABLE IF EXISTS "audit"."odd ""name"', 'drop table plain']).destroys).toEqual([
      'all rows of audit.odd "name',
      'all rows of plain',
    ])
  })
})
