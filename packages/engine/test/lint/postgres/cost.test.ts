import { Client } from 'pg'

import { makeDatabase, postgresMajor, type TestDatabase } from '../../../../../tools/testing/databases'
import { commandsIn } from '../../../src/lint/postgres/commands'
import { PostgresKnowledge } from '../../../src/lint/postgres/read'
import { costOf } from '../../../src/lint/postgres/work'
import type { LintStep } from '../../../src/lint/rule'
import { loadPostgresEffects } from '../../../src/sql/postgres/effects'
import { loadGrammar } from '../../../src/sql/postgres/grammar'

const setup = [
  'CREATE TABLE b (id int PRIMARY KEY)',
  `CREATE TABLE a (b int, c varchar(9) CHECK (length(c) < 9), d int NOT NULL, e int, f int CHECK (f IS NOT NULL), g varchar(9),
    at timestamp)`,
  'ALTER TABLE a ADD CONSTRAINT open CHECK (b > 0) NOT VALID',
  'ALTER TABLE a ADD CONSTRAINT valid CHECK (b < 9)',
  'ALTER TABLE a ADD CONSTRAINT fk FOREIGN KEY (b) REFERENCES b NOT VALID',
  'CREATE UNIQUE INDEX ud ON a (d)',
  'CREATE UNIQUE INDEX ue ON a (e)',
  'INSERT INTO b VALUES (1)',
  `INSERT INTO a VALUES (1, 'x', 1, 1, 1, 'y', now())`,
]

function stepOf(revision: string, statements: readonly string[]): LintStep {
  return {
    revision,
    direction: 'upgrade',
    statements,
    transactional: true,
    declaresOutside: false,
    generated: false,
  }
}

async function known(sql: string): Promise<string | undefined> {
  const [grammar, effects] = [await loadGrammar(), await loadPostgresEffects()]
  const knowledge = new PostgresKnowledge({ grammar, effects, rows: () => undefined, server: 13 })
  for (const _ of knowledge.subjects(stepOf('a', setup)));
  const costs: (string | undefined)[] = []
  for (const subject of knowledge.subjects(stepOf('b', [sql])))
    costs.push(...commandsIn(subject).map((one) => costOf(subject, one)))
  return costs[0]
}

describe('the cost of a command, as a PostgreSQL server has it', () => {
  let database: TestDatabase
  let client: Client

  beforeAll(async () => {
    database = await makeDatabase('postgres')
    client = new Client(database.url)
    await client.connect()
    for (const sql of setup) await client.query(sql)
  })

  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  async function measured(sql: string): Promise<string | undefined> {
    const state = async (): Promise<{ reads: string; file: string } | undefined> =>
      (
        await client.query<{ reads: string; file: string }>(
          `SELECT seq_scan + coalesce(idx_scan, 0) AS reads, pg_relation_filenode(relid) AS file
           FROM pg_stat_xact_user_tables WHERE relname = 'a'`,
        )
      ).rows[0]
    await client.query('BEGIN')
    try {
      const before = await state()
      await client.query(sql)
      const after = await state()
      if (after?.file !== before?.file) return 'rewrite'
      return after?.reads === before?.reads ? undefined : 'scan'
    } finally {
      await client.query('ROLLBACK')
    }
  }

  test.each<[string, 'scan' | 'rewrite' | undefined, number?]>([
    ['ADD x int', undefined],
    ['ADD x int NOT NULL DEFAULT 1', undefined],
    ['ADD x int CHECK (x > 0)', 'scan'],
    ['ADD x int UNIQUE', 'scan'],
    ['ADD x int REFERENCES b', undefined],
    ['ADD x int DEFAULT 1 REFERENCES b', 'scan'],
    ['ADD x serial', 'rewrite'],
    ['ADD x int GENERATED ALWAYS AS IDENTITY', 'rewrite'],
    ['ADD x int GENERATED ALWAYS AS (b) STORED', 'rewrite'],
    ['ADD x int GENERATED ALWAYS AS (b) VIRTUAL', undefined, 18],
    ['ADD x uuid DEFAULT gen_random_uuid()', 'rewrite'],
    ['ADD CHECK (b > 0)', 'scan'],
    ['ADD CHECK (b > 0) NOT VALID', undefined],
    ['ADD CHECK (b > 0) NOT ENFORCED', undefined, 18],
    ['ADD UNIQUE (b)', 'scan'],
    ['ADD UNIQUE USING INDEX ue', undefined],
    ['ADD PRIMARY KEY (d)', 'scan'],
    ['ADD PRIMARY KEY USING INDEX ud', undefined],
    ['ADD PRIMARY KEY USING INDEX ue', 'scan'],
    ['ADD EXCLUDE (b WITH =)', 'scan'],
    ['ADD FOREIGN KEY (b) REFERENCES b', 'scan'],
    ['ADD FOREIGN KEY (b) REFERENCES b NOT VALID', undefined],
    ['ADD NOT NULL b', 'scan', 18],
    ['ADD NOT NULL b NOT VALID', undefined, 18],
    ['ALTER b SET NOT NULL', 'scan'],
    ['ALTER d SET NOT NULL', undefined],
    ['ALTER f SET NOT NULL', undefined],
    ['ALTER c TYPE varchar(20)', 'scan'],
    ['ALTER c TYPE varchar(9)', 'scan'],
    ['ALTER g TYPE varchar(20)', undefined],
    ['ALTER g TYPE varchar(5)', 'rewrite'],
    ['VALIDATE CONSTRAINT open', 'scan'],
    ['VALIDATE CONSTRAINT valid', undefined],
    ['VALIDATE CONSTRAINT fk', 'scan'],
    ['SET UNLOGGED', 'rewrite'],
    ['DROP b', undefined],
  ])('is known for %s', async (command, cost, since = 0) => {
    const sql = `ALTER TABLE a ${command}`
    expect(await known(sql)).toBe(cost)
    if (postgresMajor >= since) expect(await measured(sql)).toBe(cost)
  })
})
