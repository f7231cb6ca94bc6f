import { parseType } from '../../../operations/columns/type-change'
import type { Column } from '../../../schema/schema'
import { text } from '../literal'
import { baseOf, familyOf, floats } from './families'
import { between, fitsDigits, fitsFloat, fitsMoney, integerBounds } from './number-bounds'

const exponent = '([eE][-+]?[0-9]{1,4})?'
/**
 * A number that loses no digit: the zeros before 007 may be part of a code, and the plus sign part of a phone number. A longer
 * exponent is out of range for every type.
 */
const number = `'^\\s*-?((0|[1-9][0-9]*)(\\.[0-9]*)?|\\.[0-9]+)${exponent}\\s*$'`
const anyNumber = `'^\\s*[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?\\s*$'`

/** `violation` for a text that is not a value of the type, is too precise for it, or would be misread. */
export function textViolation(string: string, to: Column): string | null {
  const { base, args } = parseType(to.type)
  const [limit, scale = 0] = args
  const asNumber = (condition: string, words: readonly string[] = []): string => {
    const isWord = words.length === 0 ? '' : ` OR ${string} IN (${words.map(text).join(', ')})`
    return `NOT CASE WHEN ${string} ~ ${number} THEN ${condition} ELSE ${string} IS NULL${isWord} END`
  }
  const bounds = integerBounds[base]
  if (bounds !== undefined) {
    const whole = `CASE WHEN ${string} ~ '^\\s*(0|-?[1-9][0-9]*)\\s*$' THEN ${string}::numeric ${between(bounds)}`
    return `NOT ${whole} ELSE ${string} IS NULL END`
  }
  if (base === 'numeric') {
    return asNumber(limit === undefined ? 'true' : fitsDigits(`${string}::numeric`, limit, scale), ['NaN'])
  }
  if (base === 'money') {
    // `$1.50` is money too, but 1,50 would be a hundred times as much.
    const cents = `CASE WHEN ${string} ~ ${number} THEN ${fitsMoney(`${string}::numeric`)}`
    const signed = `${string} ~ '[0-9]' AND ${string} !~ '\\.[0-9]{3}|,[0-9]{0,2}([^0-9]|$)|^\\s*[-+$(]*0[0-9]'`
    return `NOT ${cents} ELSE ${signed} END`
  }
  if (floats.test(base)) {
    const same = `${string}::${base}::text::numeric = ${string}::numeric`
    return asNumber(fitsFloat(`${string}::numeric`, base, same), ['NaN', 'Infinity', '-Infinity'])
  }
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
      return [
        `${string} !~ '[[:alpha:]:]'`,
        `${string} ~ '::|:60'`,
        `${string} ~ ${anyNumber}`,
        tooExact(string, to),
        tooExactSeconds(string, to),
        // Other fields than those of the type would be dropped.
        ...(base === 'interval' ? [] : [`${string}::interval::text <> ${string}::${to.type}::text`]),
      ].join(' OR ')
    case 'time':
      return textOfTimeViolation(string, to)
    case 'json':
      return base === 'jsonb' ? repeatsKeys(`${string}::json`) : null
    case 'range':
      // `(5,5)` contains nothing, and would forget its bounds.
      return `isempty(${string}::${to.type}) AND ${string} !~* '^\\s*(empty|\\{\\s*\\})\\s*$'`
    case 'single':
      return textOfSingleViolation(string, base, to)
    default:
      return null
  }
}

/** Types that print a value in one way only, and read it in several: some lose digits, `tsvector` the order of its words. */
function textOfSingleViolation(string: string, base: string, to: Column): string {
  if (base === 'uuid') return `${string} !~* '^\\{?[0-9a-f]{4}(-?[0-9a-f]{4}){7}\\}?$'`
  // The date 2020-01-01 would be the address 20:20:00:01:00:01.
  return base.startsWith('macaddr')
    ? `regexp_replace(${string}, '[-:.]', '', 'g') !~* '^\\s*([0-9a-f]{12}|[0-9a-f]{16})\\s*$'`
    : `${string}::${to.type}::text <> ${string}`
}

/** A cast to bits pads or truncates them. */
export function wrongBits(string: string, to: Column): string[] {
  const { base, args } = parseType(to.type)
  const [limit = base === 'bit' ? 1 : undefined] = args
  return limit === undefined ? [] : [`char_length(${string}) ${base === 'bit' ? '<>' : '>'} ${String(limit)}`]
}

/** The condition that an object in the value of type `json` has a key twice: `jsonb` keeps only the last one. */
export function repeatsKeys(json: string): string {
  const only = (kind: 'object' | 'array', none: string): string =>
    `CASE json_typeof(item) WHEN '${kind}' THEN item ELSE '${none}' END`
  const parts = `SELECT value FROM json_each(${only('object', '{}')}) UNION ALL SELECT value FROM json_array_elements(${only('array', '[]')})`
  const items = `SELECT ${json} UNION ALL SELECT part.value FROM aludel_json, LATERAL (${parts}) AS part`
  const repeats = `SELECT count(*) > count(DISTINCT key) FROM json_object_keys(${only('object', '{}')}) AS keys(key)`
  return `EXISTS (WITH RECURSIVE aludel_json(item) AS (${items}) SELECT 1 FROM aludel_json WHERE (${repeats}))`
}

/**
 * Types without a date, a time of day or a zone drop it from the text; words like `now` give another time whenever they are
 * read; 01/02/03 is another day in another DateStyle; and a leap second becomes the next one.
 */
function textOfTimeViolation(string: string, to: Column): string {
  const base = baseOf(to)
  const timeOfDay = String.raw`([0-9]{4}|[0-9]{6}|[0-9]{1,2}(:[0-9]{2}){1,2})(\.[0-9]+)?\s*([ap]m)?`
  const zone = String.raw`(z|[-+][0-9]{1,2}(:?[0-9]{2})?)`
  const leap = String.raw`:60|(^|[ tT])[0-9]{4}60([^0-9]|$)`
  if (base.startsWith('time ')) {
    const format = base.startsWith('time without') ? timeOfDay : String.raw`${timeOfDay}\s*${zone}?`
    return `${string} !~* '^\\s*${format}\\s*$' OR ${string} ~ '${leap}' OR ${tooExact(string, to)}`
  }
  const isForever = `${string} ~* '^\\s*[-+]?infinity\\s*$'`
  const violations = [
    `${string} !~ '^\\s*([0-9]{4,7}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{8})([^0-9]|$)'`,
    ...(base === 'date'
      ? [`${string} ~* ':|[0-9]t[0-9]| [0-9]{6}'`]
      : [`${string} ~ '${leap}|[ tT]24:?00'`, tooExact(string, to)]),
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

/** The same for `1.5 seconds`. */
function tooExactSeconds(string: string, to: Column): string {
  const [digits = 6] = parseType(to.type).args
  return `${string} ~* '\\.[0-9]{${String(digits)}}[0-9]*[1-9]\\s*s'`
}
