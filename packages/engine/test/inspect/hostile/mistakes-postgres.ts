import { type Mistake, users } from './mistake'

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
    found: [
      'error null: the upgrade fails if a row has NULL in users.name: column "name" of relation "users" contains null values',
    ],
  },
  {
    name: 'a unique index over duplicates',
    before: users('"email" text NOT NULL'),
    up: ['CREATE UNIQUE INDEX "ux" ON "users" ("email")'],
    down: ['DROP INDEX "ux"'],
    repaired: [
      `DELETE FROM "users" u USING "users" o WHERE o."email" = u."email" AND o."id" < u."id"`,
      'CREATE UNIQUE INDEX "ux" ON "users" ("email")',
    ],
    found: [
      'error duplicate: the upgrade fails if two rows of users have the same email: could not create unique index "ux"',
    ],
  },
  {
    name: 'a unique index over lower() that texts differing in case violate',
    before: users('"email" text NOT NULL UNIQUE'),
    up: ['CREATE UNIQUE INDEX "ux" ON "users" (lower("email"))'],
    down: ['DROP INDEX "ux"'],
    repaired: [
      `DELETE FROM "users" u USING "users" o WHERE lower(o."email") = lower(u."email") AND o."id" < u."id"`,
      'CREATE UNIQUE INDEX "ux" ON "users" (lower("email"))',
    ],
    found: [
      'error duplicate: the upgrade fails if two rows of users have the same email in upper and lower case: could not create unique index "ux"',
    ],
  },
  {
    name: 'a required column without a default',
    before: users('"name" text NOT NULL'),
    up: ['ALTER TABLE "users" ADD COLUMN "team" text NOT NULL'],
    down: ['ALTER TABLE "users" DROP COLUMN "team"'],
    repaired: [`ALTER TABLE "users" ADD COLUMN "team" text NOT NULL DEFAULT 'none'`],
    found: ['error row: the upgrade fails if users has a row: column "team" of relation "users" contains null values'],
  },
  {
    name: 'a cast of texts to integers',
    before: users('"age" text'),
    up: ['ALTER TABLE "users" ALTER COLUMN "age" TYPE integer USING "age"::integer'],
    down: ['ALTER TABLE "users" ALTER COLUMN "age" TYPE text'],
    repaired: [
      `ALTER TABLE "users" ALTER COLUMN "age" TYPE integer USING CASE WHEN "age" ~ '^-?[0-9]{1,9}$' THEN "age"::integer END`,
    ],
    found: [
      `error value: the upgrade fails if a row has '' in users.age (or ' ', 'abc' …): invalid input syntax for type integer: ""`,
      `warning changed: the upgrade changes '007' in users.age to '7', and reports nothing`,
    ],
  },
  {
    name: 'a shorter column',
    before: users('"code" varchar(50) NOT NULL'),
    up: ['ALTER TABLE "users" ALTER COLUMN "code" TYPE varchar(10)'],
    down: ['ALTER TABLE "users" ALTER COLUMN "code" TYPE varchar(50)'],
    repaired: ['ALTER TABLE "users" ALTER COLUMN "code" TYPE varchar(10) USING left("code", 10)'],
    found: [
      `error value: the upgrade fails if a row has 'xxxxxxxxxxx' in users.code: value too long for type character varying(10)`,
    ],
  },
  {
    name: 'a numeric column that becomes an integer and loses its cents without a word',
    before: users('"price" numeric(10,2) NOT NULL'),
    up: ['ALTER TABLE "users" ALTER COLUMN "price" TYPE bigint'],
    down: [
      'ALTER TABLE "users" ALTER COLUMN "price" TYPE numeric(10,2) USING least(greatest("price", -99999999), 99999999)',
    ],
    repaired: [
      `ALTER TABLE "users" ALTER COLUMN "price" TYPE bigint USING CASE WHEN "price" <> 'NaN' THEN round("price") ELSE 0 END`,
    ],
    found: [
      `warning changed: the upgrade changes '0.50' in users.price to '1', and reports nothing`,
      `warning value: the upgrade fails if a row has 'NaN' in users.price: cannot convert NaN to bigint`,
    ],
  },
  {
    name: 'a foreign key over orphans',
    before: ['CREATE TABLE "teams" ("id" integer PRIMARY KEY NOT NULL)', ...users('"team_id" integer')],
    up: ['ALTER TABLE "users" ADD CONSTRAINT "fk" FOREIGN KEY ("team_id") REFERENCES "teams" ("id")'],
    down: ['ALTER TABLE "users" DROP CONSTRAINT "fk"'],
    repaired: [
      'UPDATE "users" SET "team_id" = NULL WHERE "team_id" NOT IN (SELECT "id" FROM "teams")',
      'ALTER TABLE "users" ADD CONSTRAINT "fk" FOREIGN KEY ("team_id") REFERENCES "teams" ("id")',
    ],
    found: [
      'error orphan: the upgrade fails if a row of users has a team_id that is not in teams: insert or update on table "users" violates foreign key constraint "fk"',
    ],
  },
  {
    name: 'a check that rows violate',
    before: users('"age" integer NOT NULL'),
    up: ['ALTER TABLE "users" ADD CONSTRAINT "adults" CHECK ("age" >= 18)'],
    down: ['ALTER TABLE "users" DROP CONSTRAINT "adults"'],
    repaired: [
      'UPDATE "users" SET "age" = 18 WHERE "age" < 18',
      'ALTER TABLE "users" ADD CONSTRAINT "adults" CHECK ("age" >= 18)',
    ],
    found: [
      'error check: the upgrade fails if a row has 17 in users.age (or 0, -1): check constraint "adults" of relation "users" is violated by some row',
    ],
  },
  {
    name: 'texts that become an enum in another case',
    before: users(`"status" text NOT NULL`),
    up: [
      `CREATE TYPE "status" AS ENUM ('active', 'gone')`,
      'ALTER TABLE "users" ALTER COLUMN "status" TYPE "status" USING "status"::"status"',
    ],
    down: ['ALTER TABLE "users" ALTER COLUMN "status" TYPE text', 'DROP TYPE "status"'],
    repaired: [
      `CREATE TYPE "status" AS ENUM ('active', 'gone')`,
      `ALTER TABLE "users" ALTER COLUMN "status" TYPE "status" USING (CASE lower(trim("status")) WHEN 'active' THEN 'active' ELSE 'gone' END)::"status"`,
    ],
    found: [
      `error value: the upgrade fails if a row has '' in users.status (or ' ', 'abc' …): invalid input value for enum status: ""`,
    ],
  },
  {
    name: 'rows that move to a new table and have a NULL there',
    before: users('"phone" text'),
    up: [
      'CREATE TABLE "phones" ("user_id" integer NOT NULL, "phone" text NOT NULL)',
      'INSERT INTO "phones" SELECT "id", "phone" FROM "users"',
    ],
    down: ['DROP TABLE "phones"'],
    repaired: [
      'CREATE TABLE "phones" ("user_id" integer NOT NULL, "phone" text NOT NULL)',
      'INSERT INTO "phones" SELECT "id", "phone" FROM "users" WHERE "phone" IS NOT NULL',
    ],
    found: [
      'error null: the upgrade fails if a row has NULL in users.phone: null value in column "phone" of relation "phones" violates not-null constraint',
    ],
  },
  {
    name: 'an amount that is read from a text',
    before: users('"amount" text NOT NULL'),
    up: ['ALTER TABLE "users" ADD COLUMN "cents" bigint', 'UPDATE "users" SET "cents" = "amount"::numeric * 100'],
    down: ['ALTER TABLE "users" DROP COLUMN "cents"'],
    repaired: [
      'ALTER TABLE "users" ADD COLUMN "cents" bigint',
      `UPDATE "users" SET "cents" = "amount"::numeric * 100 WHERE "amount" ~ '^-?[0-9]{1,9}([.][0-9]+)?$'`,
    ],
    found: [
      `error value: the upgrade fails if a row has 'sample 0' in users.amount (or '', ' ' …): invalid input syntax for type numeric: "sample 0"`,
    ],
  },
  {
    name: 'a subquery that finds two rows',
    before: [
      ...users('"name" text NOT NULL'),
      'CREATE TABLE "mails" ("id" integer PRIMARY KEY NOT NULL, "user_id" integer NOT NULL REFERENCES "users" ("id"), "mail" text NOT NULL)',
    ],
    up: [
      'ALTER TABLE "users" ADD COLUMN "mail" text',
      'UPDATE "users" SET "mail" = (SELECT m."mail" FROM "mails" m WHERE m."user_id" = "users"."id")',
    ],
    down: ['ALTER TABLE "users" DROP COLUMN "mail"'],
    repaired: [
      'ALTER TABLE "users" ADD COLUMN "mail" text',
      'UPDATE "users" SET "mail" = (SELECT m."mail" FROM "mails" m WHERE m."user_id" = "users"."id" ORDER BY m."id" LIMIT 1)',
    ],
    found: [
      'error duplicate: the upgrade fails if two rows of mails have the same user_id: more than one row returned by a subquery used as an expression',
    ],
  },
]
