// cspell:ignore dtext dint
import { Client } from 'pg'
import type { ColumnDef, Node, TypeName } from 'libpg-query' with { 'resolution-mode': 'import' }

import { makeDatabase, type TestDatabase } from '../../../../tools/testing/databases'
import { loadGrammar, parseStatements } from '../../src/sql/postgres/grammar'
import { bodyOf, typeText } from '../../src/sql/postgres/nodes'
import { isPlainCast, rewritesOf, typeChange, type TypeChange } from '../../src/sql/postgres/rewrites'

async function commandOf(command: string): Promise<ColumnDef | undefined> {
  const [statement] = parseStatements(await loadGrammar(), `ALTER TABLE t ${command}`)
  const [first] = bodyOf(statement?.node, 'AlterTableStmt')?.cmds ?? []
  return bodyOf(bodyOf(first, 'AlterTableCmd')?.def, 'ColumnDef')
}

async function typeOf(type: string): Promise<TypeName | undefined> {
  return (await commandOf(`ADD x ${type}`))?.typeName
}

async function usingOf(expression: string): Promise<Node> {
  const using = (await commandOf(`ALTER x TYPE varchar(5) USING ${expression}`))?.raw_default
  if (using === undefined) throw new Error(`no expression: ${expression}`)
  return using
}

describe('the cost of another type, as a PostgreSQL server has it', () => {
  let database: TestDatabase
  let client: Client

  beforeAll(async () => {
    database = await makeDatabase('postgres')
    client = new Client(database.url)
    await client.connect()
    await client.query('CREATE DOMAIN dtext AS text; CREATE DOMAIN dint AS integer CHECK (value > 0)')
  })

  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  /** What a change of an indexed column rebuilds. */
  async function rebuilt(from: string, to: string, zone: string): Promise<'none' | 'reindex' | 'rewrite'> {
    const files = `SELECT pg_relation_filenode('t') AS "table", pg_relation_filenode(to_regclass('ix')) AS index`
    await client.query('BEGIN')
    try {
      await client.query(`SET LOCAL TimeZone TO '${zone}'`)
      await client.query(`CREATE TABLE t (x ${from})`)
      // These types have no order.
      if (!/^(?:xml|json)$/.test(from)) await client.query('CREATE INDEX ix ON t (x)')
      const before = (await client.query<{ table: string; index: string | null }>(files)).rows[0]
      await client.query(`ALTER TABLE t ALTER x TYPE ${to} USING x::${to}`)
      const after = (await client.query<{ table: string; index: string | null }>(files)).rows[0]
      if (after?.table !== before?.table) return 'rewrite'
      return after?.index === before?.index ? 'none' : 'reindex'
    } finally {
      await client.query('ROLLBACK')
    }
  }

  test.each<[string, string, TypeChange]>([
    ['varchar(50)', 'varchar(80)', 'none'],
    ['varchar(80)', 'varchar(50)', 'rewrite'],
    ['varchar(50)', 'varchar', 'none'],
    ['varchar', 'varchar(50)', 'rewrite'],
    ['varchar(50)', 'text', 'none'],
    ['text', 'varchar', 'none'],
    ['text', 'varchar(50)', 'rewrite'],
    ['char(5)', 'char(8)', 'rewrite'],
    ['char(5)', 'text', 'rewrite'],
    ['varchar(5)', 'char(5)', 'rewrite'],
    ['numeric(10,2)', 'numeric(12,2)', 'none'],
    ['numeric(10,2)', 'numeric(12,3)', 'rewrite'],
    ['numeric(12,2)', 'numeric(10,2)', 'rewrite'],
    ['numeric(10,2)', 'numeric', 'none'],
    ['numeric', 'numeric(10,2)', 'rewrite'],
    ['numeric(10)', 'decimal(12,0)', 'none'],
    ['timestamp', 'timestamptz', 'utc'],
    ['timestamptz(3)', 'timestamp', 'utc'],
    ['timestamp(3)', 'timestamptz(3)', 'rewrite'],
    ['timestamp(3)', 'timestamp', 'none'],
    ['timestamp', 'timestamp(6)', 'none'],
    ['timestamp', 'timestamp(3)', 'rewrite'],
    ['timestamptz(3)', 'timestamptz', 'none'],
    ['time(3)', 'time(6)', 'none'],
    ['time', 'time(0)', 'rewrite'],
    ['timetz(3)', 'timetz', 'none'],
    ['interval(3)', 'interval', 'none'],
    ['interval', 'interval(6)', 'none'],
    ['interval', 'interval(3)', 'rewrite'],
    ['varbit(5)', 'varbit(8)', 'none'],
    ['varbit(5)', 'varbit', 'none'],
    ['bit(5)', 'varbit', 'reindex'],
    ['bit(5)', 'varbit(5)', 'rewrite'],
    ['bit(5)', 'bit(8)', 'rewrite'],
    ['cidr', 'inet', 'none'],
    ['inet', 'cidr', 'rewrite'],
    ['xml', 'text', 'none'],
    ['xml', 'varchar', 'none'],
    ['json', 'text', 'rewrite'],
    ['json', 'jsonb', 'rewrite'],
    ['integer', 'oid', 'reindex'],
    ['oid', 'integer', 'reindex'],
    ['integer', 'bigint', 'rewrite'],
    ['smallint', 'integer', 'rewrite'],
    ['integer', 'integer', 'none'],
    ['real', 'double precision', 'rewrite'],
    ['date', 'timestamp', 'rewrite'],
    ['varchar(5)[]', 'text[]', 'rewrite'],
    ['varchar(5)[]', 'varchar(9)[]', 'rewrite'],
    ['uuid', 'text', 'rewrite'],
    // Nothing is known of these names: a domain without a constraint costs nothing, one with a constraint a rewrite.
    ['text', 'dtext', 'unknown'],
    ['integer', 'dint', 'unknown'],
    ['dint', 'integer', 'unknown'],
  ])('is known from %s to %s', async (from, to, change) => {
    expect(typeChange(typeText(await typeOf(from)), typeText(await typeOf(to)))).toBe(change)
    const [inUtc, elsewhere] = [await rebuilt(from, to, 'UTC'), await rebuilt(from, to, 'Europe/Berlin')]
    if (change === 'utc') expect([inUtc, elsewhere]).toEqual(['reindex', 'rewrite'])
    else if (change !== 'unknown') expect([inUtc, elsewhere]).toEqual([change, change])
  })
})

describe('the cost of another type', () => {
  test.each([
    ['citext', 'text', 'reindex'],
    ['character varying(5)', 'citext', 'reindex'],
    ['citext', 'character varying(5)', 'rewrite'],
    ['interval(7)', 'interval(32767,3)', 'unknown'],
    ['mood', 'text', 'unknown'],
    ['mood', 'mood', 'none'],
    ['mood[]', 'text[]', 'unknown'],
    [undefined, 'text', 'unknown'],
  ])('of a type that is not in every database is known from %s to %s', (from, to, change) => {
    expect(typeChange(from, to)).toBe(change)
  })
})

describe('an expression of USING', () => {
  test.each(['x', 't.x', 'x::varchar(5)', 'CAST("x" AS character varying(5))'])(
    'changes nothing as %s',
    async (sql) => {
      expect(isPlainCast(await usingOf(sql), 'x', await typeOf('varchar(5)'))).toBe(true)
    },
  )

  test.each(['y', 'lower(x)', 'x::text', 'x::varchar(4)', 'y::varchar(5)', `'x'::varchar(5)`, 'x::text::varchar(5)'])(
    'may change values as %s',
    async (sql) => {
      expect(isPlainCast(await usingOf(sql), 'x', await typeOf('varchar(5)'))).toBe(false)
    },
  )
})

describe('a new column', () => {
  test.each([
    ['x integer', []],
    ['x timestamptz NOT NULL DEFAULT now()', []],
    ['x integer GENERATED ALWAYS AS (1) VIRTUAL', []],
    ['x bigserial', ['serial']],
    ['x integer GENERATED BY DEFAULT AS IDENTITY', ['identity']],
    ['x integer GENERATED ALWAYS AS (1) STORED', ['stored']],
    ['x uuid DEFAULT gen_random_uuid()', ['volatile default']],
    ['x text DEFAULT upper(f())', ['volatile default']],
  ])('rewrites the table as far as it must: %s', async (definition, reasons) => {
    expect(rewritesOf(await commandOf(`ADD ${definition}`))).toEqual(reasons)
  })
})
