import type { DataSource, QueryRunner } from 'typeorm'

import type { Schema } from '../../../src/schema/schema'
import { dropSchemas } from '../../support/drop-schemas'
import { differences } from './database-pair'
import { KeptRevision } from './keep-support'
import { read, runScript, TestDatabases } from './support'

const databases = new TestDatabases()
let live: DataSource
let plain: DataSource
let runner: QueryRunner
beforeAll(async () => {
  live = await databases.open({ poolSize: 2 })
  plain = await databases.open({ poolSize: 2 })
})
beforeEach(async () => {
  for (const database of [live, plain]) await dropSchemas(database)
  runner = live.createQueryRunner()
})
afterEach(() => runner.release())
afterAll(() => databases.close())

interface Case {
  readonly schema: string
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** What an application writes between the two. */
  readonly write?: string
  /** Queries whose rows are the same before the upgrade and after the downgrade, but for what was written. */
  readonly after: Readonly<Record<string, unknown>>
  readonly recorded?: readonly { readonly text: string; readonly table: string }[]
  /** Patterns of warnings. */
  readonly warnings?: readonly RegExp[]
}

async function rows(sql: string): Promise<unknown> {
  return live.query(sql)
}

/** Up with what is kept, a writer, down; the schema is that of a plain upgrade in between, and as it was at the end. */
async function upAndDown({ schema, up, down, write, after, recorded, warnings = [] }: Case): Promise<KeptRevision> {
  for (const database of [live, plain]) await runScript(database, schema)
  const before = await read(live)
  for (const sql of up) await plain.query(sql)
  const upgraded: Schema = await read(plain)
  const revision = new KeptRevision(runner, { up, down }, recorded)
  await revision.up()
  expect(differences(await read(live), upgraded)).toEqual([])
  expect(revision.entries.length).toBeGreaterThan(0)
  if (write !== undefined) await runScript(live, write)
  await revision.down()
  expect(differences(await read(live), before)).toEqual([])
  expect(revision.entries).toEqual([])
  for (const [sql, expected] of Object.entries(after)) expect({ [sql]: await rows(sql) }).toEqual({ [sql]: expected })
  expect(revision.warnings).toHaveLength(warnings.length)
  for (const [index, pattern] of warnings.entries()) expect(revision.warnings[index]).toMatch(pattern)
  const left = await rows(`SELECT relname FROM pg_class c WHERE relnamespace = to_regnamespace('aludel_kept') AND relname NOT LIKE 'entries%'
    UNION ALL SELECT attname FROM pg_attribute WHERE attname LIKE 'aludel%' AND NOT attisdropped
    UNION ALL SELECT typname FROM pg_type WHERE typname LIKE 'type\\_%'`)
  expect(left).toEqual([])
  return revision
}

describe('a column', () => {
  test('that may be NULL comes back, also its NULL', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (id int PRIMARY KEY, c text, d int);
        INSERT INTO t VALUES (1, 'a', 1), (2, NULL, 2);\n`,
      up: ['ALTER TABLE "t" DROP COLUMN "c"'],
      write: `INSERT INTO t (id, d) VALUES (3, 3);\nUPDATE t SET d = 10 WHERE id = 1;\n`,
      down: ['ALTER TABLE "t" ADD COLUMN "c" text'],
      after: {
        'SELECT id, c, d FROM t ORDER BY id': [
          { id: 1, c: 'a', d: 10 },
          { id: 2, c: null, d: 2 },
          { id: 3, c: null, d: 3 },
        ],
      },
    })
  })

  test('that has a default gives it to later rows, and not to those that were NULL', async () => {
    await upAndDown({
      schema: `CREATE TABLE t (id int PRIMARY KEY, c varchar(20) DEFAULT 'x');
        INSERT INTO t VALUES (1, 'a'), (2, NULL);\n`,
      up: ['ALTER TABLE "t" DROP COLUMN "c"'],
      write: `INSERT INTO t (id) VALUES (3);\n`,
      down: [`ALTER TABLE "t" ADD "c" character varying(20) DEFAULT 'x'`],
      after: { 'SELECT id, c FROM t ORDER BY id': [{ id: 1, c: 'a' }, { id: 2, c: null }, { id: 3, c: 'x' }] },
    })
  })
})
