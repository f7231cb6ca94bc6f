import { parseType } from '../../../operations/type-change'
import { misfitText, type Need } from '../../../schema/needs'
import type { Column } from '../../../schema/schema'
import { text } from '../literal'
import { quote, quoteName } from '../names'

/** Counts the rows that stand against a need; null where only the conversion itself can tell. */
export function countMisfits(need: Need): string | null {
  const condition = misfitCondition(need)
  if (condition === null) return null
  return `SELECT count(*) AS n FROM ${quoteName(need.table)}${condition === '' ? '' : ` WHERE ${condition}`}`
}

/** A statement that fails, naming their number, while rows stand against the need. */
export function guard(need: Need): string | null {
  const condition = misfitCondition(need)
  if (condition === null) return null
  return [
    'DO $do$ DECLARE n bigint; BEGIN',
    `  SELECT count(*) INTO n FROM ${quoteName(need.table)}${condition === '' ? '' : ` WHERE ${condition}`};`,
    '  IF n > 0 THEN',
    `    RAISE EXCEPTION ${text(`${misfitText(need).replaceAll('%', '%%')}: %`)}, n`,
    `      USING ERRCODE = 'check_violation', HINT = 'Nothing was changed. Change these rows, then run it again.';`,
    '  END IF;',
    'END $do$',
  ].join('\n')
}

/** Empty for every row. */
function misfitCondition({ kind, column, from, to, gone, kept = [] }: Need): string | null {
  const name = quote(column)
  switch (kind) {
    case 'noRows':
      return ''
    case 'noNulls':
      return `${name} IS NULL`
    case 'fits':
      return from === undefined || to === undefined ? null : misfit(name, from, to)
    case 'values': {
      const list = (gone ?? kept).map(text).join(', ')
      if (from?.type.endsWith('[]') === true) {
        const array = `ARRAY[${list}]::text[]`
        return gone === undefined ? `NOT ${name}::text[] <@ ${array}` : `${name}::text[] && ${array}`
      }
      return `${name}::text ${gone === undefined ? 'NOT IN' : 'IN'} (${list})`
    }
  }
}

const integerBounds: Readonly<Record<string, readonly [string, string]>> = {
  smallint: ['-32768', '32767'],
  integer: ['-2147483648', '2147483647'],
  bigint: ['-9223372036854775808', '9223372036854775807'],
}
const wholeNumbers = /^(?:smallint|integer|bigint)$/
const floats = /^(?:real|double precision)$/
const numbers = /^(?:smallint|integer|bigint|numeric|real|double precision|money)$/
const bits = /^bit(?: varying)?$/
const texts = /^(?:text|character varying|character|citext|name)$/
const times = /^(?:date|(?:time|timestamp)(?: (?:with|without) time zone)?)$/

/**
 * Which values would be cut, rounded or refused on their way into another type; null where the server refuses by itself
 * and says which.
 */
function misfit(value: string, from: Column, to: Column): string | null {
  // What is money has no cast to a number but this one.
  if (from.type === 'money' && !texts.test(parseType(to.type).base))
    return misfit(`${value}::numeric`, { ...from, type: 'numeric' }, to)
  const [fromArray, toArray] = [from.type.endsWith('[]'), to.type.endsWith('[]')]
  const [source, target] = [parseType(from.type), parseType(to.type)]
  if (fromArray && toArray) {
    if (texts.test(target.base)) return `${value}::${to.type}::text[] <> ${value}::text[]`
    if (numbers.test(source.base) && numbers.test(target.base) && source.base !== target.base) {
      const isWider = floats.test(source.base) && floats.test(target.base)
      return isWider ? null : `${value}::numeric[]::${to.type}::numeric[] <> ${value}::numeric[]`
    }
    return source.base === target.base ? `${value}::${to.type} <> ${value}` : null
  }
  if (fromArray) {
    return texts.test(target.base)
      ? `array_position(${value}::text[], NULL) IS NOT NULL OR (cardinality(${value}) > 1 AND array_to_string(${value}, '') LIKE '%,%')`
      : [`cardinality(${value}) > 1`, elementMisfit(value, from, to)].join('')
  }
  if (toArray) return misfit(value, from, { ...to, type: to.type.replace(/\[\]$/, '') })

  const [limit, scale = 0] = target.args
  // An explicit cast to bits fills them up or cuts them; and zeros in front are no part of a number.
  if (bits.test(target.base) && !bits.test(source.base) && (limit !== undefined || target.base === 'bit'))
    return `char_length(${value}::text) ${target.base === 'bit' ? '<>' : '>'} ${String(limit ?? 1)}`
  if (bits.test(source.base) && numbers.test(target.base)) return `${value}::text::numeric::text <> ${value}::text`
  const isText = from.enum !== undefined || texts.test(source.base)
  const string = from.enum === undefined ? value : `${value}::text`
  if (texts.test(target.base)) return limit === undefined ? null : `char_length(${value}::text) > ${String(limit)}`
  const bounds = integerBounds[target.base]
  if (bounds !== undefined) {
    if (isText)
      return `NOT CASE WHEN ${string} ~ '^\\s*[-+]?[0-9]+\\s*$' THEN ${string}::numeric ${between(bounds)} ELSE ${value} IS NULL END`
    if (wholeNumbers.test(source.base)) return `${value} NOT ${between(bounds)}`
    if (source.base === 'numeric') return `${value} <> trunc(${value}) OR ${value} NOT ${between(bounds)}`
    return floats.test(source.base) ? `${value} <> trunc(${value}) OR ${value} NOT ${between(bounds)}` : null
  }
  if (target.base === 'numeric') {
    const fits = (number: string): string =>
      limit === undefined
        ? 'true'
        : `${number} = round(${number}, ${String(scale)}) AND abs(${number}) < ${powerOfTen(limit - scale)}`
    if (isText)
      return `NOT CASE WHEN ${string} ~ ${number} THEN ${fits(`${string}::numeric`)} ELSE ${value} IS NULL END`
    if (floats.test(source.base)) {
      const exact = `${value}::numeric::double precision = ${value}`
      return `NOT (${[exact, ...(limit === undefined ? [] : [fits(`${value}::numeric`)])].join(' AND ')})`
    }
    if (source.base !== 'numeric' && !wholeNumbers.test(source.base)) return null
    return limit === undefined ? null : `NOT (${fits(source.base === 'numeric' ? value : `${value}::numeric`)})`
  }
  if (target.base === 'money' && (source.base === 'numeric' || floats.test(source.base)))
    return `${value}::numeric <> ${value}::numeric::money::numeric`
  if (floats.test(target.base)) {
    if (isText) return `NOT coalesce(${string} ~ ${number}, true)`
    if (floats.test(source.base)) return `${value}::${target.base}::text::double precision <> ${value}`
    if (source.base === 'numeric' || wholeNumbers.test(source.base))
      return `${value}::${target.base}::text::numeric <> ${value}`
    return null
  }
  if (target.base === 'boolean') {
    if (wholeNumbers.test(source.base) || floats.test(source.base) || source.base === 'numeric')
      return `${value} NOT IN (0, 1)`
    const words = ['t', 'true', 'y', 'yes', 'on', '1', 'f', 'false', 'n', 'no', 'off', '0'].map(text).join(', ')
    return isText ? `lower(trim(${value}::text)) NOT IN (${words})` : null
  }
  if (target.base === 'uuid' && isText) return `${string} !~* '^\\{?[0-9a-f]{4}(-?[0-9a-f]{4}){7}\\}?$'`
  // `1.5` would become the network 1.5.0.0/16, and 2 an interval of two seconds.
  if (numbers.test(source.base) && (times.test(target.base) || /^(?:inet|cidr|interval)$/.test(target.base)))
    return `${value} IS NOT NULL`
  if (times.test(target.base) && times.test(source.base)) return timeMisfit(value, source.base, from, to)
  return null
}

const number = `'^\\s*[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?\\s*$'`

/** Of the one element of a list. */
function elementMisfit(list: string, from: Column, to: Column): string {
  const condition = misfit(`${list}[1]`, { ...from, type: from.type.replace(/\[\]$/, '') }, to)
  return condition === null ? '' : ` OR ${condition}`
}

/** A day, a time of day or digits behind the second that the new type does not hold. */
function timeMisfit(value: string, base: string, from: Column, to: Column): string | null {
  if (parseType(to.type).base.startsWith('time ')) {
    return base.startsWith('time ') ? `${value}::${to.type}::${from.type} <> ${value}` : `${value} IS NOT NULL`
  }
  return base.startsWith('time ') ? null : `${value}::${to.type}::${from.type} <> ${value}`
}

function between([low, high]: readonly [string, string]): string {
  return `BETWEEN ${low} AND ${high}`
}

function powerOfTen(digits: number): string {
  return digits >= 0 ? `1${'0'.repeat(digits)}` : `1e${String(digits)}`
}
