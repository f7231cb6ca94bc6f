import { existsSync, statSync } from 'node:fs'
import path from 'node:path'

import type { QueryRunner } from 'typeorm'

import { AludelError } from '../../errors'
import { freeBytes, inMegabytes } from '../free-space'
import type { PreflightOptions } from '../roles/running'
import { isAllowed } from './errors'
import { databaseFile } from './info'

const megabyte = 1024 * 1024
/** Below this, not even the history can grow. */
const needed = megabyte
/** Below this, or below the size of the database, a rebuild may not fit. */
const comfortable = 10 * megabyte

/**
 * Checks whether the file and its folder can be written, and whether the disk has room for the journal of SQLite.
 *
 * @throws AludelError `ALUDEL_READ_ONLY`, `ALUDEL_DISK_SPACE`
 */
export async function preflight(queryRunner: QueryRunner, { warn }: PreflightOptions): Promise<void> {
  const file = await databaseFile(queryRunner)
  if (file === '') return
  const folder = path.dirname(file)
  for (const place of existsSync(file) ? [folder, file] : [folder]) {
    if (isAllowed(place)) continue
    throw new AludelError('ALUDEL_READ_ONLY', `${JSON.stringify(place)} cannot be written by this user`, {
      help: 'Allow writing to the file and to its folder (SQLite keeps a journal there). Nothing was changed.',
      details: { database: file, place },
    })
  }
  const free = await freeBytes(folder)
  if (free === undefined) return
  const warning = judgeSpace(free, statSync(file, { throwIfNoEntry: false })?.size ?? 0, folder)
  if (warning !== undefined) warn(warning)
}

/**
 * A warning about the free space of a disk; undefined if there is enough.
 *
 * @param free bytes
 * @param size bytes of the database
 * @throws AludelError `ALUDEL_DISK_SPACE` when there is less than 1 MB
 */
export function judgeSpace(free: number, size: number, folder: string): string | undefined {
  if (free < needed) {
    throw new AludelError(
      'ALUDEL_DISK_SPACE',
      `the disk of ${JSON.stringify(folder)} is full: ${inMegabytes(free)} free`,
      {
        help: 'Make room: SQLite writes a journal beside the database. Nothing was changed.',
        details: { folder, free, needed },
      },
    )
  }
  if (free >= Math.max(comfortable, size)) return undefined
  return (
    `the disk of ${JSON.stringify(folder)} has ${inMegabytes(free)} free, the database has ${inMegabytes(size)}: ` +
    'rebuilding a table needs its size again'
  )
}
