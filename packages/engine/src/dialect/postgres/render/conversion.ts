import type { Column } from '../../../schema/schema'
import { quote } from '../names'
import { baseOf, elementOf, type Family, familyOf, floats, isArray, printed, wholeNumbers } from './families'

/**
 * The expression after USING that converts old values to the new type; undefined when the server converts them implicitly.
 *
 * Where an assignment cast exists there is no USING: `USING c::varchar(5)` would silently truncate longer values, which the
 * assignment refuses.
 */
export function conversion(from: Column, to: Column): string | undefined {
  const column = quote(from.name)
  const [wasArray, becomesArray] = [isArray(from), isArray(to)]
  if (wasArray && becomesArray && isTruthAsNumber(from, to)) return `${column}::integer[]::${to.type}`
  if (wasArray && becomesArray && isNumberAsTruth(from, to)) return `${numbers(from, column)}::integer[]::${to.type}`
  if (wasArray && becomesArray)
    return familyOf(from) === 'enum' || familyOf(to) === 'enum' ? `${column}::text[]::${to.type}` : assigned(from, to)
  if (becomesArray)
    return `CASE WHEN ${column} IS NULL THEN NULL ELSE ARRAY[${element(from, to, column)}]::${to.type} END`
  if (wasArray) {
    if (familyOf(to) === 'text') return `array_to_string(${column}, ',')`
    return `${element(from, to, `${column}[1]`)}::${to.type}`
  }
  if (isTruthAsNumber(from, to)) return `${column}::integer${baseOf(to) === 'integer' ? '' : `::${to.type}`}`
  if (isNumberAsTruth(from, to)) return `${numbers(from, column)} <> 0`
  if (familyOf(from) !== 'bytes' && familyOf(to) === 'bytes')
    return `convert_to(${familyOf(from) === 'text' ? column : printed(column, from)}, 'UTF8')`
  if (familyOf(from) === 'bytes' && familyOf(to) !== 'bytes')
    return `convert_from(${column}, 'UTF8')${familyOf(to) === 'text' ? '' : `::${to.type}`}`
  return assigned(from, to)
}

function isTruthAsNumber(from: Column, to: Column): boolean {
  return familyOf(from) === 'boolean' && familyOf(to) === 'number'
}

function isNumberAsTruth(from: Column, to: Column): boolean {
  return familyOf(from) === 'number' && familyOf(to) === 'boolean'
}

/** Money compares only with money. */
function numbers(from: Column, column: string): string {
  return baseOf(from) === 'money' ? `${column}::numeric${isArray(from) ? '[]' : ''}` : column
}

/** Families whose types have no casts between each other. */
const bridged: readonly Family[] = ['range', 'single', 'unknown']

function assigned(from: Column, to: Column): string | undefined {
  const column = quote(from.name)
  const [source, target] = [familyOf(from), familyOf(to)]
  const list = isArray(to) ? '[]' : ''
  if (source === 'enum' && target === 'enum') return `${column}::text::${to.type}`
  // The assignment refuses texts that are too long.
  if (target === 'text' && baseOf(from) === 'inet') return printed(column, from)
  if (target === 'text' || baseOf(from) === baseOf(to)) return undefined
  // `character(n)` is text with spaces at the end, which other types do not read.
  if (source === 'text') return `${column}${baseOf(from) === 'character' ? `::text${list}` : ''}::${to.type}`
  if (roundsFloats(from, to))
    return `${column}::text${list}${baseOf(to) === 'numeric' ? '' : `::numeric${list}`}::${to.type}`
  if (isAboutMoney(from, to)) return `${column}::numeric${list}::${to.type}`
  // The text of money is no number.
  if (baseOf(from) === 'money' && ['json', 'bits'].includes(target))
    return `${column}::numeric${list}::text${list}::${to.type}`
  if (source === target && !bridged.includes(source))
    return lacksCast(baseOf(from), baseOf(to)) ? `${column}::text::${to.type}` : undefined
  // Unrelated types have no cast: converts by way of text, which refuses values that do not fit.
  return `${list === '' ? printed(column, from) : `${column}::text`}::${to.type}`
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

/**
 * The server's cast to numeric keeps 6 digits of a real and 15 of a double, and the one to an integer takes digits that the
 * float does not print; the text has all significant digits.
 */
function roundsFloats(from: Column, to: Column): boolean {
  const target = baseOf(to)
  return floats.test(baseOf(from)) && (target === 'numeric' || target === 'money' || wholeNumbers.test(target))
}

function element(from: Column, to: Column, column: string): string {
  if (roundsFloats(from, to)) return `${column}::text${baseOf(to) === 'numeric' ? '' : '::numeric'}`
  if (isAboutMoney(from, to)) return `${column}::numeric`
  if (isTruthAsNumber(from, to)) return `${column}::integer`
  if (isNumberAsTruth(from, to)) return `(${numbers(elementOf(from), column)} <> 0)`
  const text = printed(column, elementOf(from))
  if (familyOf(to) === 'bytes' && familyOf(from) !== 'bytes') return `convert_to(${text}, 'UTF8')`
  if (familyOf(from) === 'bytes' && familyOf(to) !== 'bytes') return `convert_from(${column}, 'UTF8')`
  const isDirect = familyOf(from) === familyOf(to) && familyOf(to) !== 'enum' && !lacksCast(baseOf(from), baseOf(to))
  return isDirect ? column : text
}

/** True when values of both types can be compared, so that a foreign key between them can stay during the change. */
export function comparable(from: Column, to: Column): boolean {
  if (isArray(from) !== isArray(to)) return false
  return baseOf(from) === baseOf(to) || (familyOf(from) === familyOf(to) && ['text', 'number'].includes(familyOf(from)))
}
