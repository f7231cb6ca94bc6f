import { stat, truncate } from 'node:fs/promises'

import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm'

import { AludelError, isAludelError, messageOf } from '../../errors'
import { only } from '../connection-options'
import type { Queryable } from '../queryable'
import type { BackedUpDatabase, CheckOptions, Copied, CopiedTable, CopyOptions, TablePath } from '../roles/backup'
import { copyPages, isCopiedByStatement, refusesKey } from './backup-pages'
import { newDataSource, readOnly, siblingOptions } from './driver'
import { errorCode, errorText } from './errors'
import { countRows, databaseFile, sqliteVersion, tableNames } from './info'

/** See `BackupRole.requireDatabase`. What else is wrong with a file shows when it is opened. */
export async function requireDatabase({ database }: DataSourceOptions): Promise<void> {
  const name = typeof database === 'string' ? database : ''
  const isMissing =
    name === ':memory:' ||
    (await stat(name).then(
      () => false,
      (error: unknown) => errorCode(error) === 'ENOENT',
    ))
  if (!isMissing) return
  throw new AludelError('ALUDEL_DATABASE_MISSING', `there is no database ${JSON.stringify(name)} to back up`, {
    help: 'Check the path, or DATABASE_URL. A database in memory exists only in its own process.',
    details: { database: name },
  })
}

/** See `BackupRole.describe`. The journal mode is not in the copy, which has no files beside it. */
export async function describeBackup(queryRunner: QueryRunner): Promise<BackedUpDatabase> {
  const file = await databaseFile(queryRunner)
  return {
    name: file === '' ? ':memory:' : file,
    serverVersion: await sqliteVersion(queryRunner),
    settings: { journalMode: await pragma(queryRunner, 'journal_mode') },
  }
}

/** See `BackupRole.estimate`: the pages of the database, of which a copy has as many. */
export async function estimateBackup(database: Queryable): Promise<number> {
  return Number(await pragma(database, 'page_count')) * Number(await pragma(database, 'page_size'))
}

/**
 * Copies the database with SQLite's online backup API, in steps between which others may write it; encrypted databases, and drivers
 * without that API, with `VACUUM INTO`. Then checks the integrity and the numbers of rows of the copy.
 *
 * In WAL mode a read transaction fixes what is copied. Otherwise it would lock out all writers, so that the API starts again when
 * somebody has written, and the rows are only compared if nobody has.
 *
 * @throws AludelError `ALUDEL_BACKUP`; the `reason` of the signal
 */
export async function copy(queryRunner: QueryRunner, options: CopyOptions): Promise<Copied> {
  try {
    const counts = await copyAndCount(queryRunner, options)
    options.signal?.throwIfAborted()
    const { size } = await stat(options.target)
    options.onProgress({ phase: 'verify', bytes: 0, total: size })
    const tables = await verify(queryRunner.connection, options, counts)
    options.onProgress({ phase: 'verify', bytes: size, total: size })
    return { tables, program: `SQLite ${await sqliteVersion(queryRunner)}` }
  } catch (error) {
    options.signal?.throwIfAborted()
    if (isAludelError(error)) throw error
    throw backupError(`the backup could not be written: ${errorText(error)}`, error)
  }
}

/** Returns the rows that the copy must have; undefined if somebody wrote meanwhile. */
async function copyAndCount(
  queryRunner: QueryRunner,
  options: CopyOptions,
): Promise<ReadonlyMap<string, number> | undefined> {
  if (isCopiedByStatement(queryRunner.connection)) return copyByStatement(queryRunner, options)
  try {
    return await copyByPages(queryRunner, options)
  } catch (error) {
    if (!refusesKey(error)) throw error
    // Its key was set by a function of the project.
    await truncate(options.target)
    return copyByStatement(queryRunner, options)
  }
}

async function copyByPages(
  queryRunner: QueryRunner,
  options: CopyOptions,
): Promise<ReadonlyMap<string, number> | undefined> {
  const isWal = (await pragma(queryRunner, 'journal_mode')) === 'wal'
  // Fails in the transaction of somebody else, whose uncommitted rows would be copied.
  await queryRunner.query('BEGIN')
  let open = true
  const end = async (): Promise<void> => {
    if (open) await queryRunner.query('COMMIT')
    open = false
  }
  try {
    const counts = await countRows(queryRunner)
    const before = await changes(queryRunner)
    if (!isWal) await end()
    await copyPages(queryRunner, { ...options, isHeld: isWal })
    return isWal || (await changes(queryRunner)) === before ? counts : undefined
  } finally {
    await end().catch(() => undefined)
  }
}

/** `VACUUM INTO` reads one state of the database; writers wait for it meanwhile, unless in WAL mode. */
async function copyByStatement(
  queryRunner: QueryRunner,
  { target, onProgress }: CopyOptions,
): Promise<ReadonlyMap<string, number> | undefined> {
  const total = await estimateBackup(queryRunner)
  onProgress({ phase: 'copy', bytes: 0, total })
  const before = await changes(queryRunner)
  const counts = await countRows(queryRunner)
  await queryRunner.query('VACUUM INTO ?', [target])
  onProgress({ phase: 'copy', bytes: total, total })
  return (await changes(queryRunner)) === before ? counts : undefined
}

/** Changes when another connection commits, or this one writes: https://www.sqlite.org/pragma.html#pragma_data_version */
async function changes(database: Queryable): Promise<string> {
  const [row] = (await database.query('SELECT total_changes() AS n')) as { n: number }[]
  return `${String(await pragma(database, 'data_version'))} ${String(row?.n)}`
}

/**
 * @param counts rows of the original when it was copied; undefined if they are not known
 * @returns the tables of the copy
 */
async function verify(
  template: DataSource,
  { target, inSnapshot }: CopyOptions,
  counts: ReadonlyMap<string, number> | undefined,
): Promise<readonly CopiedTable[]> {
  return withCopy(template, target, {}, async (copied) => {
    // In WAL mode a copy could only be read where files may be created beside it.
    await copied.query('PRAGMA journal_mode = DELETE')
    const [problem] = await integrityProblems(copied)
    if (problem !== undefined) throw backupError(`the backup is damaged: ${problem}`)
    const found = await countRows(copied)
    for (const name of new Set([...(counts?.keys() ?? []), ...found.keys()])) {
      const [expected, rows] = [counts?.get(name) ?? 0, found.get(name) ?? 0]
      if (counts !== undefined && rows !== expected)
        throw backupError(`the backup has ${String(rows)} rows of ${name} where there are ${String(expected)}`)
    }
    await inSnapshot(copied)
    return [...found].map(([name, rows]) => ({ name, rows }))
  })
}

/** See `BackupRole.check`. */
export async function check({ kind, target, tables, template, signal }: CheckOptions): Promise<readonly string[]> {
  if (kind === 'tables') return ['this is not a backup of a SQLite database']
  signal?.throwIfAborted()
  try {
    return await withCopy(template, target, readOnly, async (copied) => {
      const problems = await integrityProblems(copied)
      if (problems.length > 0) return problems
      const found = await countRows(copied)
      return (tables ?? [])
        .filter(({ name, rows }) => found.get(name) !== rows)
        .map(({ name, rows }) => `${name} has ${String(found.get(name) ?? 0)} rows instead of ${String(rows)}`)
    })
  } catch (error) {
    if (isAludelError(error, 'ALUDEL_DRIVER')) throw error
    return [errorText(error)]
  }
}

/** See `BackupRole.tablesOf`. A database in one file needs no copy of single tables, but the names are the same. */
export async function tablesOf(database: Queryable, names: readonly string[]): Promise<readonly TablePath[]> {
  const wanted = new Set(names.map((name) => name.toLowerCase()))
  return (await tableNames(database)).filter((name) => wanted.has(name.toLowerCase())).map((name) => ({ name }))
}

/** Opens a copy with the driver, the functions and the key of the original. */
async function withCopy<Result>(
  template: DataSource,
  file: string,
  how: Readonly<Record<string, unknown>>,
  work: (copied: DataSource) => Promise<Result>,
): Promise<Result> {
  const copied = newDataSource(template, {
    ...siblingOptions(template.options),
    ...only(template.options, ['key']),
    fileMustExist: true,
    ...how,
    database: file,
  })
  await copied.initialize()
  try {
    return await work(copied)
  } finally {
    await copied.destroy()
  }
}

async function integrityProblems(copied: DataSource): Promise<readonly string[]> {
  const rows = await copied.query<{ integrity_check: string }[]>('PRAGMA integrity_check')
  const problems = rows.map(({ integrity_check: text }) => text)
  return problems[0] === 'ok' ? [] : problems.length === 0 ? ['the integrity check gave no answer'] : problems
}

async function pragma(database: Queryable, name: string): Promise<unknown> {
  const [row] = (await database.query(`PRAGMA ${name}`)) as Record<string, unknown>[]
  return Object.values(row ?? {})[0]
}

export function backupError(message: string, cause?: unknown): AludelError {
  return new AludelError('ALUDEL_BACKUP', message, {
    help: 'Nothing was changed. Check the folder, its permissions and the free space, or continue without a backup: --backup never',
    cause: cause === undefined || cause instanceof Error ? cause : new Error(messageOf(cause)),
  })
}
