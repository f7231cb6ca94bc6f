import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'

import type { DataSource, QueryRunner } from 'typeorm'

import { AludelError, isAludelError } from '../../errors'
import { only } from '../connection-options'
import { temporaryBeside } from '../temporary-files'
import { newDataSource, readOnly, siblingOptions } from './driver'
import { errorText } from './errors'
import { countRows } from './info'

/**
 * Copies the database with `VACUUM INTO`, which reads a snapshot while others write, and checks the integrity and the number
 * of rows of the copy before it is renamed to `file`.
 *
 * @throws AludelError `ALUDEL_BACKUP`; then there is no new file
 */
export async function backup(queryRunner: QueryRunner, file: string): Promise<void> {
  const partial = temporaryBeside(file)
  try {
    await mkdir(path.dirname(file), { recursive: true })
    await requireFree(file)
    const before = await countRows(queryRunner)
    await queryRunner.query('VACUUM INTO ?', [partial])
    await verify(queryRunner.connection, partial, [before, await countRows(queryRunner)])
    await moveIntoPlace(partial, file)
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined)
    if (isAludelError(error)) throw error
    throw backupError(`the backup ${JSON.stringify(file)} could not be written: ${errorText(error)}`, error)
  }
}

async function requireFree(target: string): Promise<void> {
  const exists = await stat(target).then(
    () => true,
    () => false,
  )
  if (exists) throw backupError(`there is a file ${JSON.stringify(target)} already`)
}

/** @param counts rows of the original before and after the copy; others may write meanwhile */
async function verify(
  template: DataSource,
  file: string,
  counts: readonly ReadonlyMap<string, number>[],
): Promise<void> {
  const copy = newDataSource(template, {
    ...siblingOptions(template.options),
    ...only(template.options, ['key']),
    ...readOnly,
    database: file,
  })
  await copy.initialize()
  try {
    const problems = await copy.query<{ integrity_check: string }[]>('PRAGMA integrity_check')
    const [first] = problems
    if (first?.integrity_check !== 'ok')
      throw backupError(`the backup is damaged: ${first?.integrity_check ?? 'no answer'}`)
    const found = await countRows(copy)
    for (const name of new Set(counts.flatMap((count) => [...count.keys()]))) {
      const possible = counts.map((count) => count.get(name) ?? 0)
      const rows = found.get(name) ?? 0
      if (rows < Math.min(...possible) || rows > Math.max(...possible)) {
        throw backupError(`the backup has ${String(rows)} rows of ${name} where there are ${String(possible.at(-1))}`)
      }
    }
  } finally {
    await copy.destroy()
  }
}

/** Syncs the file before it is renamed, so that a file of that name is complete. */
async function moveIntoPlace(partial: string, target: string): Promise<void> {
  const file = await open(partial, 'r+')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(partial, target)
}

function backupError(message: string, cause?: unknown): AludelError {
  return new AludelError('ALUDEL_BACKUP', message, {
    help: 'Nothing was changed. Check the folder, its permissions and the free space, or continue without a backup: --backup never',
    cause,
  })
}
