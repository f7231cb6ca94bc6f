/**
 * A value as an SQL literal, for offline scripts. Backslashes need no escape because `standard_conforming_strings` is on
 * by default in every supported version.
 *
 * @example
 * literal("it's") // 'it''s'
 * literal(['a', null]) // '{"a",NULL}'
 */
export function literal(value: unknown): string {
  switch (typeof value) {
    case 'undefined':
      return 'NULL'
    case 'string':
      return text(value)
    case 'bigint':
      return String(value)
    case 'number':
      return Number.isFinite(value) ? String(value) : text(nonFinite(value))
    case 'boolean':
      return value ? 'true' : 'false'
    default:
      return object(value)
  }
}

function object(value: unknown): string {
  if (value === null) return 'NULL'
  if (value instanceof Date) return text(instant(value))
  if (value instanceof Uint8Array) return text(hex(value))
  if (Array.isArray(value)) return text(array(value))
  return text(JSON.stringify(value))
}

/** A string literal: quotes doubled. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`
}

/**
 * A statement that runs code of PL/pgSQL. Its quote is one that the code does not contain: a name or a value in it may.
 *
 * @example
 * doStatement('BEGIN PERFORM 1; END') // 'DO $do$ BEGIN PERFORM 1; END $do$'
 */
export function doStatement(code: string): string {
  let tag = 'do'
  while (code.includes(`$${tag}$`)) tag += '_'
  return `DO $${tag}$ ${code} $${tag}$`
}

/** The text of an array, written as the `pg` driver writes a parameter. */
function array(values: readonly unknown[]): string {
  return `{${values.map(element).join(',')}}`
}

function element(value: unknown): string {
  if (value === null || value === undefined) return 'NULL'
  if (typeof value === 'bigint') return quoted(String(value))
  if (Array.isArray(value)) return array(value)
  if (value instanceof Date) return quoted(instant(value))
  if (value instanceof Uint8Array) return quoted(hex(value))
  if (typeof value === 'object') return quoted(JSON.stringify(value))
  if (typeof value === 'number') return quoted(Number.isFinite(value) ? String(value) : nonFinite(value))
  return quoted(typeof value === 'string' ? value : JSON.stringify(value))
}

function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function nonFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? 'Infinity' : '-Infinity'
}

/** ISO 8601 in UTC, independent of the session's time zone. */
function instant(value: Date): string {
  return value.toISOString().replace('T', ' ').replace('Z', '+00')
}

function hex(value: Uint8Array): string {
  return `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
}
