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
/** Integers of so few digits fit the type for certain. */
const safeDigits: Readonly<Record<string, number>> = { smallint: 4, integer: 9, bigint: 18 }

const texts = new Set(['text', 'character varying', 'citext'])

/** Pairs of other types in which the second holds every value of the first. */
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

/** Length of the longest text that a type prints; for types that print a bounded one. */
const textLength: Readonly<Record<string, number>> = { uuid: 36, boolean: 5 }

/** Spellings that only SQLite keeps; PostgreSQL prints other ones for the same. */
const sqliteSpelling =
  /^(?:int|tinyint|mediumint|unsigned big int|int2|int8|varchar|varying character|nchar|native character|nvarchar|clob|blob|double|float|decimal|datetime|)$/

/**
 * True when every value of the column survives the change of type for certain. What is not known to be safe is not.
 * Enum types of the same name count as the same: what becomes of their values is the enum's own operation.
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
  // Their texts joined by commas cannot be told apart where they have some themselves.
  if (source.array && !target.array) return false
  if (sqliteSpelling.test(source.base) || sqliteSpelling.test(target.base)) return keepsAffinity(source, target)
  return keepsElement(source, target)
}

/**
 * The same where the column becomes the rowid of a SQLite table, which takes nothing but integers: other columns of
 * SQLite that are called integer keep a 1.5 as it is. https://www.sqlite.org/rowidtable.html
 */
export function keepsEveryRowid(from: Column, to: Column): boolean {
  const { base } = parseType(from.type)
  return keepsEveryValue(from, to) && (!sqliteSpelling.test(base) || affinity(base) === 'integer')
}

function keepsElement(from: TypeText, to: TypeText): boolean {
  // Not all bytes are a text.
  if (from.base === 'bytea' && to.base !== 'bytea') return false
  if (isUnboundedText(to)) return true
  const [limit = Infinity] = to.args
  if (isBounded(to.base)) {
    if (texts.has(from.base) || isBounded(from.base)) return (from.args[0] ?? Infinity) <= limit
    const longest = integers[from.base]?.text ?? textLength[from.base] ?? Infinity
    return to.base === 'character varying' && longest <= limit
  }
  if (to.base === 'numeric' || from.base === 'numeric') return keepsNumber(from, to)
  if (from.base === to.base) return from.base !== 'bit' && (from.args[0] ?? Infinity) <= limit
  if (integerOrder.includes(from.base) && integerOrder.includes(to.base)) {
    return integerOrder.indexOf(from.base) < integerOrder.indexOf(to.base)
  }
  return wider.has(`${from.base}>${to.base}`) && to.args.length === 0
}

function keepsNumber(from: TypeText, to: TypeText): boolean {
  if (from.base === 'numeric' && to.base === 'numeric') return numericKeeps(from, to)
  if (to.base === 'numeric') {
    // A float goes there by way of its text, with all of its digits.
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

/** SQLite keeps a value as it is, but for texts that look like numbers in a column of numbers, and bytes made a text. */
function keepsAffinity(from: TypeText, to: TypeText): boolean {
  const [source, target] = [affinity(from.base), affinity(to.base)]
  if (source === 'blob' && target === 'text') return false
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

/** `numeric(10,2)[]` in its parts; arguments behind `timestamp` or `time` are found too. */
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
 * True when values of one type are plausibly carried over into the other: the same family, or into a text,
 * or between an enum and a text or another enum. Says nothing about single values.
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
