import { Client } from 'pg'

import { makeDatabase, postgresMajor, type TestDatabase } from '../../../../../tools/testing/databases'
import type { Rule } from '../../../src/lint/rule'
import { addCheck } from '../../../src/lint/rules/locks/add-check'
import { addForeignKey } from '../../../src/lint/rules/locks/add-foreign-key'
import { addPrimaryKey } from '../../../src/lint/rules/locks/add-primary-key'
import { addUnique } from '../../../src/lint/rules/locks/add-unique'
import { createIndex } from '../../../src/lint/rules/locks/create-index'
import { detachPartition } from '../../../src/lint/rules/locks/detach-partition'
import { dropIndex } from '../../../src/lint/rules/locks/drop-index'
import { ifNotExistsConcurrently } from '../../../src/lint/rules/locks/if-not-exists-concurrently'
import { refreshView } from '../../../src/lint/rules/locks/refresh-view'
import { reindex } from '../../../src/lint/rules/locks/reindex'
import { repeatedAlters } from '../../../src/lint/rules/locks/repeated-alters'
import { replaceIndex } from '../../../src/lint/rules/locks/replace-index'
import { setNotNull } from '../../../src/lint/rules/locks/set-not-null'
import { volatileDefault } from '../../../src/lint/rules/rewrites/volatile-default'
import { lint } from '../support'

const setup = [
  'CREATE TABLE "users" ("id" integer PRIMARY KEY, "email" text)',
  'CREATE TABLE "Orders" ("id" integer NOT NULL, "user_id" integer, "total" integer, "größe" text)',
  `INSERT INTO "users" VALUES (1, 'a')`,
  `INSERT INTO "Orders" VALUES (1, 1, 5, 'ß')`,
  'CREATE INDEX "ix_email" ON "users" ("email")',
  'CREATE MATERIALIZED VIEW "emails" AS SELECT "email" FROM "users"',
  'CREATE UNIQUE INDEX "ix_emails" ON "emails" ("email")',
  'CREATE TABLE "logs" ("at" date) PARTITION BY RANGE ("at")',
  `CREATE TABLE "logs_2020" PARTITION OF "logs" FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')`,
]

/** Rules whose corrected statements end in the same schema, with statements that they find. */
const alike = [
  [createIndex, ['CREATE UNIQUE INDEX "ix" ON "Orders" USING btree ("total" DESC, lower("größe")) WHERE "id" > 0']],
  [dropIndex, ['DROP INDEX "ix_email"']],
  [replaceIndex, ['DROP INDEX "ix_email"', 'CREATE INDEX "ix_email" ON "users" ("email", "id")']],
  [replaceIndex, ['DROP INDEX "ix_email"', 'CREATE INDEX "ix_other" ON "users" ("email", "id")']],
  [reindex, ['REINDEX (VERBOSE) TABLE "users"']],
  [reindex, ['REINDEX INDEX "ix_email"']],
  [refreshView, ['REFRESH MATERIALIZED VIEW "emails"']],
  [
    addForeignKey,
    ['ALTER TABLE "Orders" ADD FOREIGN KEY ("user_id") REFERENCES "users" ON DELETE SET NULL DEFERRABLE'],
  ],
  [
    addForeignKey,
    [
      `ALTER TABLE "Orders" ADD "größe_id" integer DEFAULT 1 CONSTRAINT "fk" REFERENCES "users" ("id") ON UPDATE CASCADE, ADD "y" text`,
    ],
  ],
  [addCheck, [`ALTER TABLE "Orders" ADD CHECK ("größe" <> '(,'), DROP COLUMN "user_id"`]],
  [
    addCheck,
    ['ALTER TABLE ONLY "Orders" ADD COLUMN "tax" numeric(5, 2) DEFAULT 1 CHECK ("tax" > 0) NO INHERIT NOT NULL'],
  ],
  [
    addUnique,
    [
      'ALTER TABLE "Orders" ADD UNIQUE ("total", "größe") INCLUDE ("id") WITH (fillfactor = 70) DEFERRABLE INITIALLY DEFERRED',
    ],
  ],
  [addUnique, ['ALTER TABLE "Orders" ADD "code" text CONSTRAINT "one" UNIQUE NOT NULL DEFAULT 1, DROP "total"']],
  [addPrimaryKey, ['ALTER TABLE "Orders" ADD PRIMARY KEY ("id", "total")']],
  [setNotNull, ['ALTER TABLE "Orders" ADD "x" integer, ALTER COLUMN "größe" SET NOT NULL']],
  [
    repeatedAlters,
    [
      'ALTER TABLE "Orders" ALTER "total" SET NOT NULL, ADD "x" integer',
      'ALTER TABLE "Orders" ADD CONSTRAINT "c" CHECK ("total" > 0), ALTER "user_id" TYPE bigint',
    ],
  ],
  [ifNotExistsConcurrently, ['CREATE INDEX CONCURRENTLY IF NOT EXISTS "ix" ON "users" ("email")']],
] as const satisfies readonly (readonly [Rule, readonly string[]])[]

describe('corrected statements', () => {
  let database: TestDatabase
  let client: Client

  beforeAll(async () => {
    database = await makeDatabase('postgres')
    client = new Client(database.url)
    await client.connect()
  })

  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  /** The schema after some statements, each of which runs alone. */
  async function after(statements: readonly string[]): Promise<unknown> {
    await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public')
    for (const sql of [...setup, ...statements]) await client.query(sql)
    const constraints = await client.query(
      `SELECT conrelid::regclass::text AS "table", conname, convalidated, pg_get_constraintdef(oid) AS definition
       FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2`,
    )
    const indexes = await client.query(
      `SELECT pg_get_indexdef(indexrelid) AS definition, indisvalid FROM pg_index
       JOIN pg_class c ON c.oid = indexrelid WHERE relnamespace = 'public'::regnamespace ORDER BY 1`,
    )
    const columns = await client.query(
      `SELECT attrelid::regclass::text AS "table", attname, format_type(atttypid, atttypmod) AS type, attnotnull,
         pg_get_expr(adbin, adrelid) AS value
       FROM pg_attribute JOIN pg_class c ON c.oid = attrelid AND relkind IN ('r', 'p') LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
       WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped ORDER BY 1, 2`,
    )
    return { constraints: constraints.rows, indexes: indexes.rows, columns: columns.rows }
  }

  async function insteadOf(rule: Rule, up: readonly string[], server: number): Promise<readonly string[]> {
    const found = await lint('postgres', rule, [{ up: setup }, { up }], { server })
    expect(found).toHaveLength(1)
    return found[0]?.instead ?? []
  }

  test.each(
    alike.flatMap(([rule, up]) => [...new Set([13, postgresMajor])].map((server) => [up, server, rule] as const)),
  )('make the same schema as %j, for servers from version %i', async (up, server, rule) => {
    const instead = await insteadOf(rule, up, server)
    expect(instead).not.toEqual(up)
    expect(await after(instead)).toEqual(await after(up))
  })

  test('make another column nullable with a default for new rows', async () => {
    const up = [
      'ALTER TABLE "Orders" ADD "uid" double precision NOT NULL DEFAULT random() CHECK ("uid" < 1), ADD "y" text',
    ]
    expect(await after(await insteadOf(volatileDefault, up, 13))).toEqual(
      await after([...up, 'ALTER TABLE "Orders" ALTER "uid" DROP NOT NULL']),
    )
  })

  test('detach a partition', async () => {
    if (postgresMajor < 14) return
    const up = ['ALTER TABLE "logs" DETACH PARTITION "logs_2020"']
    await after(await insteadOf(detachPartition, up, 14))
    const { rows } = await client.query(`SELECT 1 FROM pg_inherits WHERE inhrelid = 'logs_2020'::regclass`)
    expect(rows).toEqual([])
  })
})
