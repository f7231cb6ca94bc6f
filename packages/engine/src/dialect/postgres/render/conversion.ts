import type { Column } from '../../../schema/schema'
import { parseType } from '../../../operations/type-change'
import { quote } from '../names'

type Family = 'text' | 'number' | 'boolean' | 'time' | 'json' | 'bytes' | 'enum' | 'network' | 'other'

const families: readonly (readonly [Family, RegExp])[] = [
  ['text', /^(?:text|character varying|character|citext|name|bpchar)$/],
  ['number', /^(?:smallint|integer|bigint|numeric|real|double precision|money|oid)$/],
  ['boolean', /^boolean$/],
  ['time', /^(?:date|time|timestamp)(?: (?:with|without) time zone)?$/],
  ['json', /^jsonb?$/],
  ['bytes', /^bytea$/],
  ['network', /^(?:inet|cidr)$/],
]

/**
 * The expression behind USING, for values of the old type in the new one; undefined when the server converts them by
 * itself.
 *
 * Nothing is said wherever an assignment cast exists: `USING c::varchar(5)` would cut longer values in silence, the
 * assignment refuses them.
 */
export function conversion(from: Column, to: Column): string | undefined {
  const column = quote(from.name)
  const [isArray, becomesArray] = [isArrayType(from), isArrayType(to)]
  if (isArray && becomesArray)
    return familyOf(from) === 'enum' || familyOf(to) === 'enum' ? `${column}::text[]::${to.type}` : assigned(from, to)
  if (becomesArray)
    return `CASE WHEN ${column} IS NULL THEN NULL ELSE ARRAY[${elementOf(from, to, column)}]::${to.type} END`
  if (isArray) {
    if (familyOf(to) === 'text') return `array_to_string(${column}, ',')`
    return `${column}[1]::${isAboutMoney(from, to) ? 'numeric' : 'text'}::${to.type}`
  }
  if (familyOf(from) === 'boolean' && familyOf(to) === 'number')
    return `${column}::integer${base(to) === 'integer' ? '' : `::${to.type}`}`
  if (familyOf(from) === 'number' && familyOf(to) === 'boolean')
    return `${column}${base(from) === 'money' ? '::numeric' : ''} <> 0`
  if (familyOf(from) !== 'bytes' && familyOf(to) === 'bytes')
    return `convert_to(${column}${familyOf(from) === 'text' ? '' : '::text'}, 'UTF8')`
  if (familyOf(from) === 'bytes' && familyOf(to) !== 'bytes')
    return `convert_from(${column}, 'UTF8')${familyOf(to) === 'text' ? '' : `::${to.type}`}`
  return assigned(from, to)
}

function assigned(from: Column, to: Column): string | undefined {
  const column = quote(from.name)
  const [source, target] = [familyOf(from), familyOf(to)]
  if (source === 'enum' && target === 'enum') return `${column}::text::${to.type}`
  if (target === 'text' || base(from) === base(to)) return undefined
  if (source === 'text') return `${column}::${to.type}`
  if (isAboutMoney(from, to)) return `${column}::numeric${isArrayType(to) ? '[]' : ''}::${to.type}`
  if (source === target && source !== 'other')
    return lacksCast(base(from), base(to)) ? `${column}::text::${to.type}` : undefined
  // No cast between unrelated types: their texts are the bridge, and refuse what does not fit.
  return `${column}::text::${to.type}`
}

/** A time of day has no date, a date no time of day, and a timestamp without a zone none to give. */
function lacksCast(from: string, to: string): boolean {
  if (from.startsWith('time ')) return !to.startsWith('time ')
  return (
    to.startsWith('time ') && (from === 'date' || (from.endsWith('without time zone') && to === 'time with time zone'))
  )
}

/** Between money and the other numbers there are casts for some of them; by way of `numeric` there is one for all. */
function isAboutMoney(from: Column, to: Column): boolean {
  return familyOf(from) === familyOf(to) && [base(from), base(to)].includes('money')
}

function elementOf(from: Column, to: Column, column: string): string {
  if (isAboutMoney(from, to)) return `${column}::numeric`
  if (familyOf(to) === 'bytes' && familyOf(from) !== 'bytes') return `convert_to(${column}::text, 'UTF8')`
  const isDirect = familyOf(from) === familyOf(to) && familyOf(to) !== 'enum' && !lacksCast(base(from), base(to))
  return isDirect ? column : `${column}::text`
}

/** True when values of both types compare with each other, so that a foreign key may lie between them meanwhile. */
export function comparable(from: Column, to: Column): boolean {
  if (isArrayType(from) !== isArrayType(to)) return false
  return base(from) === base(to) || (familyOf(from) === familyOf(to) && ['text', 'number'].includes(familyOf(from)))
}

function isArrayType(column: Column): boolean {
  return column.type.endsWith('[]')
}

function familyOf(column: Column): Family {
  if (column.enum !== undefined) return 'enum'
  const type = base(column)
  return families.find(([, pattern]) => pattern.test(type))?.[0] ?? 'other'
}

function base(column: Column): string {
  return parseType(column.type).base
}
