// cspell:ignore doub floa
import type { DialectName } from '../../../src/dialect/registry'
import { parseType } from '../../../src/operations/columns/type-change'
import { type Column, sameName, type Schema } from '../../../src/schema/schema'

const texts = [
  "''",
  "' '",
  "'x'",
  "'  two  '",
  "'it''s'",
  "'007'",
  "'12'",
  "'1.50'",
  "'NULL'",
  "'true'",
  "'ünï😀'",
  "'a\nb'",
  "'2020-01-01'",
]
const dates = ["'0001-01-01'", "'9999-12-31'", "'2020-02-29'"]

const postgres: Readonly<Record<string, readonly string[]>> = {
  smallint: ['-32768', '32767', '0', '1', '1'],
  integer: ['-2147483648', '2147483647', '0', '1', '1', '40000'],
  bigint: ['-9223372036854775808', '9223372036854775807', '9007199254740993', '0', '1', '1'],
  numeric: ['0', '1.5', '-99999999.99', '0.0001', '1', '1', "'NaN'"],
  real: ['0', '-0.0', '3.4e38', '1e-45', "'NaN'", "'-Infinity'", '0.1', '1', '1234567', '123456789'],
  'double precision': ['0', '-0.0', '1.7976931348623157e308', '5e-324', "'NaN'", "'Infinity'", '0.1', '1'],
  money: ['0', '-92233720368547758.08', '1.23'],
  text: texts,
  'character varying': texts,
  character: texts,
  boolean: ['true', 'false'],
  date: [...dates, "'-infinity'"],
  'timestamp without time zone': [
    "'0001-01-01 00:00:00.000001'",
    "'infinity'",
    "'2020-02-29 23:59:59.999999'",
    "'2020-01-01'",
  ],
  'timestamp with time zone': ["'1970-01-01 00:00:00.123456+05:30'", "'-infinity'", "'2020-01-01 12:00+00'"],
  'time without time zone': ["'00:00'", "'24:00'", "'12:34:56.789012'"],
  'time with time zone': ["'12:34:56.789012+14'", "'00:00-12'"],
  interval: ["'1 mon -1 day 00:00:01.5'", "'1 mon 31 days'", "'24 hours'", "'0'"],
  bit: ["B'1'", "B'0011'", "B'10101010'"],
  'bit varying': ["B''", "B'1'", "B'0011'", "B'10101010'"],
  macaddr: ["'08:00:2b:01:02:03'"],
  json: [`'{"b": 1,  "a": 1, "b": 2}'`, "'null'", "'[]'", '\'"x"\''],
  jsonb: [`'{"b": 1, "a": {"c": [null]}}'`, "'null'", "'{}'", "'1e5'"],
  uuid: ["'00000000-0000-0000-0000-000000000000'", "'FFFFFFFF-FFFF-4FFF-8FFF-FFFFFFFFFFFF'"],
  bytea: ["'\\x'", "'\\x0001ff'"],
  inet: ["'10.0.0.1/8'", "'10.0.0.1'", "'::1'"],
  cidr: ["'0.0.0.0/0'", "'::/0'"],
  point: ["'(0,-0)'", "'(1e300,1)'"],
  int4range: ["'empty'", "'(,)'", "'[1,10)'", "'[5,20)'"],
  numrange: ["'empty'", "'[1.5,2.5]'", "'(,0)'"],
  daterange: ["'[2020-01-01,)'", "'empty'"],
  tstzrange: ["'empty'", "'[2020-01-01 00:00+00,2021-01-01 00:00+00)'"],
  xml: ['\'<a b="1">x</a>\''],
  tsvector: ["''", "'a:1 b:2'"],
}

/** Values for any column: SQLite accepts nearly every value everywhere, and real databases contain such values. */
const anywhere = ["'text'", '1', '1.5', "X'00ff'", '9223372036854775807', '-1', '0.1', '1e300', "''"]

const sqlite: readonly (readonly [RegExp, readonly string[]])[] = [
  [/bool/, ['0', '1', "'true'"]],
  [/int/, ['0', '1', '1', '-9223372036854775808', '9223372036854775807', '9007199254740993', "'abc'", '1.5']],
  [/char|clob|text|json/, [...texts, "X'00ff'", `'{"a": 1}'`]],
  [/blob/, ["X''", "X'00ff00'", "'text'", '1', '1.5']],
  [/real|floa|doub/, ['0', '0.1', '1e300', '-0.0', "'abc'", '3']],
  [/date|time/, [...dates, "'2020-01-01 12:00:00.000'", '1700000000', '0.5']],
  [/./, ['0', '1', '1.5', '0.1', "'1.50'", '1e300', "'abc'"]],
]

/** Literals at the edges of a column's type. If one does not fit, its row is left out. */
export function edgeValues(dialect: DialectName, column: Column, schema: Schema): readonly string[] {
  if (dialect === 'sqlite') return sqlite.find(([pattern]) => pattern.test(column.type))?.[1] ?? anywhere
  const { enum: name } = column
  const isArray = column.type.endsWith('[]')
  const values =
    name === undefined
      ? (postgres[parseType(column.type).base] ?? [])
      : (schema.enums.find((type) => sameName(type, name))?.values ?? []).map(
          (value) => `'${value.replaceAll("'", "''")}'`,
        )
  if (!isArray) return values
  const arrays = values.map((value) => `ARRAY[${value}]::${column.type}`)
  return [`'{}'`, `ARRAY[NULL]::${column.type}`, ...arrays, `ARRAY[${values.slice(0, 2).join(', ')}]::${column.type}`]
}
