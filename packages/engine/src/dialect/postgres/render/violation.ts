import { parseType } from '../../../operations/columns/type-change'
import type { Column } from '../../../schema/schema'
import { baseOf, converts, elementOf, familyOf, isArray, printed } from './families'
import { numberViolation } from './number-violation'
import { repeatsKeys, textViolation, wrongBits } from './text-violation'

/**
 * A condition that is true for values that a conversion to another type would truncate, round, refuse or misread; null where
 * all values fit, or where the server refuses the others and names them.
 *
 * The values may be arbitrary, so the condition contains no cast that could fail, except one with which the conversion itself
 * would fail.
 */
export function violation(value: string, from: Column, to: Column): string | null {
  if (isArray(from)) return isArray(to) ? listViolation(value, from, to) : listedViolation(value, from, to)
  if (isArray(to)) return violation(value, from, elementOf(to))
  if (!converts(from, to)) return `${value} IS NOT NULL`
  const [source, target] = [familyOf(from), familyOf(to)]
  if (target === 'enum' || target === 'unknown' || source === 'unknown' || baseOf(to) === 'xml') return null
  if (source === 'bytes') return bytesViolation(value, to)
  if (target === 'text') return unfitText(source === 'text' ? value : printed(value, from), from, to)
  if (source === 'text' || source === 'enum')
    return textViolation(source === 'text' && baseOf(from) !== 'character' ? value : `${value}::text`, to)
  // Money has no cast to another number than numeric.
  if (from.type === 'money') return violation(`${value}::numeric`, { ...from, type: 'numeric' }, to)
  switch (source) {
    case 'number':
      return numberViolation(value, from, to)
    case 'time':
      if (target === 'time') return `${value}::${to.type}::${from.type} <> ${value}`
      // A time of day and an interval of less than a day print the same.
      return target === 'interval' ? `${value}::${to.type}::text <> ${value}::text` : null
    case 'interval':
      // As values, 24 hours equal a day, and 30 days a month.
      return target === 'interval'
        ? `${value}::${to.type}::text <> ${value}::text`
        : textViolation(`${value}::text`, to)
    case 'json':
      if (target !== 'json') return textViolation(`${value}::text`, to)
      return baseOf(to) === 'jsonb' ? repeatsKeys(value) : null
    case 'bits':
      if (target === 'bits') return wrongBits(`${value}::text`, to)[0] ?? null
      return target === 'number'
        ? `CASE length(${value}) WHEN 0 THEN true ELSE ${value}::text::numeric::text <> ${value}::text END`
        : null
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
  const condition =
    familyOf(to) === 'text'
      ? unfitText(decoded, { name: '', type: 'text', nullable: true }, to)
      : textViolation(decoded, to)
  return condition === null
    ? `NOT ${isText}`
    : `NOT CASE WHEN ${isText} THEN NOT coalesce(${condition}, false) ELSE ${value} IS NULL END`
}

/** {@link violation} for an array that becomes another array. */
function listViolation(value: string, from: Column, to: Column): string | null {
  if (familyOf(to) === 'text') {
    const list = baseOf(from) === 'inet' ? printed(value, from) : `${value}::text[]`
    return `${list}::${to.type}::text[] <> ${list}`
  }
  // A cast from text to bytes interprets escapes.
  if (familyOf(to) === 'bytes') return `${value}::text LIKE '%\\\\%'`
  const condition = violation('aludel_item', elementOf(from), elementOf(to))
  return condition && `EXISTS (SELECT 1 FROM unnest(${value}) AS aludel_list(aludel_item) WHERE ${condition})`
}

/** {@link violation} for an array that becomes its only element, or a text of all elements. */
function listedViolation(value: string, from: Column, to: Column): string {
  if (familyOf(to) === 'text') {
    // An empty list and a list of lists would be told neither from a list of an empty text nor from a plain list.
    const unclear = `cardinality(${value}) = 0 OR array_ndims(${value}) > 1 OR array_lower(${value}, 1) <> 1 OR array_position(${value}::text[], NULL) IS NOT NULL`
    const joined = `array_to_string(${value}, ',')`
    const unfit = unfitText(joined, { ...from, type: 'text' }, to)
    return `CASE WHEN ${unclear} THEN true ELSE (cardinality(${value}) > 1 AND array_to_string(${value}, '') LIKE '%,%')${unfit === null ? '' : ` OR ${unfit}`} END`
  }
  const condition = violation(`${value}[1]`, elementOf(from), to)
  // In a list of lists, and in one that does not begin at 1, there is no such element.
  return `cardinality(${value}) <> 1 OR ${value}[1] IS NULL AND ${value} IS NOT NULL${condition === null ? '' : ` OR ${condition}`}`
}

/** The bytes of the longest name. https://www.postgresql.org/docs/current/datatype-character.html#DATATYPE-CHARACTER-SPECIAL-TABLE */
const longestName = 63

/** Texts that would be cut off: `character(n)` does not tell spaces at the end from its own padding. */
function unfitText(string: string, from: Column, to: Column): string | null {
  const [limit] = parseType(to.type).args
  const conditions = [
    ...(limit === undefined ? [] : [`char_length(${string}) > ${String(limit)}`]),
    ...(baseOf(to) === 'character' && baseOf(from) !== 'character' ? [`${string} LIKE '% '`] : []),
    ...(baseOf(to) === 'name' ? [`octet_length(${string}) > ${String(longestName)}`] : []),
  ]
  return conditions.length === 0 ? null : conditions.join(' OR ')
}
