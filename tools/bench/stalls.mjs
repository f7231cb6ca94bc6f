import { finish } from './measure.mjs'
import { aludelIn } from './programs.mjs'
import { writeProject, writeRevisions } from './projects.mjs'

/** @typedef {import('./databases.mjs').BenchDatabase} BenchDatabase */
/** @typedef {import('./databases.mjs').Place} Place */
/** @typedef {import('./measure.mjs').Scenario} Scenario */
/** @typedef {import('./setting.mjs').Setting} Setting */

/**
 * A change of a large table.
 *
 * @typedef {object} Change
 * @property {string} what it does
 * @property {string[]} up its statements
 */

/** How far a foretold time may be from the measured one: as a ratio. */
const [least, goal] = [0.7, 1.3]

/**
 * How long a revision blocks others on a large table: what `upgrade --plan --trace` foretells, against the upgrade itself.
 *
 * @param {Setting} setting
 * @returns {Scenario[]}
 */
export function stalls(setting) {
  const { rows } = setting.sizes
  /** @type {Map<string, Promise<BenchDatabase>>} the databases before the change, and what is to be done with each */
  const templates = new Map()
  return [rows, rows * 5].flatMap((size) => {
    const title = size.toLocaleString('en-US')
    const onPostgres = postgresChanges.map((change) => ({
      name: `stalls: ${change.what}, ${title} rows, PostgreSQL`,
      long: true,
      open: async () => contest(setting, await setting.postgres('durable'), change, size, templates),
    }))
    const onSqlite = sqliteChanges.map((change) => ({
      name: `stalls: ${change.what}, ${title} rows, SQLite`,
      long: true,
      open: () => contest(setting, setting.sqlite, change, size, templates),
    }))
    return [...onSqlite, ...onPostgres]
  })
}

/** @type {Change[]} */
const postgresChanges = [
  {
    what: 'add a column with a volatile default',
    up: ['ALTER TABLE "orders" ADD COLUMN "token" uuid NOT NULL DEFAULT gen_random_uuid()'],
  },
  { what: 'change a type', up: ['ALTER TABLE "orders" ALTER COLUMN "quantity" TYPE bigint'] },
  { what: 'create an index', up: ['CREATE INDEX "ix_orders_customer" ON "orders" ("customer")'] },
  { what: 'create an index of texts', up: ['CREATE INDEX "ix_orders_note" ON "orders" ("note")'] },
  { what: 'set NOT NULL', up: ['ALTER TABLE "orders" ALTER COLUMN "amount" SET NOT NULL'] },
  {
    what: 'validate a check',
    up: [
      'ALTER TABLE "orders" ADD CONSTRAINT "ck_amount" CHECK ("amount" >= 0) NOT VALID',
      'ALTER TABLE "orders" VALIDATE CONSTRAINT "ck_amount"',
    ],
  },
  {
    what: 'add a foreign key',
    up: ['ALTER TABLE "orders" ADD CONSTRAINT "fk_customer" FOREIGN KEY ("customer") REFERENCES "customers" ("id")'],
  },
  { what: 'update all rows', up: ['UPDATE "orders" SET "status" = \'archived\''] },
]

/** @type {Change[]} */
const sqliteChanges = [
  {
    what: 'rebuild a table',
    up: [
      'CREATE TABLE "new_orders" ("id" integer PRIMARY KEY NOT NULL, "customer" integer NOT NULL, "status" varchar(20) NOT NULL, "quantity" integer NOT NULL, "amount" decimal(10,2) NOT NULL, "note" text, "created" datetime NOT NULL)',
      'INSERT INTO "new_orders" ("id", "customer", "status", "quantity", "amount", "note", "created") SELECT "id", "customer", "status", "quantity", "amount", "note", "created" FROM "orders"',
      'DROP TABLE "orders"',
      'ALTER TABLE "new_orders" RENAME TO "orders"',
      'CREATE INDEX "ix_orders_created" ON "orders" ("created")',
    ],
  },
  { what: 'create an index', up: ['CREATE INDEX "ix_orders_customer" ON "orders" ("customer")'] },
  { what: 'create an index of texts', up: ['CREATE INDEX "ix_orders_note" ON "orders" ("note")'] },
  { what: 'update all rows', up: ['UPDATE "orders" SET "status" = \'archived\''] },
]

/**
 * A revision that runs before the change. A process that has just begun compiles the grammar of PostgreSQL on the processors beside the
 * first statements (V8 optimizes WebAssembly that was used), for about 0.1 s: on few processors that takes time from a server on the same
 * machine, and would be measured as the time of a change that takes no longer itself.
 *
 * @type {Record<Place['dialect'], string[]>}
 */
const starting = { postgres: ['SELECT pg_sleep(0.5)'], sqlite: ['SELECT 1'] }

/** What a database has before the change. @type {Record<Place['dialect'], string[]>} */
const tables = {
  postgres: [
    'CREATE TABLE "customers" ("id" integer PRIMARY KEY, "name" varchar(100) NOT NULL)',
    'CREATE TABLE "orders" ("id" integer PRIMARY KEY, "customer" integer NOT NULL, "status" varchar(20) NOT NULL, "quantity" integer NOT NULL, "amount" numeric(10,2), "note" text, "created" timestamptz NOT NULL)',
    'CREATE INDEX "ix_orders_created" ON "orders" ("created")',
  ],
  sqlite: [
    'CREATE TABLE "customers" ("id" integer PRIMARY KEY NOT NULL, "name" varchar(100) NOT NULL)',
    'CREATE TABLE "orders" ("id" integer PRIMARY KEY NOT NULL, "customer" integer NOT NULL, "status" varchar(20) NOT NULL, "quantity" integer NOT NULL, "amount" decimal(10,2), "note" text, "created" datetime NOT NULL)',
    'CREATE INDEX "ix_orders_created" ON "orders" ("created")',
  ],
}

/**
 * Rows as an application has them: of 10 orders, one has a customer of its own, and most have a note.
 *
 * @type {Record<Place['dialect'], (rows: number) => string>}
 */
const fill = {
  postgres: (
    rows,
  ) => `INSERT INTO "customers" SELECT n, 'customer ' || n FROM generate_series(1, ${Math.ceil(rows / 10)}) AS numbers(n);
    INSERT INTO "orders" SELECT n, 1 + floor(random() * ${Math.ceil(rows / 10)})::integer, (ARRAY['new', 'paid', 'sent', 'returned'])[1 + n % 4], n % 50,
      (n % 100000) / 100.0, CASE WHEN n % 5 > 0 THEN 'note about ' || md5(n::text) END, '2024-01-01'::timestamptz + n * interval '7 seconds'
      FROM generate_series(1, ${rows}) AS numbers(n)`,
  sqlite: (
    rows,
  ) => `INSERT INTO "customers" WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${Math.ceil(rows / 10)})
      SELECT n, 'customer ' || n FROM numbers;
    INSERT INTO "orders" WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows})
      SELECT n, 1 + abs(random() % ${Math.ceil(rows / 10)}), CASE n % 4 WHEN 0 THEN 'new' WHEN 1 THEN 'paid' WHEN 2 THEN 'sent' ELSE 'returned' END, n % 50,
        (n % 100000) / 100.0, CASE WHEN n % 5 > 0 THEN 'note about ' || hex(randomblob(16)) END, datetime('2024-01-01', '+' || (n * 7) || ' seconds') FROM numbers`,
}

/**
 * @param {Setting} setting
 * @param {Place} place
 * @param {Change} change
 * @param {number} rows
 * @param {Map<string, Promise<BenchDatabase>>} templates
 * @returns {Promise<import('./measure.mjs').Contest>}
 */
async function contest(setting, place, change, rows, templates) {
  const project = writeProject(setting.folder('stalls'), place.dialect)
  // A template literal has the statements.
  const send = (/** @type {string[]} */ statements) => statements.join('`)\n    await queryRunner.query(`')
  writeRevisions(project.revisions, [
    { up: send(tables[place.dialect]), down: 'SELECT 1' },
    { up: send(starting[place.dialect]), down: 'SELECT 1' },
    { up: send(change.up), down: 'SELECT 1' },
  ])
  const key = `${place.dialect} ${rows}`
  const known = templates.get(key) ?? prepare(setting, place, project, rows)
  templates.set(key, known)
  const template = await known
  const collect = (/** @type {(result: any) => number} */ of) => (/** @type {string} */ output) => ({
    ms: of(JSON.parse(output)),
  })
  return {
    ours: {
      name: 'aludel migrate upgrade --plan --trace',
      prepare: async () => ({
        ...aludelIn(project, template, 'migrate', 'upgrade', '--plan', '--trace', '--json'),
        collect: collect(({ steps }) => {
          const { stalls, stallsUnknown, unmeasured } = steps.at(-1)
          if (stalls === undefined) throw new Error(stallsUnknown ?? unmeasured)
          return Math.max(1, ...stalls.map((/** @type {{ ms: number }} */ { ms }) => ms))
        }),
      }),
    },
    peers: [
      {
        name: 'the upgrade itself',
        rows: [{ least, goal }],
        prepare: async () => {
          const database = await place.create(template)
          return {
            ...aludelIn(project, database, 'migrate', 'upgrade', '--backup', 'never', '--json'),
            collect: collect(({ steps }) => Math.max(1, steps.at(-1).durationMs)),
            clean: database.drop,
          }
        },
      },
    ],
  }
}

/**
 * @param {Setting} setting
 * @param {Place} place
 * @param {import('./projects.mjs').Project} project
 * @param {number} rows
 */
async function prepare(setting, place, project, rows) {
  setting.say(`a ${place.title} table of ${rows.toLocaleString('en-US')} rows`)
  const template = await place.create()
  await finish('aludel migrate upgrade', aludelIn(project, template, 'migrate', 'upgrade', '+1'))
  await template.execute(fill[place.dialect](rows))
  await template.execute(place.dialect === 'sqlite' ? 'ANALYZE' : 'VACUUM ANALYZE')
  return template
}
