import { tablesMentioned } from '../../src/sql/mentions'

const tables = ['users', 'Team', 'team', 'audit.events', 'events', 'order', 'odd "name', 'aludel']

describe('tablesMentioned', () => {
  test.each([
    ['ALTER TABLE "users" ADD COLUMN "team" text', ['users']],
    ['ALTER TABLE IF EXISTS ONLY users DROP COLUMN team', ['users']],
    ['CREATE TABLE "x" ("order" int, "team" text REFERENCES "team" ("id"))', ['team']],
    ['CREATE INDEX "users" ON "Team" ("events")', ['Team']],
    ['DROP TABLE users, "order", events CASCADE', ['users', 'order', 'events']],
    ['TRUNCATE users, ONLY events', ['users', 'events']],
    ['INSERT INTO audit.events SELECT "order" FROM users AS team', ['audit.events', 'users']],
    ['UPDATE "public"."users" SET "events" = 1', ['users']],
    ['DELETE FROM USERS WHERE users.team IN (SELECT id FROM TEAM)', ['users', 'team']],
    ['COMMENT ON COLUMN "audit"."events"."order" IS \'users\'', ['audit.events']],
    ['COMMENT ON COLUMN users.order IS NULL', ['users']],
    ['SELECT 1 -- FROM users', []],
    [`INSERT INTO "nothing" VALUES ('FROM users')`, []],
    ['DROP TABLE "odd ""name"', ['odd "name']],
    ['ALTER TABLE "aludel_new_users" RENAME TO "users"', []],
    ['', []],
    ['FROM .. . users', []],
  ])('finds in %j the tables %j', (sql, found) => {
    expect(tablesMentioned(sql, tables)).toEqual(found)
  })
})
