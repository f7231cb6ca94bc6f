import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onCopies } from './databases.mjs'
import { finish } from './measure.mjs'
import { aludelIn, shellPeer } from './programs.mjs'
import { changeVariable, writeProject } from './projects.mjs'

/** @typedef {import('./databases.mjs').Place} Place */
/** @typedef {import('./measure.mjs').Scenario} Scenario */
/** @typedef {import('./setting.mjs').Setting} Setting */

/**
 * One revision that rewrites a large table, against the script that somebody would write by hand.
 *
 * @param {Setting} setting
 * @returns {Scenario[]}
 */
export function largeTables(setting) {
  const rows = setting.sizes.rows.toLocaleString('en-US')
  return [
    {
      name: `rebuild of a table of ${rows} rows, SQLite`,
      open: () => contest(setting, setting.sqlite, rebuild),
    },
    {
      name: `four columns change type, ${rows} rows, PostgreSQL`,
      open: async () => contest(setting, await setting.postgres('durable'), fourTypes),
    },
  ]
}

/**
 * @typedef {object} Change
 * @property {string} entity source of the columns of the entity; `changed` is truthy after the change
 * @property {(rows: number) => string} fill the statement that inserts the rows
 * @property {string} script what somebody would write by hand
 * @property {string} what it is
 * @property {number} goal
 */

/**
 * A column becomes NOT NULL, which in SQLite needs a new table. Both sides turn foreign keys off, and check them.
 *
 * @type {Change}
 */
const rebuild = {
  entity: `{
      name: 'Big', tableName: 'big',
      columns: {
        id: { type: 'integer', primary: true },
        name: { type: 'varchar', length: 100 },
        amount: { type: 'integer' },
        note: { type: 'text', nullable: !changed },
      },
      indices: [{ name: 'ix_big_name', columns: ['name'] }],
    }`,
  fill: (rows) => `INSERT INTO "big" ("id", "name", "amount", "note")
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${rows})
    SELECT n, 'name of ' || n, n % 1000, 'a note that is somewhat longer than the name: ' || n FROM numbers`,
  script: `PRAGMA foreign_keys = OFF;
BEGIN;
CREATE TABLE "new_big" ("id" integer PRIMARY KEY NOT NULL, "name" varchar(100) NOT NULL, "amount" integer NOT NULL, "note" text NOT NULL);
INSERT INTO "new_big" ("id", "name", "amount", "note") SELECT "id", "name", "amount", "note" FROM "big";
DROP TABLE "big";
ALTER TABLE "new_big" RENAME TO "big";
CREATE INDEX "ix_big_name" ON "big" ("name");
PRAGMA foreign_key_check;
COMMIT;
`,
  what: 'INSERT … SELECT by hand',
  goal: 1.15,
}

/** @type {Change} */
const fourTypes = {
  entity: `{
      name: 'Big', tableName: 'big',
      columns: {
        id: { type: 'integer', primary: true, primaryKeyConstraintName: 'pk_big' },
        name: { type: 'varchar', length: changed ? 50 : 100 },
        code: { type: 'varchar', length: changed ? 20 : 40 },
        amount: { type: changed ? 'bigint' : 'integer' },
        total: { type: changed ? 'bigint' : 'integer' },
      },
    }`,
  fill: (rows) => `INSERT INTO "big" ("id", "name", "code", "amount", "total")
    SELECT n, 'name of ' || n, 'code ' || n, n % 1000, n FROM generate_series(1, ${rows}) AS numbers(n)`,
  script: `ALTER TABLE "big"
  ALTER COLUMN "name" TYPE character varying(50),
  ALTER COLUMN "code" TYPE character varying(20),
  ALTER COLUMN "amount" TYPE bigint,
  ALTER COLUMN "total" TYPE bigint;
`,
  what: 'one ALTER TABLE',
  goal: 1.1,
}

/**
 * @param {Setting} setting
 * @param {Place} place
 * @param {Change} change
 * @returns {Promise<import('./measure.mjs').Contest>}
 */
async function contest(setting, place, change) {
  const { rows } = setting.sizes
  const project = writeProject(setting.folder('large'), place.dialect, `[new EntitySchema(${change.entity})]`)
  const file = join(project.folder, 'by-hand.sql')
  writeFileSync(file, change.script)
  const template = await place.create()
  const run = (/** @type {string[]} */ ...args) =>
    finish(`aludel migrate ${args[0]}`, aludelIn(project, template, 'migrate', ...args))
  await run('create', 'first', '--yes')
  await run('upgrade')
  setting.say(`a ${place.title} table of ${rows.toLocaleString('en-US')} rows`)
  await template.execute(change.fill(rows))
  await template.execute(place.dialect === 'sqlite' ? 'ANALYZE' : 'VACUUM ANALYZE')
  const create = aludelIn(project, template, 'migrate', 'create', 'change', '--yes')
  await finish('aludel migrate create', { ...create, env: { ...create.env, [changeVariable]: 'yes' } })
  if (readdirSync(project.revisions).length !== 2) throw new Error('create wrote no second revision')
  const onCopy = onCopies(() => place.create(template), 'big', rows)
  return {
    ours: {
      name: 'aludel migrate upgrade --backup never',
      prepare: onCopy((database) => aludelIn(project, database, 'migrate', 'upgrade', '--backup', 'never')),
    },
    peers: [
      shellPeer(place.dialect, change.what, { goal: change.goal }, (shell) =>
        onCopy((database) => shell(database, file)),
      ),
    ],
    close: template.drop,
  }
}
