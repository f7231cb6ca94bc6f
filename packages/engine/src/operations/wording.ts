import { displayName, type ObjectName } from '../schema/schema'
import { quotedName } from '../sql/tokens'

/** `"users"`, `"audit"."users"`. */
export function quotedObject(name: ObjectName): string {
  return [...(name.schema === undefined ? [] : [name.schema]), name.name].map(quotedName).join('.')
}

/** `users.name`. */
export function columnName(table: ObjectName, column: string): string {
  return `${displayName(table)}.${column}`
}

/** `users (a, b)`. */
export function columnList(table: ObjectName, columns: readonly string[]): string {
  return `${displayName(table)} (${columns.join(', ')})`
}

/** ` name`, or an empty text without a name. */
export function named(name: string | undefined): string {
  return name === undefined ? '' : ` ${name}`
}

/** The text on one line, cut to `length` characters. */
export function brief(text: string, length = 80): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length <= length ? line : `${line.slice(0, length - 1)}…`
}
