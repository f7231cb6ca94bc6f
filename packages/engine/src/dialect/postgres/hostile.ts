import { parseType } from '../../operations/columns/type-change'
import { type Column, sameName, type Schema } from '../../schema/schema'
import { text } from './literal'

/**
 * See `ShadowRole.hostileValues`. The database decides which of them it accepts: a value that the type of the column does not allow is
 * no row of production.
 */
export function hostileValues(column: Column, schema: Schema, becomes?: Column): readonly string[] {
  const enums = valuesOf(column, schema)
  const { base, args, array } = parseType(column.type)
  const listed = (values: readonly string[]): readonly string[] => [
    ...new Set(values.map((value) => `${text(value)}::${column.type}`)),
  ]
  if (array) return listed(['{}', '{NULL}', ...(becomes === undefined ? [] : ['{{1,2},{3,4}}'])])
  if (enums !== undefined) return listed(enums)
  const known = kinds.find(({ types }) => types.includes(base))
  if (known === undefined) return []
  const edges = becomes === undefined ? [] : known.edges(args)
  const refused = becomes !== undefined && known.isText ? textsFor(becomes, schema, args) : []
  return listed([...known.usual, ...refused, ...edges])
}

function valuesOf({ enum: name }: Column, schema: Schema): readonly string[] | undefined {
  return name === undefined ? undefined : (schema.enums.find((type) => sameName(type, name))?.values ?? [])
}

interface Kind {
  readonly types: readonly string[]
  readonly isText?: true
  /** Values that many tables have. */
  readonly usual: readonly string[]
  /** Values at the edges of the type. */
  readonly edges: (args: readonly number[]) => readonly string[]
}

const days = ['0001-01-01 BC', '1900-01-01', '2024-02-29', '9999-12-31', 'infinity', '-infinity']
const moments = [
  '2024-03-31 02:30:00',
  '2020-01-01 23:59:59.999999',
  '0001-01-01 00:00:00',
  '9999-12-31 23:59:59',
  'infinity',
]
const floats = ['12.5', '-0', 'NaN', 'Infinity', '-Infinity', '9007199254740993']
const deep = `${'['.repeat(50)}1${']'.repeat(50)}`

const kinds: readonly Kind[] = [
  { types: ['smallint'], usual: ['0', '-1'], edges: () => ['32767', '-32768'] },
  { types: ['integer'], usual: ['0', '-1'], edges: () => ['40000', '2147483647', '-2147483648'] },
  {
    types: ['bigint'],
    usual: ['0', '-1'],
    edges: () => ['40000', '3000000000', '9007199254740993', '9223372036854775807', '-9223372036854775808'],
  },
  { types: ['numeric'], usual: ['0', '-1'], edges: numbers },
  { types: ['real', 'double precision'], usual: ['0', '-1'], edges: () => [...floats, '3e38', '1e-30'] },
  { types: ['money'], usual: ['0', '-1'], edges: () => ['12.5', '92233720368547758.07'] },
  {
    types: ['text', 'character varying', 'citext', 'character'],
    isText: true,
    usual: ['', ' ', 'abc', ' abc ', "it's", '0'],
    edges: ([length = 300]) => ['𝒜'.repeat(Math.min(length, 300)), 'x'.repeat(Math.min(length, 10_000))],
  },
  { types: ['boolean'], usual: ['false', 'true'], edges: () => [] },
  { types: ['date'], usual: [], edges: () => days },
  { types: ['timestamp without time zone'], usual: [], edges: () => moments },
  {
    types: ['timestamp with time zone'],
    usual: [],
    edges: () => [
      ...moments.map((moment) => `${moment}${moment.endsWith('y') ? '' : '+00'}`),
      '2020-01-01 23:30:00-12',
    ],
  },
  { types: ['time without time zone'], usual: ['00:00:00'], edges: () => ['24:00:00', '23:59:59.999999'] },
  { types: ['time with time zone'], usual: [], edges: () => ['24:00:00+15:59', '00:00:00-15:59'] },
  { types: ['interval'], usual: ['0'], edges: () => ['1 mon -1 day', '-178000000 years', '00:00:00.000001'] },
  { types: ['json', 'jsonb'], usual: ['{}', 'null', '[]'], edges: () => ['"text"', '0', deep, '{"a":1,"a":2}'] },
  {
    types: ['uuid'],
    usual: [],
    edges: () => ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  },
  { types: ['bytea'], usual: [String.raw`\x`], edges: () => [String.raw`\x00`, String.raw`\xff`] },
  { types: ['inet'], usual: [], edges: () => ['::1', '0.0.0.0/0', '10.0.0.1/8'] },
  { types: ['hstore'], usual: [''], edges: () => ['a=>NULL'] },
  {
    types: ['int4range', 'int8range', 'numrange', 'daterange', 'tsrange', 'tstzrange'],
    usual: ['empty'],
    edges: () => ['(,)'],
  },
]

/** The largest number, the smallest fraction, and what a number without limits may also be. */
function numbers([precision, scale = 0]: readonly number[]): readonly string[] {
  if (precision === undefined) return ['12.5', '40000', '3000000000', '1e40', '0.000000001', 'NaN', 'Infinity']
  const whole = '9'.repeat(Math.max(precision - scale, 0)) || '0'
  const largest = scale > 0 ? `${whole}.${'9'.repeat(Math.min(scale, precision))}` : whole
  return [largest, `-${largest}`, ...(scale > 0 ? ['0.5', `0.${'0'.repeat(scale - 1)}1`] : []), 'NaN']
}

/** Texts that another type refuses, or reads in its own way. */
function textsFor(becomes: Column, schema: Schema, [limit]: readonly number[]): readonly string[] {
  const values = valuesOf(becomes, schema)
  if (values !== undefined) {
    const [value = 'x'] = values
    return [value.toUpperCase(), value.charAt(0).toUpperCase() + value.slice(1), `${value} `]
  }
  const { base, args } = parseType(becomes.type)
  const [length] = args
  const found = refused.find(({ types }) => types.test(base))?.texts ?? []
  const isNarrow = base.startsWith('character') && length !== undefined && length < (limit ?? Infinity)
  return isNarrow ? [...found, 'x'.repeat(length + 1), `${'x'.repeat(length)} `] : found
}

const refused: readonly { readonly types: RegExp; readonly texts: readonly string[] }[] = [
  {
    types: /^(?:smallint|integer|bigint|numeric|real|double precision|money)$/,
    texts: ['007', '12.5', '1e3', ' 12 ', '1,000', '0x1F', '99999999999999999999', '-1', 'NaN'],
  },
  { types: /^boolean$/, texts: ['yes', 't', 'maybe', '1', 'TRUE'] },
  { types: /^(?:date|time)/, texts: ['2024-02-30', '31.12.2020', '0000-00-00', '12/31/2020', '24:00', 'infinity'] },
  { types: /^jsonb?$/, texts: ['{', 'null', '{"a":1,"a":2}', '"\\u0000"'] },
]
