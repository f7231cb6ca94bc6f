import { parseType } from '../../../operations/columns/type-change'
import type { Column } from '../../../schema/schema'
import { baseOf, familyOf, floats, wholeNumbers } from './families'
import { textViolation } from './text-violation'
import { between, fitsDigits, fitsFloat, fitsMoney, integerBounds } from './number-bounds'

/** `violation` for a number other than money: one that would be rounded, is out of range, or is neither true nor false. */
export function numberViolation(value: string, from: Column, to: Column): string | null {
  const [source, { base, args }] = [baseOf(from), parseType(to.type)]
  const [limit, scale = 0] = args
  const isFloat = floats.test(source)
  // A float means what it prints; its other digits are accidental.
  const exact = isFloat ? `${value}::text::numeric` : `${value}::numeric`
  switch (familyOf(to)) {
    case 'boolean':
      return `${value} NOT IN (0, 1)`
    case 'json':
      return wholeNumbers.test(source) ? null : `${value}::text !~ '[0-9]'`
    case 'bits':
      return textViolation(`${value}::text`, to)
    default:
  }
  const bounds = integerBounds[base]
  if (bounds !== undefined) {
    if (wholeNumbers.test(source)) return `${value} NOT ${between(bounds)}`
    return isFloat
      ? finite(value, `NOT (${exact} = trunc(${exact}) AND ${exact} ${between(bounds)})`)
      : `${value} <> trunc(${value}) OR ${value} NOT ${between(bounds)}`
  }
  if (base === 'numeric') {
    if (limit === undefined) return null
    const number = source === 'numeric' ? value : exact
    if (wholeNumbers.test(source)) return `NOT (${fitsDigits(number, limit, scale)})`
    const condition = `NOT (${number} = 'NaN' OR ${fitsDigits(number, limit, scale)})`
    return isFloat ? finite(value, condition) : condition
  }
  if (base === 'money') return isFloat ? finite(value, `NOT (${fitsMoney(exact)})`) : `NOT (${fitsMoney(exact)})`
  if (!floats.test(base)) return null
  // A real that became a double has digits that it does not print; as a real it is the same again.
  const same = isFloat
    ? `${value}::${base}::double precision = ${value} OR ${value}::${base}::text::double precision = ${value}`
    : `${value}::${base}::text::numeric = ${value}`
  if (wholeNumbers.test(source)) return `NOT (${same})`
  const isNamed = isFloat ? `abs(${value}) >= 'Infinity'` : `${value}::text ~ '[a-z]'`
  return `NOT CASE WHEN ${isNamed} THEN true ELSE ${fitsFloat(value, base, same)} END`
}

/** Before PostgreSQL 14 numeric has no infinity: casting one is an error. */
function finite(value: string, condition: string): string {
  return `CASE WHEN abs(${value}) = 'Infinity' THEN true ELSE ${condition} END`
}
