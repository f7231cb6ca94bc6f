import { createHash } from 'node:crypto'

import { clip, maxIdentifierBytes } from './names'

/*
 * Databases beside one: `app_aludel_restore_<id>` while it is restored, `app_before_restore_<id>` after it was replaced. Names
 * have at most 63 bytes, so a long name is cut, and a hash of the whole name tells it from others with the same beginning.
 */

const unfinished = '_aludel_restore_'
const replaced = '_before_restore_'

/** Bytes of the longest ending: `_before_restore_20261130T041500Z-9f3c-99`. */
const room = maxIdentifierBytes - replaced.length - '20261130T041500Z-9f3c-99'.length

function beginning(database: string): string {
  if (Buffer.byteLength(database) <= room) return database
  const hash = createHash('sha256').update(database).digest('hex').slice(0, 8)
  return `${clip(database, room - hash.length - 1)}_${hash}`
}

/** The name of a database while a backup is restored into it. */
export function restoringName(database: string, id: string): string {
  return beginning(database) + unfinished + id
}

/** The name of a database after a restore has replaced it: the first one that is free. */
export function keptName(database: string, id: string, taken: ReadonlySet<string>): string {
  const name = beginning(database) + replaced + id
  for (let number = 1; ; number += 1) {
    const free = number === 1 ? name : `${name}-${String(number)}`
    if (!taken.has(free)) return free
  }
}

/** What a restore of `database` has left under another name; undefined if none has. */
export function leftoverKind(name: string, database: string): 'replaced' | 'unfinished' | undefined {
  const start = beginning(database)
  const kinds = { unfinished, replaced } as const
  for (const kind of ['unfinished', 'replaced'] as const) {
    const before = start + kinds[kind]
    if (name.startsWith(before) && idPattern.test(name.slice(before.length))) return kind
  }
  return undefined
}

/** The id of a backup, and a number if there were several. */
const idPattern = /^\d{8}T\d{6}Z-[0-9a-f]{4}(?:-\d+)?$/
