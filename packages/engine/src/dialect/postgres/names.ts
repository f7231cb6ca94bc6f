import { randomBytes } from 'node:crypto'

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
 * The quoted name, schema-qualified only outside the default schema: like TypeORM's own statements, a revision runs in the
 * default schema of the connection.
 */
export function quoteName(name: ObjectName): string {
  return name.schema === undefined ? quote(name.name) : `${quote(name.schema)}.${quote(name.name)}`
}

export function quoteList(identifiers: readonly string[]): string {
  return identifiers.map(quote).join(', ')
}

/** The name of a catalog row, whose schema is null in the default schema. */
export function nameOf({ schema, name }: { readonly schema: string | null; readonly name: string }): ObjectName {
  return schema === null ? { name } : { schema, name }
}

/** A dotted path as TypeORM writes tables (`migrations`, `schema.migrations`). */
export function parsePath(path: string): ObjectName {
  const dot = path.indexOf('.')
  return dot <= 0 ? { name: path } : { schema: path.slice(0, dot), name: path.slice(dot + 1) }
}

/** Prefix of the names of shadow databases and schemas, which are never part of a project's schema. */
export const shadowPrefix = 'aludel_shadow_'

/** A new one; it says which process made it and when, so that leftovers are found. */
export function newShadowName(): string {
  return `${shadowPrefix}${String(process.pid)}_${Date.now().toString(36)}_${randomBytes(4).toString('hex')}`
}

/** The pattern of these names, for LIKE. */
export const shadowPattern = `${shadowPrefix.replaceAll('_', '\\_')}%`

/** `NAMEDATALEN - 1`: the server truncates longer identifiers. */
export const maxIdentifierBytes = 63

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

/** At most `bytes` bytes of the text, in whole characters. */
export function clip(text: string, bytes: number): string {
  let clipped = text
  while (Buffer.byteLength(clipped) > bytes) clipped = [...clipped].slice(0, -1).join('')
  return clipped
}
