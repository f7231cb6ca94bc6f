/** A mistake that works on a developer's machine: a schema, a revision on it, and the same revision repaired. */
export interface Mistake {
  readonly name: string
  readonly before: readonly string[]
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** The statements of the repaired revision. */
  readonly repaired: readonly string[]
  /** Its message, with the database's words. */
  readonly found: string
  readonly severity?: 'warning'
}

const users = (columns: string): readonly string[] => [
  `CREATE TABLE "users" ("id" integer PRIMARY KEY NOT NULL, ${columns})`,
]

export const onPostgres: readonly Mistake[] = [
  {
    name: 'SET NOT NULL without a backfill',
    before: users('"name" text'),
    up: ['ALTER TABLE "users" ALTER COLUMN "name" SET NOT NULL'],
    down: ['ALTER TABLE "users" ALTER COLUMN "name" DROP NOT NULL'],
    repaired: [
      `UPDATE "users" SET "name" = '' WHERE "name" IS NULL`,
      'ALTER TABLE "users" ALTER COLUMN "name" SET NOT NULL',
    ],
    found:
      'the upgrade fails if a row has NULL in users.name: column "name" of relation "users" contains null values',
  },
]
