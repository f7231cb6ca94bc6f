import { parseType } from '../../operations/columns/type-change'
import { type Column, sameName, type Schema } from '../../schema/schema'
import { text } from './literal'

/**
 * A value for a column of a sample row: a small number, a short text, a day in 2020. Each seed gives another value, as far
 * as the type has enough values.
 *
 * @param seed 0 or more
 * @param stored the type that the column has in the database, where `column` has the one that the value must fit later:
 *   an integer that becomes a boolean
 * @returns null for an unknown type, such as a composite or a domain
 */
export function sampleValue(
  column: Column,
  schema: Schema,
  seed: number,
  stored = column.type,
): { readonly sql: string } | null {
  const value = valueOf(column, schema, seed)
  if (value === undefined) return null
  const type = stored.endsWith('[]') === column.type.endsWith('[]') ? stored : column.type
  // Only integer has a cast from boolean.
  const typed = /^(?:true|false)$/.test(value) && isNumber(type) ? `${value}::integer` : value
  if (!type.endsWith('[]')) return { sql: `${typed}::${type}` }
  return { sql: `ARRAY[${typed}]::${type}` }
}

function isNumber(type: string): boolean {
  return /^(?:smallint|integer|bigint|numeric|real|double precision|money)$/.test(parseType(type).base)
}

function valueOf(column: Column, schema: Schema, seed: number): string | undefined {
  const { enum: name } = column
  if (name !== undefined) {
    const values = schema.enums.find((type) => sameName(type, name))?.values ?? []
    const value = values[seed % Math.max(values.length, 1)]
    return value === undefined ? undefined : text(value)
  }
  const { base, args } = parseType(column.type)
  return samples[base]?.(seed, args)
}

type Sample = (seed: number, args: readonly number[]) => string

/** Short texts start with the seed, so that narrow columns get different values too. */
const words: Sample = (seed, [length]) =>
  text(
    length !== undefined && length < 8
      ? seed.toString(36).padStart(Math.min(length, 2), 'a').slice(-length)
      : `sample ${seed.toString(36)}`.slice(0, length),
  )

const day = (seed: number): string => new Date(Date.UTC(2020, 0, 1 + (seed % 3650))).toISOString().slice(0, 10)
const clock = (seed: number): string => `${pad(seed % 24)}:${pad(seed % 60)}:00`
const pad = (value: number): string => String(value).padStart(2, '0')
const hex = (seed: number, digits: number): string => seed.toString(16).padStart(digits, '0').slice(-digits)
const integer: Sample = (seed) => String(1 + (seed % 30_000))
/** Between 0 and 1, which satisfies most checks on such columns. */
const fraction: Sample = (seed) => String(1 / (seed + 2))
const json: Sample = (seed) => text(JSON.stringify({ sample: seed }))
type Bound = (seed: number) => string
const rangeOf = (bound: Bound, seed: number): string => `[${bound(seed)},${bound(seed + 1)})`
const range =
  (bound: Bound): Sample =>
  (seed) =>
    text(rangeOf(bound, seed))
const multirange =
  (bound: Bound): Sample =>
  (seed) =>
    text(`{${rangeOf(bound, seed)}}`)
const number = (seed: number): string => String(seed)
const stamp = (seed: number): string => `${day(seed)} 12:00:00`
const stampWithZone = (seed: number): string => `${day(seed)} 12:00:00+00`

const samples: Readonly<Record<string, Sample>> = {
  smallint: integer,
  integer: (seed) => String(1 + seed),
  bigint: (seed) => String(1 + seed),
  real: fraction,
  'double precision': fraction,
  numeric,
  money: integer,
  boolean: (seed) => (seed % 2 === 0 ? 'true' : 'false'),
  text: words,
  citext: words,
  name: words,
  'character varying': words,
  character: (seed, args) => words(seed, args.length === 0 ? [1] : args),
  uuid: (seed) => text(`00000000-0000-4000-8000-${hex(seed, 12)}`),
  json,
  jsonb: json,
  xml: (seed) => text(`<sample>${String(seed)}</sample>`),
  bytea: (seed) => text(`\\x${hex(seed, 8)}`),
  date: (seed) => text(day(seed)),
  'time without time zone': (seed) => text(clock(seed)),
  'time with time zone': (seed) => text(`${clock(seed)}+00`),
  'timestamp without time zone': (seed) => text(stamp(seed)),
  'timestamp with time zone': (seed) => text(stampWithZone(seed)),
  interval: (seed) => text(`${String(seed)} minutes`),
  inet: (seed) => text(`10.0.${String((seed >> 8) % 256)}.${String(seed % 256)}`),
  cidr: (seed) => text(`10.0.${String((seed >> 8) % 256)}.${String(seed % 256)}/32`),
  macaddr: (seed) => text(`08:00:2b:00:00:${hex(seed, 2)}`),
  macaddr8: (seed) => text(`08:00:2b:00:00:00:00:${hex(seed, 2)}`),
  bit: (seed, [length = 1]) => text(bits(seed, length)),
  'bit varying': (seed, [length = 8]) => text(bits(seed, Math.min(length, 8))),
  point: (seed) => text(`(${number(seed)},0)`),
  line: (seed) => text(`{1,1,${number(seed)}}`),
  lseg: (seed) => text(`[(0,0),(1,${number(seed)})]`),
  box: (seed) => text(`(0,0),(1,${number(seed + 1)})`),
  path: (seed) => text(`[(0,0),(1,${number(seed)})]`),
  polygon: (seed) => text(`((0,0),(1,0),(1,${number(seed + 1)}))`),
  circle: (seed) => text(`<(0,0),${number(seed + 1)}>`),
  int4range: range(number),
  int8range: range(number),
  numrange: range(number),
  daterange: range(day),
  tsrange: range(stamp),
  tstzrange: range(stampWithZone),
  int4multirange: multirange(number),
  int8multirange: multirange(number),
  nummultirange: multirange(number),
  datemultirange: multirange(day),
  tsmultirange: multirange(stamp),
  tstzmultirange: multirange(stampWithZone),
  tsvector: (seed) => text(`sample ${number(seed)}`),
  tsquery: (seed) => text(`sample${number(seed)}`),
  hstore: (seed) => text(`sample=>${number(seed)}`),
  ltree: (seed) => text(`sample.n${number(seed)}`),
  oid: integer,
  pg_lsn: (seed) => text(`0/${hex(seed + 1, 8)}`),
}

/** A whole number that fits the precision; without digits before the point, a fraction. */
function numeric(seed: number, [precision, scale = 0]: readonly number[]): string {
  if (precision === undefined) return String(1 + seed)
  if (scale < 0) return `${String(1 + (seed % (10 ** Math.min(precision, 9) - 1)))}${'0'.repeat(-scale)}`
  const digits = precision - scale
  if (digits > 0) return String(1 + (seed % (10 ** Math.min(digits, 9) - 1)))
  return `0.${'0'.repeat(Math.max(-digits, 0))}${String(1 + (seed % 9))}`
}

function bits(seed: number, length: number): string {
  return (seed % 2 ** Math.min(length, 30)).toString(2).padStart(length, '0')
}
