import { render } from '../../../src/dialect/postgres/render'
import { compare } from '../../../src/difference/compare'
import { type Column, findTable, type Schema, type Table } from '../../../src/schema/schema'
import { meansTheSame } from '../../support/means-the-same'
import { edgeValues } from '../../support/pairs/edge-values'
import { read, runScript, TestDatabases } from './support'

/** One type of each kind with its own conversion. */
const types = `integer | numeric | numeric(10,2) | real | double precision | money | text | char(8) | boolean | date |
  timestamp(3) | timestamptz | time | time(2) | timetz | interval | mood | json | jsonb | uuid | bytea | inet | cidr |
  macaddr | point | bit(4) | varbit(8) | int4range | numrange | tstzrange | text[] | timestamp[] | numeric(10,2)[]`
  .split('|')
  .map((type) => type.trim())

/** Texts that one type or another would parse as a value of its own. */
const lookalikes =
  String.raw`1 | -1 | 10.1 | 1.239 | 1e3 | 1.0 | 0.123456789012 | 1010 | 007 | $1.50 | {1} | [1] | [1,2) | 1,2 | 5 |
  12:00 | 120000 | 12:00:00.129 | 12:00-05 | 12:00 pm | 20200101 | 2020-01-01 12:00 | 2020-01-01 12:00:00.123456 |
  2020-01-01 12:00+05 | 2020-01-01T12:00:00Z | 2020-01-01 12:00 UTC | 1 day | now | today | infinity | 10.0.0.1 |
  192.168.1 | 192.168/16 | 10.0.0.1/8 | \x61 | f | on | null | {"a": 1,  "b": 2}`
    .split('|')
    .map((text) => `'${text.trim()}'`)

/** Applies the statements to each value, in a subtransaction that is rolled back. */
const tryAll = `CREATE FUNCTION try_all(type text, literals text[], statements text[])
  RETURNS TABLE (old text, now text, code text) LANGUAGE plpgsql AS $function$
  DECLARE literal text; statement text;
  BEGIN
    FOREACH literal IN ARRAY literals LOOP
      BEGIN
        old := NULL; now := NULL;
        EXECUTE 'CREATE TABLE a (v ' || type || ')';
        EXECUTE 'INSERT INTO a VALUES (' || literal || ')';
        EXECUTE 'SELECT v::text FROM a' INTO old;
        FOREACH statement IN ARRAY statements LOOP EXECUTE statement; END LOOP;
        EXECUTE 'SELECT v::text FROM a' INTO now;
        RAISE EXCEPTION USING ERRCODE = 'UNDO1', MESSAGE = 'undo';
      EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE;
      END;
      RETURN NEXT;
    END LOOP;
  END $function$;`

const databases = new TestDatabases()
afterAll(() => databases.close())

/**
 * Converts every type to every other, with edge values: either the revision is refused, by its own count or by the server,
 * or the value means the same afterwards.
 */
test('render keeps the meaning of every value or refuses it, for every pair of types', async () => {
  const live = await databases.open({ poolSize: 1 })
  await runScript(
    live,
    `CREATE TYPE mood AS ENUM ('1', 'it''s', 'true', '2020-01-01', '10.1', '1.5', '12:00', '{}');
     CREATE TABLE a (${types.map((type, index) => `c${String(index)} ${type}`).join(', ')});`,
  )
  await live.query(tryAll)
  const schema = await read(live)
  await runScript(live, 'DROP TABLE a')
  const table = findTable(schema, { name: 'a' })
  if (table === undefined) throw new Error('no table')

  const changed: string[] = []
  let kept = 0
  for (const from of table.columns) {
    const isText = ['text', 'character(8)', 'text[]'].includes(from.type)
    const more = from.type === 'text[]' ? lookalikes.map((value) => `ARRAY[${value}]`) : lookalikes
    const values = [...new Set([...edgeValues('postgres', from, schema), ...(isText ? more : [])])]
    for (const to of table.columns) {
      if (to === from) continue
      const before = withColumn(schema, table, from)
      const statements = render(compare(before, withColumn(schema, table, to)), before).map(({ sql }) => sql)
      const rows = await live.query<{ old: string | null; now: string | null; code: string }[]>(
        'SELECT * FROM try_all($1, $2, $3)',
        [from.type, values, statements],
      )
      for (const { old, now, code } of rows) {
        // Refused: data exceptions of the server, and the check of the revision.
        if (/^2[23]/.test(code)) continue
        kept++
        if (code !== 'UNDO1' || !meansTheSame({ type: from.type, text: old }, { type: to.type, text: now }))
          changed.push(`${from.type} to ${to.type}: ${String(old)} is ${String(now)} (${code})`)
      }
    }
  }
  expect(changed).toEqual([])
  expect(kept).toBeGreaterThan(1000)
})

function withColumn(schema: Schema, table: Table, column: Column): Schema {
  return { ...schema, tables: [{ ...table, columns: [{ ...column, name: 'v' }] }] }
}
