import path from 'node:path'

import type { Program } from 'oxc-parser' with { 'resolution-mode': 'import' }

import { type ClassInfo, extractNames } from './extract'
import { keyOf } from './literals'

/**
 * Why a file without an exported migration must be one anyway; undefined for a helper, an `index` file and the like, which
 * stay unread next to revisions, as TypeORM does. A revision with a mistake must not be skipped: the database would miss it.
 *
 * @param file its name counts: TypeORM and Aludel begin the names of revisions with 13 digits
 * @returns words after `exports no migration class`: `, but its name begins with a timestamp`
 */
export function mistakeIn(program: Program, file: string): string | undefined {
  if (/^\d{13}(?!\d)/.test(path.basename(file))) return ', but its name begins with a timestamp'
  const { classes, exports } = extractNames(program)
  const meant = classes.find(isMeant)
  if (meant !== undefined) return `: class ${meant.name ?? 'without a name'} ${lackOf(meant, exports)}`
  const stamped = exports.find((name) => /\d{13}$/.test(name))
  return stamped === undefined ? undefined : `: ${stamped} is not a class that can be read without running the file`
}

/** An abstract class with `up` is a base of revisions, unless it has an id. */
function isMeant(info: ClassInfo): boolean {
  return info.migration || info.statics.has('revision') || (info.node?.abstract !== true && hasMethod(info, 'down'))
}

function lackOf(info: ClassInfo, exports: readonly string[]): string {
  if (info.migration) return 'is not exported'
  if (info.node?.abstract === true) return 'is abstract'
  const lack = 'has no method up'
  return info.name !== undefined && exports.includes(info.name) ? lack : `is not exported and ${lack}`
}

function hasMethod({ node }: ClassInfo, name: string): boolean {
  return (node?.body.body ?? []).some(
    (member) =>
      'key' in member && !('static' in member && member.static) && keyOf(member.key, member.computed) === name,
  )
}
