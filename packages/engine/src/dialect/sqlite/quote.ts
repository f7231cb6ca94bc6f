import { AludelError } from '../../errors'

/** `"name"`, quotes inside doubled. */
export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/** `"a", "b"`. */
export function quoteList(identifiers: readonly string[]): string {
  return identifiers.map(quote).join(', ')
}

/** `'text'`. A NUL would end the text in `sqlite3`, so it is written as `char(0)`. */
export function quoteText(text: string): string {
  const quoted = (part: string): string => `'${part.replaceAll("'", "''")}'`
  if (!text.includes('\0')) return quoted(text)
  return `(${text.split('\0').map(quoted).join(' || char(0) || ')})`
}

/**
 * A literal for offline scripts, with the value that TypeORM would store for it as a parameter.
 *
 * @throws AludelError `ALUDEL_OFFLINE` for a value that has no literal (an invalid date, a function)
 *
 * @example
 * literal(new Date(0)) // '1970-01-01 00:00:00.000'
 */
export function literal(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'NULL'
    case 'string':
      return quoteText(value)
    case 'bigint':
      return value.toString()
    case 'boolean':
      return value ? '1' : '0'
    case 'number':
      return numberLiteral(value)
    case 'object':
      return objectLiteral(value)
    default:
      throw new AludelError('ALUDEL_OFFLINE', `a ${typeof value} cannot be written as an SQL literal`)
  }
}

/** SQLite has no literal for infinity, but reads a number that is too large as infinity; it stores NaN as NULL. */
function numberLiteral(value: number): string {
  if (Number.isNaN(value)) return 'NULL'
  if (value === Infinity) return '9e999'
  if (value === -Infinity) return '-9e999'
  return Object.is(value, -0) ? '-0.0' : String(value)
}

function objectLiteral(value: object | null): string {
  if (value === null) return 'NULL'
  if (value instanceof Date) return quoteText(utcText(value))
  if (ArrayBuffer.isView(value)) {
    return `X'${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex').toUpperCase()}'`
  }
  return quoteText(JSON.stringify(value))
}

/** As TypeORM stores a `datetime` on SQLite: UTC, with milliseconds. */
function utcText(date: Date): string {
  if (Number.isNaN(date.getTime())) {
    throw new AludelError('ALUDEL_OFFLINE', 'an invalid date cannot be written as an SQL literal')
  }
  return date.toISOString().replace('T', ' ').replace('Z', '')
}
