import { sampleValue } from '../../../src/dialect/sqlite/sample'
import type { Column, Schema } from '../../../src/schema/schema'
import { Databases, schemaOf } from './support'

const databases = new Databases()
afterAll(() => databases.dispose())

const types = [
  'integer',
  'int',
  'bigint',
  'tinyint',
  'unsigned big int',
  'varchar',
  'varchar(3)',
  'varchar(36)',
  'char(1)',
  'nvarchar(10)',
  'text',
  'clob',
  'real',
  'double precision',
  'float',
  'decimal(3,2)',
  'numeric',
  'boolean',
  'date',
  'time',
  'datetime',
  'timestamp',
  'json',
  'jsonb',
  'blob',
  'uuid',
  'my type',
  '',
]

function firstColumn({ tables }: Schema): Column {
  const column = tables[0]?.columns[0]
  if (column === undefined) throw new Error('no column')
  return column
}

describe('sampleValue', () => {
  test('returns a valid value for every type, and another one for another seed', async () => {
    const dataSource = await databases.with(
      `CREATE TABLE t (${types.map((type, at) => `"c${String(at)}" ${type} NOT NULL`).join(', ')})`,
    )
    const schema = await schemaOf(dataSource)
    const columns = schema.tables[0]?.columns ?? []
    const values = (seed: number): string[] => columns.map((column) => sampleValue(column, schema, seed)?.sql ?? 'none')
    for (let seed = 0; seed < 50; seed++) await dataSource.query(`INSERT INTO t VALUES (${values(seed).join(', ')})`)
    for (const [at, type] of types.entries()) {
      const [{ n }] = await dataSource.query<[{ n: number }]>(`SELECT count(DISTINCT c${String(at)}) AS n FROM t`)
      expect([type, n]).toEqual([type, type === 'boolean' ? 2 : type === 'char(1)' ? 36 : 50])
    }
    const [row] = await dataSource.query<[Record<string, number>]>(
      'SELECT max(length(c6)) AS short, min(c15) AS low, max(c15) AS high, max(length(c9)) AS ten FROM t',
    )
    expect(row).toEqual({
      short: 3,
      low: expect.any(Number) as number,
      high: expect.any(Number) as number,
      ten: expect.any(Number) as number,
    })
    expect(row.ten).toBeLessThanOrEqual(10)
    expect(row.low).toBeGreaterThanOrEqual(0)
    expect(row.high).toBeLessThanOrEqual(1)
    expect(
      await dataSource.query(
        `SELECT count(*) AS n FROM t WHERE NOT json_valid(c22) OR date(c18) IS NULL OR c18 <> date(c18) OR datetime(c20) IS NULL`,
      ),
    ).toEqual([{ n: 0 }])
  })

  test.each([
    `a varchar CHECK( "a" IN ('x','it''s', 'a, b') ) NOT NULL`,
    `a integer NOT NULL CHECK (a >= 0 AND a <= 3)`,
    `a integer NOT NULL CHECK (a BETWEEN -5 AND -3)`,
    `a integer NOT NULL CHECK ((a > 100) AND (a is not null))`,
    `a integer NOT NULL CHECK (-7 > a)`,
    `a integer NOT NULL CHECK (a > 1.5 and 4.5 >= a)`,
    `a float NOT NULL CHECK (a BETWEEN 0 AND 1)`,
    `a float NOT NULL CHECK (a > 10)`,
    `a decimal(5,2) NOT NULL CHECK (a < -0.5)`,
    `a text NOT NULL CHECK (length(a) > 20)`,
    `a varchar(50) NOT NULL CHECK (length(a) = 2)`,
    `a text NOT NULL CHECK (length(a) BETWEEN 3 AND 4)`,
    `a text NOT NULL CHECK (a <> '')`,
    `a text NOT NULL CHECK (a = 'only')`,
    `a text CHECK (a GLOB '[0-9]*')`,
    `a text NOT NULL DEFAULT '00' CHECK (a GLOB '[0-9]*')`,
    `a text NOT NULL DEFAULT (upper('x')) CHECK (a = upper(a))`,
    `a integer NOT NULL CHECK (a % 2 = 0 OR a % 2 = 1)`,
  ])('satisfies the check, or returns null where it cannot: %s', async (sql) => {
    const dataSource = await databases.with(`CREATE TABLE t (${sql}, b int, CHECK (a <> b))`)
    const schema = await schemaOf(dataSource)
    const column = firstColumn(schema)
    for (let seed = 0; seed < 20; seed++) {
      const value = sampleValue(column, schema, seed)
      if (sql.includes('% 2')) expect(value).toBeNull()
      else await dataSource.query(`INSERT INTO t (a) VALUES (${value?.sql ?? 'none'})`)
    }
  })

  test('cycles through the values of an IN list', async () => {
    const schema = await schemaOf(await databases.with(`CREATE TABLE t (a varchar CHECK (a IN ('x', 'y')))`))
    const column = firstColumn(schema)
    expect([0, 1, 2].map((seed) => sampleValue(column, schema, seed)?.sql)).toEqual([`'x'`, `'y'`, `'x'`])
  })

  test('applies only the checks of the table that the column is in', () => {
    const column = (): Column => ({ name: 'a', type: 'integer', nullable: false })
    const table = (name: string, own: Column, expression: string): Schema['tables'][number] => ({
      name,
      columns: [own],
      uniques: [],
      checks: [{ expression }],
      exclusions: [],
      foreignKeys: [],
      indexes: [],
      triggers: [],
    })
    const [one, other] = [column(), column()]
    const schema: Schema = {
      tables: [table('one', one, '"a" > 100'), table('other', other, '"a" < -100')],
      enums: [],
      sequences: [],
      views: [],
      schemas: [],
      extensions: [],
    }
    expect(Number(sampleValue(one, schema, 0)?.sql)).toBeGreaterThan(100)
    expect(Number(sampleValue(other, schema, 0)?.sql)).toBeLessThan(-100)
  })

  test('returns null for a generated column', () => {
    const column: Column = {
      name: 'a',
      type: 'integer',
      nullable: true,
      generated: { expression: '1', kind: 'virtual' },
    }
    const schema: Schema = { tables: [], enums: [], sequences: [], views: [], schemas: [], extensions: [] }
    expect(sampleValue(column, schema, 1)).toBeNull()
  })
})
