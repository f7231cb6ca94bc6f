import type { ObjectName } from '../../schema/schema'

/**
 * Quotes an identifier.
 *
 * @example quote('a"b') // '"a""b"'
 */
export function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

/**
 * The quoted name, schema-qualified only outside the default schema: a revision runs in whatever schema the
 * connection works in, as TypeORM's own statements do.
 */
export function quoteName(name: ObjectName): string {
  return name.schema === undefined ? quote(name.name) : `${quote(name.schema)}.${quote(name.name)}`
}

export function quoteList(identifiers: readonly string[]): string {
  return identifiers.map(quote).join(', ')
}

/** A dotted path as TypeORM writes tables (`migrations`, `schema.migrations`). */
export function parsePath(path: string): ObjectName {
  const dot = path.indexOf('.')
  return dot <= 0 ? { name: path } : { schema: path.slice(0, dot), name: path.slice(dot + 1) }
}

/** Names of the schemas and databases that stand in for others; never part of anybody's schema. */
export const shadowPrefix = 'aludel_shadow_'

/** `NAMEDATALEN - 1`: longer identifiers are cut by the server. */
const maxIdentifierBytes = 63

/**
 * The name that PostgreSQL itself gives to the sequence of a `serial` column.
 * Mirrors `makeObjectName` of src/backend/commands/indexcmds.c: the longer of the two parts is cut first.
 */
export function serialSequenceName(table: string, column: string): string {
  const room = maxIdentifierBytes - '__seq'.length
  let [first, second] = [Buffer.byteLength(table), Buffer.byteLength(column)]
  while (first + second > room) {
    if (first > second) first -= 1
    else second -= 1
  }
  return `${clip(table, first)}_${clip(column, second)}_seq`
}

/** At most `bytes` bytes of the text, no character cut in two. */
function clip(text: string, bytes: number): string {
  let clipped = text
  while (Buffer.byteLength(clipped) > bytes) clipped = [...clipped].slice(0, -1).join('')
  return clipped
}
