import { meansTheSame } from '../../support/means-the-same'
import { ValueConverter } from './convert-values'
import { TestDatabases } from './support'

/** Types by kind, with literals at the edges of their precisions and lengths. Those of a kind are converted to each other. */
const kinds: readonly { readonly types: string; readonly values: readonly string[] }[] = [
  {
    types: `smallint | integer | bigint | numeric | numeric(5,0) | numeric(10,2) | numeric(12,4) | real | double precision | money`,
    values: [
      ...['0', '-1', '1.5', '-0.005', '12345.6789', '0.1', '0.1::real', '32768', '2147483648', '9223372036854775808'],
      ...['1234567', '16777217', '123456789', '12345678901234567', '9007199254740993', '92233720368547758.07', '1e300'],
      ...[
        '1e-300',
        '1e-50',
        '3.4028235e38',
        "'1e400'",
        "'1e-400'::numeric",
        "'NaN'",
        "'Infinity'",
        "'-Infinity'",
        "'-0'",
      ],
    ],
  },
  {
    types: 'time | time(0) | time(3) | timetz | timetz(0) | interval | interval(0)',
    values: [
      "'00:00'",
      "'24:00:00'",
      "'23:59:59.999999'",
      "'23:59:60'",
      "'12:00:00.5'",
      "'12:00:00.123'",
      "'12:00+14'",
    ],
  },
  {
    types: 'date | timestamp | timestamp(0) | timestamp(3) | timestamptz | timestamptz(0)',
    values: [
      ...["'4713-01-01 BC'", "'0044-03-15 BC'", "'9999-12-31'", "'infinity'", "'2020-02-29 23:59:59.999999'"],
      // Hours that the time zone of the session skips, and repeats.
      ...["'2020-03-29 02:30'", "'2020-10-25 00:30+00'", "'2020-10-25 01:30+00'", "'2020-01-01 12:00:00.123'"],
    ],
  },
  {
    types: 'interval | interval(0) | interval(3) | interval year | interval day to second(2)',
    values: ["'1 mon 31 days'", "'1 day 03:04:05.678'", "'24 hours'", "'-1 year 2 mons'", "'1 year'", "'00:00:00.25'"],
  },
  {
    types: 'bit(4) | bit(8) | varbit | varbit(4) | varbit(8)',
    values: ["B''", "B'1'", "B'0011'", "B'10101010'", "B'101010101'"],
  },
  {
    types: 'text | varchar(3) | varchar(40) | char(1) | char(8) | citext | bytea',
    values: ["''", "' '", "'a'", "'a  '", "'abc'", "'abcd'", "'Ünï😀'", "repeat('x', 70)"],
  },
  {
    types: 'json | jsonb',
    values: [`'{"b":1,"a":1,"b":2}'`, `'{"b":1,"a":[{"c":1,"c":1}]}'`, `'{"b":1,"a":[null]}'`, "'1.50'"],
  },
  { types: 'inet | cidr', values: ["'10.0.0.1'", "'10.0.0.1/8'", "'10.0.0.0/8'", "'::1'", "'::/0'"] },
  { types: 'uuid', values: ["'FFFFFFFF-ffff-4FFF-8FFF-FFFFFFFFFFFF'"] },
  { types: 'mood', values: ["'1'", "'it''s'"] },
  {
    types: 'integer | integer[] | smallint[] | numeric(10,2)[] | boolean[] | boolean',
    values: [
      "'{}'",
      "'{NULL}'",
      "'{1,NULL}'",
      "'{{1}}'",
      "'{{1,0},{0,1}}'",
      "'[0:0]={1}'",
      "'{1}'",
      "'{0,40000}'",
      "'1'",
    ],
  },
  {
    types: 'text | text[] | varchar(3)[]',
    values: ["'{}'", `'{""}'`, `'{"a,b"}'`, "'{a,b}'", "'{{a}}'", `'{"a "}'`, "'{abcd}'"],
  },
  { types: 'inet[]', values: ["'{10.0.0.1}'", "'{10.0.0.1,::1/64}'"] },
]

/** Every type is converted to these, too. */
const texts = ['text', 'varchar(40)', 'char(8)']
const split = (types: string): string[] => types.split('|').map((type) => type.trim())
const all = [...new Set([...texts, ...kinds.flatMap(({ types }) => split(types))])]
const cases = kinds.flatMap(({ types, values }) => split(types).map((type) => ({ type, to: split(types), values })))

const databases = new TestDatabases()
let converter: ValueConverter

beforeAll(async () => {
  const database = await databases.open({ poolSize: 1 })
  converter = await ValueConverter.open(
    database,
    all,
    `CREATE EXTENSION citext;\nCREATE TYPE mood AS ENUM ('1', 'it''s', 'true');`,
  )
  await database.query(`SET timezone = 'Europe/Berlin'`)
})
afterAll(() => databases.close())

/**
 * A change of precision or length that is not asked about keeps every value, as its type prints it, or gives it back in the
 * downgrade. Any other one is asked about, and its values mean the same or are refused before anything has changed.
 */
test.each(cases)(
  'render changes no value of $type without a word, to $to and to texts',
  async ({ type, to, values }) => {
    const columnOf = (name: string) => converter.columns[all.indexOf(name)]
    const from = columnOf(type)
    if (from === undefined) throw new Error('no column')
    const changed: string[] = []
    let seen = 0
    for (const name of new Set([...to, ...texts])) {
      const target = columnOf(name)
      if (target === undefined || target.type === from.type) continue
      const { asked, conversions } = await converter.convert(from, target, values)
      for (const { old, now, back, step, code } of conversions) {
        if (step === 'insert') continue
        seen++
        const line = `${from.type} to ${target.type}: ${String(old)} is ${String(now)} and ${String(back)} (${step} ${code})`
        // Only the check of the revision counts the rows; numeric(p,0) asks no question, and may be NaN.
        const isRefused = asked && (code === '23514' || (step === 'down' && code.startsWith('22')))
        const isNaN = old === 'NaN' && code === '0A000'
        // Before PostgreSQL 14, numeric has no infinity, and the server refuses it in the revision.
        const isInfinity = /^-?Infinity$/.test(String(old)) && code === '22P02'
        if (step === 'up' ? isRefused || isNaN || isInfinity : old === now || old === back) continue
        if (
          asked &&
          (step === 'done' || isRefused) &&
          meansTheSame({ type: from.type, text: old }, { type: target.type, text: now })
        )
          continue
        // Zero has a sign only as a float.
        if (old === '-0' && meansTheSame({ type: from.type, text: old }, { type: target.type, text: now })) continue
        changed.push(line)
      }
    }
    expect(changed).toEqual([])
    expect(seen).toBeGreaterThan(2)
  },
)
