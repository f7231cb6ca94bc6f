import { patternOf } from '../schema/patterns'
import type { BrokenObject } from './roles/introspection'

/** `view active_users: no such column: k`, `trigger touch of users: no such column: new.k`. */
export function describeBroken({ kind, name, table, error }: BrokenObject): string {
  return `${kind} ${name}${table === undefined ? '' : ` of ${table}`}: ${error}`
}

/** At most five of them in one line. */
export function listBroken(objects: readonly BrokenObject[]): string {
  const shown = objects.slice(0, 5).map(describeBroken)
  const rest = objects.length - shown.length
  return shown.join('; ') + (rest > 0 ? ` and ${String(rest)} more` : '')
}

/** The pattern that names the object in flags and in the configuration: `view:active_users`. */
export function patternOfBroken({ kind, name, table }: BrokenObject): string {
  return patternOf(kind, table === undefined ? undefined : { name: table }, name)
}
