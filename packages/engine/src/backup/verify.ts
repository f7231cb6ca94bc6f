import { stat } from 'node:fs/promises'
import path from 'node:path'

import { dialectEntries, loadDialect } from '../dialect/registry'
import type { CopiedTable } from '../dialect/roles/backup'
import { AludelError, isAludelError, messageOf } from '../errors'
import type { MigratorContext } from '../project/context'
import type { BackupCheckResult } from '../results'
import { contentOf } from './checksum'
import type { BackupPlace } from './create'
import type { Manifest } from './manifest'
import { storeOf } from './place'
import type { StoredBackup } from './store'

type DialectOfFile = Manifest['database']['dialect']

/**
 * Reads a backup again: its size and checksums, and its content with the rows of each table. Needs the driver or the programs of its
 * database, but not the database itself.
 *
 * @param ref an id, a unique prefix of one, or `latest` (default)
 * @returns with `ok: false` and what is wrong with a backup that cannot be trusted
 * @throws AludelError `ALUDEL_UNKNOWN_BACKUP`, `ALUDEL_INTERRUPTED`
 */
export async function verifyBackup(
  context: MigratorContext,
  ref = 'latest',
  { directory }: BackupPlace = {},
): Promise<BackupCheckResult> {
  const backup = await storeOf(context, directory).find(ref)
  try {
    return await check(context, backup)
  } catch (error) {
    if (context.signal?.aborted !== true) throw error
    throw new AludelError('ALUDEL_INTERRUPTED', `interrupted while backup ${backup.id} was verified`, {
      help: 'Nothing was changed.',
      cause: error,
    })
  }
}

async function check(context: MigratorContext, backup: StoredBackup): Promise<BackupCheckResult> {
  const { id, path: location } = backup
  const result = (checked: BackupCheckResult['checked'], problems: readonly string[], unchecked?: string) => ({
    ...{ id, path: location, ok: problems.length === 0, checked, problems },
    ...(unchecked === undefined ? {} : { unchecked }),
  })
  if (backup.state === 'unfinished')
    return result([], ['it was not finished: its process ended before it was verified, and it has no manifest'])
  if (backup.state === 'unreadable') return result([], [backup.problem ?? 'its manifest cannot be read'])
  const manifest = backup.state === 'complete' ? backup.manifest : undefined
  const wrong =
    manifest === undefined ? await emptyFile(location) : await wrongFiles(manifest, location, context.signal)
  const checked: BackupCheckResult['checked'] = manifest === undefined ? ['size'] : ['size', 'checksum']
  if (wrong.length > 0) return result(checked, wrong)
  const { problems, unchecked } = await wrongContent(context, {
    location,
    dialect: manifest?.database.dialect ?? dialectOf(location),
    kind: manifest?.kind ?? 'database',
    tables: manifest?.tables,
  })
  if (unchecked !== undefined) return result(checked, problems, unchecked)
  return result([...checked, 'content', ...(manifest === undefined ? [] : (['rows'] as const))], problems)
}

async function emptyFile(location: string): Promise<readonly string[]> {
  return (await stat(location)).size === 0 ? ['it is empty'] : []
}

/** Compares the files with the manifest. */
export async function wrongFiles(
  { file, files }: Manifest,
  location: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const found = await contentOf(location, file, signal).catch((error: unknown) => {
    signal?.throwIfAborted()
    return messageOf(error)
  })
  if (typeof found === 'string') return [`it cannot be read: ${found}`]
  const byName = new Map(found.map((one) => [one.name, one]))
  const known = new Set(files.map(({ name }) => name))
  return [
    ...files.flatMap(({ name, bytes, sha256 }) => {
      const one = byName.get(name)
      if (one === undefined) return [`${name} is missing`]
      if (one.bytes !== bytes) return [`${name} has ${String(one.bytes)} bytes instead of ${String(bytes)}`]
      return one.sha256 === sha256 ? [] : [`${name} was changed: its checksum is another one`]
    }),
    ...found.filter(({ name }) => !known.has(name)).map(({ name }) => `${name} does not belong to it`),
  ]
}

interface Content {
  readonly location: string
  readonly dialect: DialectOfFile | undefined
  readonly kind: Manifest['kind']
  readonly tables: readonly CopiedTable[] | undefined
}

/** `unchecked`: why the content cannot be read here. */
async function wrongContent(
  context: MigratorContext,
  { location, dialect: name, kind, tables }: Content,
): Promise<{ readonly problems: readonly string[]; readonly unchecked?: string }> {
  if (name === undefined) return { problems: [], unchecked: 'no database has files of this kind' }
  const template = await context.connection.dataSource()
  const dialect = loadDialect(name)
  if (dialect.backup.needsDriver && !dialect.connection.driverTypes.includes(template.options.type))
    return { problems: [], unchecked: `this project has no driver for ${name}` }
  try {
    const problems = await dialect.backup.check({
      kind,
      target: location,
      tables,
      template,
      tools: context.options.backups?.tools,
      signal: context.signal,
      onProgress: (progress) => context.reporter.emit({ type: 'backup', ...progress }),
    })
    return { problems }
  } catch (error) {
    if (!isAludelError(error, 'ALUDEL_BACKUP_TOOLS', 'ALUDEL_DRIVER')) throw error
    return { problems: [], unchecked: messageOf(error) }
  }
}

/** The dialect that writes files with this ending. */
function dialectOf(location: string): DialectOfFile | undefined {
  const ending = path.extname(location)
  return dialectEntries()
    .map((entry) => entry.load())
    .find(({ backup }) => backup.extension === ending)?.name
}
