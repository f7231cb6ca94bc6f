import { type Mistake, users } from './mistake'

const rebuilt = (definition: string, columns: string, values = columns, how = 'INSERT'): readonly string[] => [
  `CREATE TABLE "new_users" ("id" integer PRIMARY KEY NOT NULL, ${definition})`,
  `${how} INTO "new_users" ("id", ${columns}) SELECT "id", ${values} FROM "users"`,
  'DROP TABLE "users"',
  'ALTER TABLE "new_users" RENAME TO "users"',
]

export const onSqlite: readonly Mistake[] = [
  {
    name: 'a rebuild that makes a column NOT NULL without a backfill',
    before: users('"name" text'),
    up: rebuilt('"name" text NOT NULL', '"name"'),
    down: rebuilt('"name" text', '"name"'),
    repaired: rebuilt('"name" text NOT NULL', '"name"', `coalesce("name", '')`),
    found: [
      'error null: the upgrade fails if a row has NULL in users.name: NOT NULL constraint failed: new_users.name',
    ],
  },
  {
    name: 'a unique index over duplicates',
    before: users('"email" text NOT NULL'),
    up: ['CREATE UNIQUE INDEX "ux" ON "users" ("email")'],
    down: ['DROP INDEX "ux"'],
    repaired: [
      'DELETE FROM "users" WHERE "id" NOT IN (SELECT min("id") FROM "users" GROUP BY "email")',
      'CREATE UNIQUE INDEX "ux" ON "users" ("email")',
    ],
    found: [
      'error duplicate: the upgrade fails if two rows of users have the same email: UNIQUE constraint failed: users.email',
    ],
  },
  {
    name: 'a unique index with NOCASE that texts differing in case violate',
    before: users('"email" text NOT NULL UNIQUE'),
    up: ['CREATE UNIQUE INDEX "ux" ON "users" ("email" COLLATE NOCASE)'],
    down: ['DROP INDEX "ux"'],
    repaired: [
      'DELETE FROM "users" WHERE "id" NOT IN (SELECT min("id") FROM "users" GROUP BY "email" COLLATE NOCASE)',
      'CREATE UNIQUE INDEX "ux" ON "users" ("email" COLLATE NOCASE)',
    ],
    found: [
      'error duplicate: the upgrade fails if two rows of users have the same email in upper and lower case: UNIQUE constraint failed: users.email',
    ],
  },
  {
    name: 'a rebuild that ignores duplicates and loses their rows',
    before: users('"email" text NOT NULL'),
    up: rebuilt('"email" text NOT NULL UNIQUE', '"email"', '"email"', 'INSERT OR IGNORE'),
    down: rebuilt('"email" text NOT NULL', '"email"'),
    repaired: [
      `UPDATE "users" SET "email" = "email" || "id" WHERE "id" NOT IN (SELECT min("id") FROM "users" GROUP BY "email")`,
      ...rebuilt('"email" text NOT NULL UNIQUE', '"email"'),
    ],
    found: [
      'error lost: the upgrade loses rows of users if two rows of users have the same email, and reports nothing',
    ],
  },
  {
    name: 'a rebuild with a required column that has no default',
    before: users('"name" text NOT NULL'),
    up: rebuilt('"name" text NOT NULL, "team" text NOT NULL', '"name"'),
    down: rebuilt('"name" text NOT NULL', '"name"'),
    repaired: rebuilt(`"name" text NOT NULL, "team" text NOT NULL DEFAULT 'none'`, '"name"'),
    found: ['error row: the upgrade fails if users has a row: NOT NULL constraint failed: new_users.team'],
  },
  {
    name: 'texts in a column that becomes a number and loses their zeros',
    before: users('"zip" text NOT NULL'),
    up: rebuilt('"zip" integer NOT NULL', '"zip"'),
    down: rebuilt('"zip" text NOT NULL', '"zip"'),
    repaired: rebuilt('"zip" varchar(10) NOT NULL', '"zip"'),
    found: [`warning changed: the upgrade changes '007' in users.zip to '7', and reports nothing`],
  },
  {
    name: 'a CAST that makes 0 of what is no number',
    before: users('"age" text NOT NULL'),
    up: rebuilt('"age" integer NOT NULL', '"age"', 'CAST("age" AS integer)'),
    down: rebuilt('"age" text NOT NULL', '"age"'),
    repaired: rebuilt('"age" text NOT NULL', '"age"'),
    found: [`warning changed: the upgrade changes '' in users.age to '0', and reports nothing`],
  },
  {
    name: 'a foreign key over orphans',
    before: ['CREATE TABLE "teams" ("id" integer PRIMARY KEY NOT NULL)', ...users('"team_id" integer')],
    up: rebuilt('"team_id" integer REFERENCES "teams" ("id")', '"team_id"'),
    down: rebuilt('"team_id" integer', '"team_id"'),
    repaired: rebuilt(
      '"team_id" integer REFERENCES "teams" ("id")',
      '"team_id"',
      '(SELECT t."id" FROM "teams" t WHERE t."id" = "team_id")',
    ),
    found: [
      'error orphan: the upgrade fails if a row of users has a team_id that is not in teams: 1 row references a row that is not there: users (rowid 21) → teams',
    ],
  },
  {
    name: 'a check that rows violate',
    before: users('"age" integer NOT NULL'),
    up: rebuilt('"age" integer NOT NULL CHECK ("age" >= 18)', '"age"'),
    down: rebuilt('"age" integer NOT NULL', '"age"'),
    repaired: rebuilt('"age" integer NOT NULL CHECK ("age" >= 18)', '"age"', 'max("age", 18)'),
    found: ['error check: the upgrade fails if a row has 17 in users.age (or 0, -1): CHECK constraint failed: age'],
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
    found: ['error null: the upgrade fails if a row has NULL in users.phone: NOT NULL constraint failed: phones.phone'],
  },
  {
    name: 'a join in a rebuild that loses rows without a partner',
    before: [
      'CREATE TABLE "teams" ("id" integer PRIMARY KEY NOT NULL, "name" text NOT NULL)',
      ...users('"team_id" integer REFERENCES "teams" ("id")'),
    ],
    up: [
      'CREATE TABLE "new_users" ("id" integer PRIMARY KEY NOT NULL, "team_id" integer REFERENCES "teams" ("id"), "team" text)',
      'INSERT INTO "new_users" ("id", "team_id", "team") SELECT u."id", u."team_id", t."name" FROM "users" u JOIN "teams" t ON t."id" = u."team_id"',
      'DROP TABLE "users"',
      'ALTER TABLE "new_users" RENAME TO "users"',
    ],
    down: rebuilt('"team_id" integer REFERENCES "teams" ("id")', '"team_id"'),
    repaired: [
      'CREATE TABLE "new_users" ("id" integer PRIMARY KEY NOT NULL, "team_id" integer REFERENCES "teams" ("id"), "team" text)',
      'INSERT INTO "new_users" ("id", "team_id", "team") SELECT u."id", u."team_id", t."name" FROM "users" u LEFT JOIN "teams" t ON t."id" = u."team_id"',
      'DROP TABLE "users"',
      'ALTER TABLE "new_users" RENAME TO "users"',
    ],
    found: ['error lost: the upgrade loses rows of users if a row has NULL in users.team_id, and reports nothing'],
  },
  {
    // As in the released migration AddFileUploadsToChatMessage1701788586491 of a well-known application.
    name: 'a rebuild that copies two columns crosswise',
    before: users('"tools" text, "files" text'),
    up: rebuilt('"tools" text, "files" text', '"files", "tools"', '"tools", "files"'),
    down: rebuilt('"tools" text, "files" text', '"files", "tools"'),
    repaired: rebuilt('"tools" text, "files" text', '"files", "tools"'),
    found: [
      "warning changed: the upgrade changes NULL in users.tools to 'sample-k', and reports nothing",
      "warning changed: the upgrade changes 'sample-k' in users.files to NULL, and reports nothing",
    ],
  },
  {
    name: 'a JSON document that is read and is none',
    before: users('"data" text NOT NULL'),
    up: ['ALTER TABLE "users" ADD COLUMN "name" text', `UPDATE "users" SET "name" = json_extract("data", '$.name')`],
    down: ['ALTER TABLE "users" DROP COLUMN "name"'],
    repaired: [
      'ALTER TABLE "users" ADD COLUMN "name" text',
      `UPDATE "users" SET "name" = json_extract("data", '$.name') WHERE json_valid("data")`,
    ],
    found: [`error value: the upgrade fails if a row has 'sample-0' in users.data (or '', ' ' …): malformed JSON`],
  },
]
