import { statSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'

import { AludelError } from '../../errors'
import type { Queryable } from '../queryable'
import type { RestoreLeftover } from '../roles/restore'
import { abandonedOf } from '../temporary-files'
import { databaseFile } from './info'
import { fileError, sideFiles } from './restore-file'

/** See `RestoreRole.leftovers`. */
export async function leftovers(database: Queryable): Promise<readonly RestoreLeftover[]> {
  const file = await databaseFile(database).catch(() => '')
  if (file === '') return []
  const folder = path.dirname(file)
  const names = await readdir(folder).catch(() => [])
  const replaced = names.filter((name) => isReplaced(name, file)).sort()
  const unfinished = await abandonedOf(folder, path.basename(file))
  return [
    ...replaced.map((name) => leftover('replaced', path.join(folder, name))),
    ...unfinished.map((name) => leftover('unfinished', path.join(folder, name))),
  ]
}

/** `app.db.before-restore-20261130T041500Z-9f3c`, and with `-2` for the second restore of the same backup. */
function isReplaced(name: string, file: string): boolean {
  const start = `${path.basename(file)}.before-restore-`
  return name.startsWith(start) && /^\d{8}T\d{6}Z-[0-9a-f]{4}(?:-\d+)?$/.test(name.slice(start.length))
}

function leftover(kind: RestoreLeftover['kind'], name: string): RestoreLeftover {
  return { kind, name, bytes: statSync(name, { throwIfNoEntry: false })?.size ?? null }
}

/** See `RestoreRole.removeLeftover`. */
export async function removeLeftover(database: Queryable, { name }: RestoreLeftover): Promise<void> {
  const known = await leftovers(database)
  if (known.every((one) => one.name !== name))
    throw new AludelError('ALUDEL_RESTORE', `${JSON.stringify(name)} is not what a restore of this database has left`)
  try {
    for (const ending of ['', ...sideFiles]) await rm(name + ending, { force: true })
  } catch (error) {
    throw fileError(error, `${JSON.stringify(name)} cannot be removed`)
  }
}
