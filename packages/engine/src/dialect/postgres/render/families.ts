import { parseType } from '../../../operations/columns/type-change'
import type { Column } from '../../../schema/schema'

/**
 * Types whose values have the same kind of meaning. `single`: a type without relatives; `unknown`: a type of an extension or
 * of the project.
 */
export type Family =
  | 'text'
  | 'enum'
  | 'number'
  | 'boolean'
  | 'time'
  | 'interval'
  | 'json'
  | 'bytes'
  | 'bits'
  | 'network'
  | 'range'
  | 'single'
  | 'unknown'

const families: readonly (readonly [Family, RegExp])[] = [
  ['text', /^(?:text|character varying|character|citext|name|bpchar)$/],
  ['number', /^(?:smallint|integer|bigint|numeric|real|double precision|money|oid)$/],
  ['boolean', /^boolean$/],
  ['time', /^(?:date|time|timestamp)(?: (?:with|without) time zone)?$/],
  ['interval', /^interval(?: (?:year|month|day|hour|minute|second)(?: to (?:month|hour|minute|second))?)?$/],
  ['json', /^jsonb?$/],
  ['bytes', /^bytea$/],
  ['bits', /^bit(?: varying)?$/],
  ['network', /^(?:inet|cidr)$/],
  ['range', /^(?:int4|int8|num|date|ts|tstz)(?:multi)?range$/],
  ['single', /^(?:uuid|macaddr8?|point|line|lseg|box|path|polygon|circle|tsvector|tsquery|xml|pg_lsn)$/],
]

export const floats = /^(?:real|double precision)$/
export const wholeNumbers = /^(?:smallint|integer|bigint)$/

/** The family of a column's type, or of an array's elements. */
export function familyOf(column: Column): Family {
  if (column.enum !== undefined) return 'enum'
  const type = baseOf(column)
  return families.find(([, pattern]) => pattern.test(type))?.[0] ?? 'unknown'
}

/** The type without its arguments and array brackets. */
export function baseOf(column: Column): string {
  return parseType(column.type).base
}

export function isArray(column: Column): boolean {
  return column.type.endsWith('[]')
}

/** The column of one element of an array. */
export function elementOf(list: Column): Column {
  return { ...list, type: list.type.replace(/(?:\[\])+$/, '') }
}

/**
 * The text of a value, as its type prints it. A cast of an `inet` would add the mask `/32` to a plain address.
 * https://www.postgresql.org/docs/current/functions-net.html (abbrev)
 */
export function printed(value: string, column: Column): string {
  if (baseOf(column) !== 'inet') return `${value}::text`
  return isArray(column) ? `${value}::text::text[]` : `abbrev(${value})`
}

/**
 * False where values of one type are meaningless in the other. A conversion by way of text would give accidental results:
 * the date 0001-01-01 is the hardware address 00:01:00:01:00:01.
 *
 * @example
 * converts(bigint, integer) // true: small values fit
 * converts(bigint, uuid)    // false
 */
export function converts(from: Column, to: Column): boolean {
  const [source, target] = [familyOf(from), familyOf(to)]
  const [was, is] = [baseOf(from), baseOf(to)]
  if (was === is || is === 'xml' || source === 'unknown' || target === 'unknown') return true
  if ([source, target].some((family) => spelled.has(family))) return true
  if (source === 'time' && target === 'interval') return was === 'time without time zone'
  if (source !== target) return readable.has(`${source}>${target}`)
  if (source === 'time') return isTimeOfDay(was) === isTimeOfDay(is)
  if (source === 'range')
    return rangeOrders.some((order) => order.includes(was) && order.indexOf(is) > order.indexOf(was))
  return source !== 'single'
}

/** Families that can represent a value of any type. */
const spelled: ReadonlySet<Family> = new Set<Family>(['text', 'enum', 'bytes'])

/** Pairs of the other families whose values are meaningful in the second one. */
const readable: ReadonlySet<string> = new Set<`${Family}>${Family}`>([
  'number>boolean',
  'number>bits',
  'number>json',
  'boolean>number',
  'boolean>json',
  'json>number',
  'json>boolean',
  'bits>number',
  'interval>time',
])

/** Ranges, in an order in which each one can hold the bounds of the previous. */
const rangeOrders = [
  ['int4range', 'int8range', 'numrange'],
  ['int4multirange', 'int8multirange', 'nummultirange'],
  ['daterange', 'tsrange'],
  ['datemultirange', 'tsmultirange'],
]

function isTimeOfDay(base: string): boolean {
  return base.startsWith('time ')
}
