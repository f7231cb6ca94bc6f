import { databasePair, type Rows, applyRevertReapply } from './database-pair'

const pair = databasePair()

const change = (before: string, after: string, rows?: Rows) => applyRevertReapply(pair, before, after, rows)

describe('conversion of an enum', () => {
  const uuid = '00000000-0000-4000-8000-000000000001'
  test.each([
    ['bigint', '1', 'x'],
    ['numeric(3,1)', '1.5', '100'],
    ['real', '0.1', 'x'],
    ['uuid', uuid, '1'],
  ])('checks values by their text before it converts them to %s', async (type, fits, unfit) => {
    const to = (value: string) =>
      change(
        `CREATE TYPE digit AS ENUM ('${fits}', '${unfit}'); CREATE TABLE a (digit digit);`,
        `CREATE TABLE a (digit ${type});`,
        { up: `INSERT INTO a VALUES ('${value}')` },
      )
    await to(fits)
    expect(await pair.live.query('SELECT digit::text FROM a')).toEqual([{ digit: fits }])
    await expect(to(unfit)).rejects.toThrow(`rows of a.digit that do not fit ${type}: 1`)
  })
})

describe('conversion between types without a direct cast', () => {
  test.each([
    ['timestamp', 'timetz', '12:00+00'],
    ['date', 'time', '12:00'],
    ['timetz', 'timestamp(3)[]', '{}'],
    ['money', 'integer', '7'],
    ['money', 'boolean', 'true'],
    ['smallint', 'money', '7'],
    ['double precision', 'money', '7.25'],
  ])('converts NULL from %s to %s and back', async (from, to, value) => {
    const rows = { up: 'INSERT INTO a VALUES (NULL)', down: `UPDATE a SET v = '${value}' WHERE '${to}' LIKE '%money%'` }
    await change(`CREATE TABLE a (v ${from});`, `CREATE TABLE a (v ${to});`, rows)
  })

  test.each([
    ['money', 'integer[]', '{7}'],
    ['money[]', 'integer[]', '{7,8}'],
    ['integer[]', 'money', '7'],
  ])('converts a value from %s to %s and back', async (from, to, value) => {
    const rows = {
      up: `INSERT INTO a VALUES ('${from.endsWith('[]') ? '{7}' : '7'}')`,
      down: `UPDATE a SET v = '${value}'`,
    }
    await change(`CREATE TABLE a (v ${from});`, `CREATE TABLE a (v ${to});`, rows)
  })

  test('refuses a value that the new type would truncate, round or pad', async () => {
    for (const [type, to, value] of [
      ['money', 'integer', '1.50'],
      ['money[]', 'integer', '{1.50}'],
      ['money[]', 'integer[]', '{1,1.50}'],
      ['numeric[]', 'integer[]', '{1,1.5}'],
      ['double precision', 'boolean', '2.5'],
      ['smallint', 'bit(4)', '1'],
      ['text', 'bit varying(2)', '101'],
      ['bit(4)', 'smallint', '0011'],
      ['numeric', 'cidr', '1.5'],
      ['numeric[]', 'cidr', '{1.5}'],
      ['bigint', 'interval', '2'],
    ]) {
      await expect(
        change(`CREATE TABLE a (v ${String(type)});`, `CREATE TABLE a (v ${String(to)});`, {
          up: `INSERT INTO a VALUES ('${String(value)}')`,
        }),
      ).rejects.toThrow(`rows of a.v that do not fit ${String(to)}: 1`)
    }
  })
})

test('conversion of a float to numeric keeps all digits', async () => {
  await change('CREATE TABLE a (v double precision, w real);', 'CREATE TABLE a (v numeric, w numeric);', {
    up: `INSERT INTO a VALUES (0.1::double precision + 0.2, 0.1), ('NaN', 16777215)`,
  })
  expect(await pair.live.query('SELECT v, w FROM a')).toEqual([
    { v: '0.30000000000000004', w: '0.1' },
    { v: 'NaN', w: '16777215' },
  ])
})

test('conversion of bytea to text decodes UTF-8 and refuses bytes that are not text', async () => {
  const rows = (value: string) => ({ up: `INSERT INTO a VALUES ('${value}')` })
  await change('CREATE TABLE a (v bytea);', 'CREATE TABLE a (v varchar(6));', rows(String.raw`\x5c78c3bc20f09f9880`))
  expect(await pair.live.query('SELECT v FROM a')).toEqual([{ v: String.raw`\x` + 'ü 😀' }])
  for (const bytes of ['\\xff', '\\x00', '\\xc0af', '\\xeda080', '\\xf4908080', '\\xc3']) {
    await expect(change('CREATE TABLE a (v bytea);', 'CREATE TABLE a (v text);', rows(bytes))).rejects.toThrow(
      'rows of a.v that do not fit text: 1',
    )
  }
})

test('conversion of a number to bytea stores the bytes of its text, and is reversible', async () => {
  await change('CREATE TABLE a (v smallint);', 'CREATE TABLE a (v bytea);', { up: 'INSERT INTO a VALUES (7)' })
  expect(await pair.live.query(`SELECT convert_from(v, 'UTF8') AS v FROM a`)).toEqual([{ v: '7' }])
})

test('render swaps which of two columns is computed from the other', async () => {
  await change(
    'CREATE TABLE a (x numeric, y numeric GENERATED ALWAYS AS (x * 2) STORED);',
    'CREATE TABLE a (x numeric GENERATED ALWAYS AS (y * 2) STORED, y numeric);',
    { up: 'INSERT INTO a (x) VALUES (3)', down: 'UPDATE a SET y = 5' },
  )
  expect(await pair.live.query('SELECT x, y FROM a')).toEqual([{ x: '40', y: '20' }])
})
