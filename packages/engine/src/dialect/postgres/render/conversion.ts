import type { Column } from '../../../schema/schema'
import { quote } from '../names'
import { baseOf, type Family, familyOf, floats, isArray } from './families'

/**
 * The expression after USING that converts old values to the new type; undefined when the server converts them implicitly.
 *
 * Where an assignment cast exists there is no USING: `USING c::varchar(5)` would silently truncate longer values, which the
 * assignment refuses.
 */
export function conversion(from: Column, to: Column): string | undefined {
  const column = quote(from.name)
  const [wasArray, becomesArray] = [isArray(from), isArray(to)]
  if (wasArray && becomesArray)
    return familyOf(from) === 'enum' || familyOf(to) === 'enum' ? `${column}::text[]::${to.type}` : assigned(from, to)
  if (becomesArray)
    return `CASE WHEN ${column} IS NULL THEN NULL ELSE ARRAY[${elementOf(from, to, column)}]::${to.type} END`
  if (wasArray) {
    if (familyOf(to) === 'text') return `array_to_string(${column}, ',')`
    return `${elementOf(from, to, `${column}[1]`)}::${to.type}`
  }
  if (familyOf(from) === 'boolean' && familyOf(to) === 'number')
    return `${column}::integer${baseOf(to) === 'integer' ? '' : `::${to.type}`}`
  if (familyOf(from) === 'number' && familyOf(to) === 'boolean')
    return `${column}${baseOf(from) === 'money' ? '::numeric' : ''} <> 0`
  if (familyOf(from) !== 'bytes' && familyOf(to) === 'bytes')
    return `convert_to(${column}${familyOf(from) === 'text' ? '' : '::text'}, 'UTF8')`
  if (familyOf(from) === 'bytes' && familyOf(to) !== 'bytes')
    return `convert_from(${column}, 'UTF8')${familyOf(to) === 'text' ? '' : `::${to.type}`}`
  return assigned(from, to)
}

/** Families whose types have no casts between each other. */
const bridged: readonly Family[] = ['range', 'single', 'unknown']

function assigned(from: Column, to: Column): string | undefined {
  const column = quote(from.name)
  const [source, target] = [familyOf(from), familyOf(to)]
  if (source === 'enum' && target === 'enum') return `${column}::text::${to.type}`
  if (target === 'text' || baseOf(from) === baseOf(to)) return undefined
  if (source === 'text') return `${column}::${to.type}`
  if (roundsFloats(from, to)) return `${column}::text${isArray(to) ? '[]' : ''}::${to.type}`
  if (isAboutMoney(from, to)) return `${column}::numeric${isArray(to) ? '[]' : ''}::${to.type}`
  if (source === target && !bridged.includes(source))
    return lacksCast(baseOf(from), baseOf(to)) ? `${column}::text::${to.type}` : undefined
  // Unrelated types have no cast: converts by way of text, which refuses values that do not fit.
  return `${column}::text::${to.type}`
}

/** A time of day has no date, a date no time of day, and a timestamp without a zone no zone. */
function lacksCast(from: string, to: string): boolean {
  if (from.startsWith('time ')) return !to.startsWith('time ')
  return (
    to.startsWith('time ') && (from === 'date' || (from.endsWith('without time zone') && to === 'time with time zone'))
  )
}

/** Only some numbers have a cast to or from money; by way of `numeric` all have one. */
function isAboutMoney(from: Column, to: Column): boolean {
  return familyOf(from) === familyOf(to) && [baseOf(from), baseOf(to)].includes('money')
}

/** The server's cast keeps 6 digits of a real and 15 of a double; the text has all significant digits. */
function roundsFloats(from: Column, to: Column): boolean {
  return floats.test(baseOf(from)) && baseOf(to) === 'numeric'
}

function elementOf(from: Column, to: Column, column: string): string {
  if (roundsFloats(from, to)) return `${column}::text`
  if (isAboutMoney(from, to)) return `${column}::numeric`
  if (familyOf(to) === 'bytes' && familyOf(from) !== 'bytes') return `convert_to(${column}::text, 'UTF8')`
  if (familyOf(from) === 'bytes' && familyOf(to) !== 'bytes') return `convert_from(${column}, 'UTF8')`
  const isDirect = familyOf(from) === familyOf(to) && familyOf(to) !== 'enum' && !lacksCast(baseOf(from), baseOf(to))
  return isDirect ? column : `${column}::text`
}

/** True when values of both types can be compared, so that a foreign key between them can stay during the change. */
export function comparable(from: Column, to: Column): boolean {
  if (isArray(from) !== isArray(to)) return false
  return baseOf(from) === baseOf(to) || (familyOf(from) === familyOf(to) && ['text', 'number'].includes(familyOf(from)))
}
