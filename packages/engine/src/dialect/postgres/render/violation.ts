import { parseType } from '../../../operations/columns/type-change'
import type { Column } from '../../../schema/schema'
import { text } from '../literal'
import { baseOf, converts, familyOf, floats, isArray } from './families'

/**
 * A condition that is true for values that a conversion to another type would truncate, round, refuse or misread; null where
 * all values fit, or where the server refuses the others and names them.
 *
 * The values may be arbitrary, so the condition contains no cast that could fail.
 */
export function violation(value: string, from: Column, to: Column): string | null {
  if (isArray(from)) return isArray(to) ? listViolation(value, from, to) : listedViolation(value, from, to)
  if (isArray(to)) return violation(value, from, elementOf(to))
  if (!converts(from, to)) return `${value} IS NOT NULL`
  const [source, target] = [familyOf(from), familyOf(to)]
  if (target === 'enum' || target === 'unknown' || source === 'unknown' || baseOf(to) === 'xml') return null
  if (source === 'bytes') return bytesViolation(value, to)
  if (target === 'text') return tooLong(source === 'text' ? value : `${value}::text`, to)
  if (source === 'text' || source === 'enum') return textViolation(source === 'text' ? value : `${value}::text`, to)
  // Money has no cast to another number than numeric.
  if (from.type === 'money') return violation(`${value}::numeric`, { ...from, type: 'numeric' }, to)
  switch (source) {
    case 'number':
      return numberViolation(value, from, to)
    case 'time':
      return target === 'time' ? `${value}::${to.type}::${from.type} <> ${value}` : null
    case 'interval':
    case 'json':
      return source === target ? null : textViolation(`${value}::text`, to)
    case 'bits':
      return target === 'number' ? `${value}::text::numeric::text <> ${value}::text` : null
    case 'network':
      // The bits to the right of the mask would be lost.
      return baseOf(from) === 'inet' && baseOf(to) === 'cidr' ? `${value}::cidr::inet <> ${value}` : null
    default:
      return null
  }
}

/**
 * Bytes that are not UTF-8 text, or whose text violates the target type. Checks hexadecimal digits, because decoding other
 * bytes is an error. https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G27506 (table 3-7)
 */
function bytesViolation(value: string, to: Column): string {
  const next = '[89ab][0-9a-f]'
  const characters = [
    '0[1-9a-f]',
    '[1-7][0-9a-f]',
    `(c[2-9a-f]|d[0-9a-f])${next}`,
    `(e0[ab][0-9a-f]|ed[89][0-9a-f]|e[1-9a-cef]${next})${next}`,
    `(f0[9ab][0-9a-f]|f48[0-9a-f]|f[123]${next})${next}${next}`,
  ]
  const isText = `encode(${value}, 'hex') ~ '^(${characters.join('|')})*$'`
  const decoded = `convert_from(${value}, 'UTF8')`
  const condition = familyOf(to) === 'text' ? tooLong(decoded, to) : textViolation(decoded, to)
  return condition === null
    ? `NOT ${isText}`
    : `NOT CASE WHEN ${isText} THEN NOT coalesce(${condition}, false) ELSE ${value} IS NULL END`
}

function elementOf(list: Column): Column {
  return { ...list, type: list.type.replace(/(?:\[\])+$/, '') }
}

/** {@link violation} for an array that becomes another array. */
function listViolation(value: string, from: Column, to: Column): string | null {
  if (familyOf(to) === 'text') return `${value}::${to.type}::text[] <> ${value}::text[]`
  // A cast from text to bytes interprets escapes.
  if (familyOf(to) === 'bytes') return `${value}::text LIKE '%\\\\%'`
  const condition = violation('aludel_item', elementOf(from), elementOf(to))
  return condition && `EXISTS (SELECT 1 FROM unnest(${value}) AS aludel_list(aludel_item) WHERE ${condition})`
}

/** {@link violation} for an array that becomes its only element, or a text of all elements. */
function listedViolation(value: string, from: Column, to: Column): string {
  if (familyOf(to) === 'text')
    return `array_position(${value}::text[], NULL) IS NOT NULL OR (cardinality(${value}) > 1 AND array_to_string(${value}, '') LIKE '%,%')`
  const condition = violation(`${value}[1]`, elementOf(from), to)
  return `cardinality(${value}) > 1${condition === null ? '' : ` OR ${condition}`}`
}

function tooLong(string: string, to: Column): string | null {
  const [limit] = parseType(to.type).args
  return limit === undefined ? null : `char_length(${string}) > ${String(limit)}`
}

const integerBounds: Readonly<Record<string, readonly [string, string]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
}
const wholeNumbers = /^(?:smallint|integer|bigint)$/
/** Digits of the largest amount, rounded up: the server refuses larger amounts. */
const moneyDigits = 19
const number = `'^\\s*[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?\\s*$'`

/** {@link violation} for a text that is not a value of the type, is too precise for it, or would be misread. */
function textViolation(string: string, to: Column): string | null {
  const { base, args } = parseType(to.type)
  const [limit, scale = 0] = args
  const asNumber = (condition: string): string =>
    `NOT CASE WHEN ${string} ~ ${number} THEN ${condition} ELSE ${string} IS NULL END`
  const bounds = integerBounds[base]
  if (bounds !== undefined) {
    const whole = `CASE WHEN ${string} ~ '^\\s*[-+]?[0-9]+\\s*$' THEN ${string}::numeric ${between(bounds)}`
    return `NOT ${whole} ELSE ${string} IS NULL END`
  }
  if (base === 'numeric') return asNumber(limit === undefined ? 'true' : fitsDigits(`${string}::numeric`, limit, scale))
  if (base === 'money') {
    // `$1.50` is money too, but 1,50 would be a hundred times as much.
    const cents = `CASE WHEN ${string} ~ ${number} THEN ${fitsDigits(`${string}::numeric`, moneyDigits, 2)}`
    return `NOT ${cents} ELSE ${string} ~ '[0-9]' AND ${string} !~ '\\.[0-9]{3}|,[0-9]{0,2}([^0-9]|$)' END`
  }
  if (floats.test(base)) return asNumber(`${string}::${base}::text::numeric = ${string}::numeric`)
  switch (familyOf(to)) {
    case 'boolean': {
      const words = ['t', 'true', 'y', 'yes', 'on', '1', 'f', 'false', 'n', 'no', 'off', '0'].map(text).join(', ')
      return `lower(trim(${string})) NOT IN (${words})`
    }
    case 'bits':
      return [`${string} !~ '^[01]*$'`, ...wrongBits(string, to)].join(' OR ')
    case 'network':
      // `1.2.3` would be the network 1.2.3.0/24.
      return `${string} !~ '[:/]|^\\s*[0-9]+(\\.[0-9]+){3}\\s*$'`
    case 'interval':
      // `[2]` would be an interval of two seconds.
      return `${string} !~ '[[:alpha:]:]' OR ${string} ~ ${number} OR ${tooExact(string, to)}`
    case 'time':
      return textOfTimeViolation(string, to)
    default:
      if (base === 'uuid') return `${string} !~* '^\\{?[0-9a-f]{4}(-?[0-9a-f]{4}){7}\\}?$'`
      // The date 2020-01-01 would be the address 20:20:00:01:00:01.
      return base.startsWith('macaddr')
        ? `regexp_replace(${string}, '[-:.]', '', 'g') !~* '^\\s*([0-9a-f]{12}|[0-9a-f]{16})\\s*$'`
        : null
  }
}

/** A cast to bits pads or truncates them. */
function wrongBits(string: string, to: Column): string[] {
  const { base, args } = parseType(to.type)
  const [limit = base === 'bit' ? 1 : undefined] = args
  return limit === undefined ? [] : [`char_length(${string}) ${base === 'bit' ? '<>' : '>'} ${String(limit)}`]
}

/**
 * Types without a date, a time of day or a zone drop it from the text; and words like `now` give another time whenever they
 * are read.
 */
function textOfTimeViolation(string: string, to: Column): string {
  const base = baseOf(to)
  const timeOfDay = String.raw`([0-9]{4}|[0-9]{6}|[0-9]{1,2}(:[0-9]{2}){1,2})(\.[0-9]+)?\s*([ap]m)?`
  const zone = String.raw`(z|[-+][0-9]{1,2}(:?[0-9]{2})?)`
  if (base.startsWith('time without')) return `${string} !~* '^\\s*${timeOfDay}\\s*$' OR ${tooExact(string, to)}`
  if (base.startsWith('time with ')) {
    return `${string} !~* '^\\s*${timeOfDay}\\s*${zone}?\\s*$' OR ${tooExact(string, to)}`
  }
  const isForever = `${string} ~* '^\\s*[-+]?infinity\\s*$'`
  const violations = [
    `${string} !~ '[0-9]'`,
    ...(base === 'date' ? [`${string} ~* ':|[0-9]t[0-9]| [0-9]{6}'`] : [tooExact(string, to)]),
    ...(base === 'timestamp without time zone'
      ? [`${string} ~* ':[0-9]{2}(\\.[0-9]+)?\\s*([-+]|z|[a-z]{3}|[a-z]+/)'`]
      : []),
  ]
  return `NOT ${isForever} AND (${violations.join(' OR ')})`
}

/** More fractional digits of the second than the type has. */
function tooExact(string: string, to: Column): string {
  const [digits = 6] = parseType(to.type).args
  return `${string} ~ '(:[0-9]{2}|[0-9]{6})\\.[0-9]{${String(digits)}}[0-9]*[1-9]'`
}

function numberViolation(value: string, from: Column, to: Column): string | null {
  const [source, { base, args }] = [baseOf(from), parseType(to.type)]
  const [limit, scale = 0] = args
  if (familyOf(to) === 'boolean') return `${value} NOT IN (0, 1)`
  if (familyOf(to) === 'json') return null
  if (familyOf(to) === 'bits') return textViolation(`${value}::text`, to)
  const bounds = integerBounds[base]
  if (bounds !== undefined)
    return wholeNumbers.test(source)
      ? `${value} NOT ${between(bounds)}`
      : `${value} <> trunc(${value}) OR ${value} NOT ${between(bounds)}`
  if (base === 'numeric') {
    if (limit === undefined) return null
    const bridge = floats.test(source) ? '::text::numeric' : '::numeric'
    return finite(
      value,
      source,
      `NOT (${fitsDigits(source === 'numeric' ? value : `${value}${bridge}`, limit, scale)})`,
    )
  }
  if (base === 'money') {
    if (wholeNumbers.test(source)) return null
    return finite(value, source, `NOT (${fitsDigits(`${value}::numeric`, moneyDigits, 2)})`)
  }
  if (floats.test(base))
    return floats.test(source)
      ? `${value}::${base}::text::double precision <> ${value}`
      : `${value}::${base}::text::numeric <> ${value}`
  return null
}

/** Before PostgreSQL 14 numeric has no infinity: casting one is an error. */
function finite(value: string, source: string, condition: string): string {
  return floats.test(source) ? `CASE WHEN abs(${value}) = 'Infinity' THEN true ELSE ${condition} END` : condition
}

function fitsDigits(value: string, precision: number, scale: number): string {
  return `${value} = round(${value}, ${String(scale)}) AND abs(${value}) < ${powerOfTen(precision - scale)}`
}

function between([low, high]: readonly [string, string]): string {
  return `BETWEEN ${low} AND ${high}`
}

function powerOfTen(digits: number): string {
  return digits >= 0 ? `1${'0'.repeat(digits)}` : `1e${String(digits)}`
}
