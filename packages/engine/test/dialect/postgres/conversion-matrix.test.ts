import { meansTheSame } from '../../support/means-the-same'
import { edgeValues } from '../../support/pairs/edge-values'
import { ValueConverter } from './convert-values'
import { TestDatabases } from './support'

/** One type of each kind with its own conversion. */
const types = `integer | numeric | numeric(10,2) | real | double precision | money | text | char(8) | boolean | date |
  timestamp(3) | timestamptz | time | time(2) | timetz | interval | mood | json | jsonb | uuid | bytea | inet | cidr |
  macaddr | point | bit(4) | varbit(8) | int4range | numrange | tstzrange | text[] | timestamp[] | numeric(10,2)[]`
  .split('|')
  .map((type) => type.trim())

/** Texts that one type or another would parse as a value of its own. */
const lookalikes =
  String.raw`1 | -1 | 10.1 | 1.239 | 1e3 | 1.0 | 0.123456789012 | 1010 | 007 | +7 | -00.5 | 1e39 | 1e400 | 1e99999 | NaN |
  $1.50 | $007 | {1} | [1] | [1,2) | (5,5) | 1,2 | 5 | 12:00 | 120000 | 12:00:00.129 | 23:59:60 | 12:00-05 | 12:00 pm |
  20200101 | 01/02/2003 | 2020-01-01 12:00 | 2020-01-01 12:00:00.123456 | 2016-12-31 23:59:60 | 2020-01-01 24:00 |
  2020-01-01 12:00+05 | 2020-01-01T12:00:00Z | 2020-01-01 12:00 UTC | 1 day | now | today | infinity | 10.0.0.1 |
  192.168.1 | 192.168/16 | 10.0.0.1/8 | ::1 | \x61 | f | on | null | {"a": 1,  "b": 2} | {"a": 1, "a": 2}`
    .split('|')
    .map((text) => `'${text.trim()}'`)

const databases = new TestDatabases()
let converter: ValueConverter

beforeAll(async () => {
  converter = await ValueConverter.open(
    await databases.open({ poolSize: 1 }),
    types,
    `CREATE TYPE mood AS ENUM ('1', 'it''s', 'true', '2020-01-01', '10.1', '1.5', '12:00', '{}');`,
  )
})
afterAll(() => databases.close())

/**
 * Converts a type to every other, with edge values: either the revision is refused, by its own count or by the server, or the
 * value means the same afterwards.
 */
test.each(types)('render keeps the meaning of every value of %s or refuses it, for every other type', async (type) => {
  const { columns, schema } = converter
  const from = columns[types.indexOf(type)]
  if (from === undefined) throw new Error('no column')
  const isText = ['text', 'character(8)', 'text[]'].includes(from.type)
  const more = from.type === 'text[]' ? lookalikes.map((value) => `ARRAY[${value}]`) : lookalikes
  const values = [...new Set([...edgeValues('postgres', from, schema), ...(isText ? more : [])])]
  const changed: string[] = []
  let kept = 0
  for (const to of columns) {
    if (to === from) continue
    for (const { old, now, step, code } of (await converter.convert(from, to, values, { downgrade: false }))
      .conversions) {
      // Refused: data exceptions of the server, and the check of the revision.
      if (step === 'insert' || /^2[23]/.test(code)) continue
      kept++
      if (code !== 'UNDO1' || !meansTheSame({ type: from.type, text: old }, { type: to.type, text: now }))
        changed.push(`${from.type} to ${to.type}: ${String(old)} is ${String(now)} (${code})`)
    }
  }
  expect(changed).toEqual([])
  expect(kept).toBeGreaterThan(2)
})
