import { parseType } from '../../src/operations/columns/type-change'

/** A value as PostgreSQL prints it, and the type of its column. */
export interface Printed {
  readonly type: string
  readonly text: string | null
}

/**
 * Whether a value means the same before and after a type change, although the types print it differently: `t` and 1, 1.5 and
 * `$1.50`, a day and its midnight, a list of one item and that item. If the types are the same, the texts must be equal.
 */
export function meansTheSame(old: Printed, now: Printed): boolean {
  if (old.type === now.type) return old.text === now.text
  const [wasList, isList] = [isListType(old.type), isListType(now.type)]
  const [was, is] = [itemsOf(old), itemsOf(now)]
  // An empty list means the same as NULL, and a list that becomes a text is its items joined by commas.
  if (wasList !== isList && was.concat(is).every((item) => item === null)) return true
  if (wasList && !isList && isText(now.type)) return sameItem('text', now.type, was.join(','), now.text ?? '')
  if (was.length !== is.length) return false
  return was.every((item, at) => sameItem(itemType(old.type), itemType(now.type), item, is[at] ?? null))
}

function sameItem(wasType: string, isType: string, old: string | null, now: string | null): boolean {
  if (old === null || now === null) return old === now
  const types = [wasType, isType]
  const [a, b] = [plain(wasType, old), plain(isType, now)]
  const has = (pattern: RegExp): boolean => types.some((type) => pattern.test(parseType(type).base))
  if ([a, old].some((text) => text === b || text === now)) return true
  if (has(/^character$/) && a.trimEnd() === b.trimEnd()) return true
  if (wasType === 'real' && isType === 'double precision') return Math.fround(Number(a)) === Math.fround(Number(b))
  if (has(/^boolean$/))
    return (truths[a.trim().toLowerCase()] ?? decimal(a)) === (truths[b.toLowerCase()] ?? decimal(b))
  if (has(numbers)) return decimal(a) !== undefined && decimal(a) === decimal(b)
  if (has(/^json/)) return sorted(a) === sorted(b)
  if (has(/^(?:inet|cidr)$/)) return [`${a}/32`, `${a}/128`, a.replace('/', '.0.0/'), a.replace('/', '.0/')].includes(b)
  if (has(/^time with time zone$/)) {
    const zones = [zoneOf(a), zoneOf(b)]
    return digitsOf(a) === digitsOf(b) && (zones[0] === zones[1] || zones.includes(undefined))
  }
  if (has(/ with time zone$/) && new Date(a).getTime() === new Date(b).getTime()) return true
  // A less precise time is padded with zeros, or gets the zone of the session.
  if (has(/^(?:date|time|timestamp|interval)/)) return digitsOf(a) === digitsOf(b) && wordsOf(a) === wordsOf(b)
  if (has(/^(?:uuid|macaddr)/)) return a.replace(/[-:.{}]/g, '').toLowerCase() === b.replace(/[-:]/g, '')
  if (has(/^point$/)) return a.replace(/[()\s]/g, '') === b.replace(/[()]/g, '')
  if (has(/range$/)) return a.replace(/["\s]/g, '') === b.replace(/["\s]/g, '')
  return false
}

const numbers = /^(?:smallint|integer|bigint|numeric|real|double precision|money)$/

const truths: Readonly<Record<string, string>> = Object.fromEntries([
  ...['t', 'true', 'y', 'yes', 'on'].map((word) => [word, '1e0']),
  ...['f', 'false', 'n', 'no', 'off'].map((word) => [word, '0']),
])

/** The text of bytes, the number of money, and `character(n)` without its padding. */
function plain(type: string, text: string): string {
  if (parseType(type).base === 'character') return text.trimEnd()
  if (type === 'bytea') return Buffer.from(text.slice(2), 'hex').toString()
  return type === 'money' ? text.replace(/[$,]/g, '') : text
}

/** A number in canonical form: its digits without leading and trailing zeros, and the exponent. */
function decimal(text: string): string | undefined {
  const words = /^\s*\$?\s*([-+]?)(infinity|nan)\s*$/i.exec(text)
  if (words !== null) return `${words[1] === '-' ? '-' : ''}${(words[2] ?? '').toLowerCase()}`
  const found = /^\s*\$?([-+]?)\$?(\d*)\.?(\d*)(?:e([-+]?\d+))?\s*$/i.exec(text)
  if (found === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = found
  if (whole + fraction === '') return undefined
  const digits = (whole + fraction).replace(/^0+/, '')
  const bare = digits.replace(/0+$/, '')
  if (bare === '') return '0'
  return `${sign === '-' ? '-' : ''}${bare}e${String(Number(exponent) - fraction.length + digits.length - bare.length)}`
}

function digitsOf(text: string): string {
  return text
    .replace(/(:\d\d(?:\.\d+)?)[-+]\d\d$/, '$1')
    .replace(/\D/g, '')
    .replace(/0*$/, '')
}

/** Words such as `day`, `BC` and `infinity`, without separators and zones. */
function wordsOf(text: string): string {
  return (text.match(/[a-z]{2,}/gi) ?? [])
    .map((word) => word.toLowerCase())
    .filter((word) => !['utc', 'pm', 'hours'].includes(word))
    .join(' ')
}

function zoneOf(time: string): string | undefined {
  return /[-+]\d\d$/.exec(time)?.[0]
}

function sorted(json: string): string | undefined {
  try {
    return JSON.stringify(JSON.parse(json), (_, value: unknown) =>
      value !== null && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort())
        : value,
    )
  } catch {
    return undefined
  }
}

function isText(type: string): boolean {
  return /^(?:text|character)/.test(type)
}

function isListType(type: string): boolean {
  return type.endsWith('[]')
}

function itemType(type: string): string {
  return type.replace(/(?:\[\])+$/, '')
}

/** The items of a list as PostgreSQL prints it; a scalar is its only item. */
function itemsOf({ type, text }: Printed): readonly (string | null)[] {
  if (!isListType(type)) return [text]
  if (text === null) return []
  const items = text.slice(1, -1).match(/"(?:[^"\\]|\\.)*"|[^,{}]+/gs) ?? []
  return items.map((item) =>
    item === 'NULL' ? null : item.startsWith('"') ? item.slice(1, -1).replace(/\\(.)/gs, '$1') : item,
  )
}
