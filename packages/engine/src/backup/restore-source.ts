import { stat } from 'node:fs/promises'

import type { DataSource } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { AludelError } from '../errors'
import type { MigratorContext } from '../project/context'
import type { BackupPlace } from './create'
import type { Manifest } from './manifest'
import { storeOf } from './place'
import type { StoredBackup } from './store'
import { wrongFiles } from './verify'

/** A backup to restore, whose files are those of its manifest. */
export interface ChosenBackup {
  /** Null for a file that is not in the directory of backups. */
  readonly id: string | null
  /** Absolute. */
  readonly path: string
  readonly kind: Manifest['kind']
  /** Undefined for a file without one. */
  readonly manifest: Manifest | undefined
}

/**
 * Finds a backup in the directory, and verifies its checksums.
 *
 * @throws AludelError `ALUDEL_USAGE` without `ref`, `ALUDEL_UNKNOWN_BACKUP`, `ALUDEL_BACKUP`, `ALUDEL_RESTORE`
 */
export async function chooseBackup(
  context: MigratorContext,
  dialect: Dialect,
  dataSource: DataSource,
  ref: string | undefined,
  { directory }: BackupPlace,
): Promise<ChosenBackup> {
  if (ref === undefined) {
    throw new AludelError('ALUDEL_USAGE', 'which backup is to be restored?', {
      help: 'Name it by its id, or `latest`. They are listed by `aludel backup list`. Another file: --file PATH',
    })
  }
  const store = storeOf(context, directory)
  const name = dialect.restore.nameOf(dataSource.options)
  const found = await store.find(
    ref,
    ({ database }) => database.dialect === dialect.name && (name === undefined || database.name === name),
  )
  const manifest = manifestOf(found)
  if (manifest === undefined) return { id: null, path: found.path, kind: 'database', manifest }
  if (manifest.database.dialect !== dialect.name) {
    throw restoreError(
      found.path,
      `backup ${found.id} is of a ${manifest.database.dialect} database, and this one is ${dialect.name}`,
    )
  }
  context.reporter.progress('verifying the backup')
  const [problem] = await wrongFiles(manifest, found.path, context.signal)
  if (problem !== undefined) throw restoreError(found.path, `backup ${found.id} is damaged: ${problem}`)
  return { id: found.id, path: found.path, kind: manifest.kind, manifest }
}

/** Undefined for a backup of a version without manifests. */
function manifestOf(found: StoredBackup): Manifest | undefined {
  if (found.state === 'complete') return found.manifest
  if (found.state === 'old') return undefined
  throw restoreError(
    found.path,
    found.state === 'unfinished'
      ? `backup ${found.id} was not finished: its process ended before it was verified`
      : `backup ${found.id} cannot be read: ${found.problem ?? 'its manifest is damaged'}`,
  )
}

/**
 * A file that a person names.
 *
 * @throws AludelError `ALUDEL_RESTORE` when there is none
 */
export async function chooseFile(dialect: Dialect, file: string): Promise<ChosenBackup> {
  const found = await stat(file).catch(() => undefined)
  if (found?.isFile() === true) return { id: null, path: file, kind: 'database', manifest: undefined }
  throw restoreError(
    file,
    found === undefined
      ? `there is no file ${JSON.stringify(file)}`
      : `${JSON.stringify(file)} is not a file with a ${dialect.name} database`,
  )
}

function restoreError(path: string, message: string): AludelError {
  return new AludelError('ALUDEL_RESTORE', message, {
    help: 'Nothing was changed. Choose another backup: aludel backup list',
    details: { path },
  })
}
