// cspell:ignore doub floa
import type { Column } from '../../schema/schema'

interface TypeText {
  readonly base: string
  readonly args: readonly number[]
  readonly array: boolean
}

/** Decimal digits (and the longest text) of the integer types. */
const integers: Readonly<Record<string, { readonly digits: number; readonly text: number }>> = {
  smallint: { digits: 5, text: 6 },
  integer: { digits: 10, text: 11 },
  bigint: { digits: 19, text: 20 },
}
const integerOrder = ['smallint', 'integer', 'bigint']
/** The most digits with which every integer fits the type. */
const safeDigits: Readonly<Record<string, number>> = { smallint: 4, integer: 9, bigint: 18 }

const texts = new Set(['text', 'character varying', 'citext'])

/** Pairs of other types in which the second type can store every value of the first. */
const wider = new Set([
  'real>double precision',
  'smallint>real',
  'smallint>double precision',
  'integer>double precision',
  'date>timestamp without time zone',
  'jsonb>json',
  'cidr>inet',
  'boolean>integer',
])

/** The length of the longest text that a type prints, if it is bounded. */
const textLength: Readonly<Record<string, number>> = { uuid: 36, boolean: 5 }

/** Spellings that only SQLite keeps; PostgreSQL prints these types differently. */
const sqliteSpelling =
  /^(?:int|tinyint|mediumint|unsigned big int|int2|int8|varchar|varying character|nchar|native character|nvarchar|clob|blob|double|float|decimal|datetime|)$/

/**
 * True if every value of the column certainly survives the change of type; false if that is not known.
 * Enum types with the same name count as the same: a separate operation changes their values.
 *
 * @example
 * keepsEveryValue(varchar50, varchar100) // true
 * keepsEveryValue(bigint, integer)       // false
 */
export function keepsEveryValue(from: Column, to: Column): boolean {
  if (from.type === to.type) return true
  if (to.enum !== undefined) return false
  const target = parseType(to.type)
  const source = from.enum === undefined ? parseType(from.type) : { ...parseType(from.type), base: 'text', args: [] }
  // Elements that contain commas could not be separated again once they are joined by commas.
  if (source.array && !target.array) return false
  if (sqliteSpelling.test(source.base) || sqliteSpelling.test(target.base)) return keepsAffinity(source, target)
  return keepsElement(source, target)
}

/**
 * Like `keepsEveryValue`, for a column that becomes the rowid of a SQLite table. A rowid accepts only integers; other
 * integer columns of SQLite can store 1.5. https://www.sqlite.org/rowidtable.html
 */
export function keepsEveryRowid(from: Column, to: Column): boolean {
  const { base } = parseType(from.type)
  return keepsEveryValue(from, to) && (!sqliteSpelling.test(base) || affinity(base) === 'integer')
}

function keepsElement(from: TypeText, to: TypeText): boolean {
  // Not every byte sequence is valid text.
  if (from.base === 'bytea' && to.base !== 'bytea') return false
  if (isUnboundedText(to)) return true
  const [limit = Infinity] = to.args
  // `character(n)` pads texts, and so forgets the spaces that they end with.
  if (to.base === 'character' && from.base !== 'character') return false
  if (isBounded(to.base)) {
    if (texts.has(from.base) || isBounded(from.base)) return (from.args[0] ?? Infinity) <= limit
    const longest = integers[from.base]?.text ?? textLength[from.base] ?? Infinity
    return longest <= limit
  }
  if (to.base === 'numeric' || from.base === 'numeric') return keepsNumber(from, to)
  if (from.base === to.base || (from.base.startsWith('interval ') && to.base === 'interval'))
    return from.base !== 'bit' && (from.args[0] ?? mostDigits(from)) <= limit
  if (integerOrder.includes(from.base) && integerOrder.includes(to.base)) {
    return integerOrder.indexOf(from.base) < integerOrder.indexOf(to.base)
  }
  return wider.has(`${from.base}>${to.base}`) && to.args.length === 0
}

function keepsNumber(from: TypeText, to: TypeText): boolean {
  if (from.base === 'numeric' && to.base === 'numeric') return numericKeeps(from, to)
  if (to.base === 'numeric') {
    // A float is converted through its text, with all digits.
    if (to.args.length === 0 && /^(?:real|double precision)$/.test(from.base)) return true
    const digits = integers[from.base]?.digits
    return digits !== undefined && (to.args.length === 0 || (to.args[0] ?? 0) - (to.args[1] ?? 0) >= digits)
  }
  const [precision = Infinity, scale = 0] = from.args
  return scale === 0 && precision <= (safeDigits[to.base] ?? -1)
}

function numericKeeps(from: TypeText, to: TypeText): boolean {
  const [precision, scale = 0] = to.args
  if (precision === undefined) return true
  const [oldPrecision, oldScale = 0] = from.args
  return oldPrecision !== undefined && scale >= oldScale && precision - scale >= oldPrecision - oldScale
}

/**
 * True if the conversion depends on the time zone of the session: a value without a zone gets one, or a moment becomes a
 * local time. A text may have a zone of its own, or none.
 *
 * @example
 * usesZoneOfSession(timestamp, timestamptz) // true
 */
export function usesZoneOfSession(from: Column, to: Column): boolean {
  const [was, is] = [parseType(from.type).base, parseType(to.type).base]
  if (hasZone(was) === hasZone(is)) return false
  return hasZone(is) || /^(?:date|time)/.test(is)
}

function hasZone(base: string): boolean {
  return base.endsWith(' with time zone') || base.startsWith('tstz')
}

/** The length or the number of fractional digits of a type without arguments: times have microseconds. */
function mostDigits({ base }: TypeText): number {
  return /^(?:time|interval)/.test(base) ? 6 : Infinity
}

/** SQLite does not convert values, except text that looks like a number in a numeric column, and bytes that become text. */
function keepsAffinity(from: TypeText, to: TypeText): boolean {
  const [source, target] = [affinity(from.base), affinity(to.base)]
  if (source === 'blob' && target === 'text') return false
  // A float has 53 bits for the 64 of an integer.
  if (target === 'real' && source !== 'real') return false
  return source === target || target === 'text' || target === 'blob' || (source !== 'text' && source !== 'blob')
}

/** https://www.sqlite.org/datatype3.html#determination_of_column_affinity */
function affinity(base: string): 'integer' | 'text' | 'blob' | 'real' | 'numeric' {
  if (base.includes('int')) return 'integer'
  if (/char|clob|text/.test(base)) return 'text'
  if (base === '' || base.includes('blob')) return 'blob'
  return /real|floa|doub/.test(base) ? 'real' : 'numeric'
}

function isBounded(base: string): boolean {
  return base === 'character varying' || base === 'character'
}

function isUnboundedText(type: TypeText): boolean {
  return texts.has(type.base) && type.args.length === 0
}

/** The parts of a type such as `numeric(10,2)[]` or `timestamp(3) with time zone`. */
export function parseType(type: string): TypeText {
  const array = type.endsWith('[]')
  const element = type.replace(/(?:\[\])+$/, '')
  const found = /^([^("]*)\(([\d\s,-]*)\)([^"]*)$/.exec(element)
  if (found === null) return { base: element.trim(), args: [], array }
  const args = (found[2] ?? '').split(',').map(Number)
  return { base: `${(found[1] ?? '').trim()} ${(found[3] ?? '').trim()}`.trim(), args, array }
}

const families: readonly RegExp[] = [
  /int|numeric|decimal|real|float|double|money|serial/,
  /char|text|clob|uuid|citext|name/,
  /date|time/,
  /json/,
  /bool/,
  /blob|bytea|binary/,
  /inet|cidr|macaddr/,
]

/**
 * True if values of one type can plausibly become values of the other: both are of one family, the target is text, or
 * both are enums or text. Single values may still not fit.
 */
export function isCastable(from: Column, to: Column): boolean {
  if (from.type === to.type) return true
  const [source, target] = [parseType(from.type), parseType(to.type)]
  if (source.array && !target.array) return false
  const isText = (type: TypeText): boolean => /char|text|clob/.test(type.base)
  if (from.enum !== undefined || to.enum !== undefined) {
    return (from.enum !== undefined || isText(source)) && (to.enum !== undefined || isText(target))
  }
  if (source.base === target.base || isText(target)) return true
  return families.some((family) => family.test(source.base) && family.test(target.base))
}
