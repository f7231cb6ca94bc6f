import { chmod, stat } from 'node:fs/promises'

import type { QueryRunner } from 'typeorm'

import { AludelError, isAludelError, messageOf } from '../../errors'
import type { CheckOptions, Copied, CopiedTable, CopyOptions } from '../roles/backup'
import { type Archive, keyOf, readArchive } from './backup-archive'
import { countRows, type DumpedTable, dumpedTables, estimateBackup } from './backup-catalog'
import {
  Canceler,
  exportSnapshot,
  inSnapshotTransaction,
  isPooled,
  SnapshotError,
  withSavepoint,
} from './backup-snapshot'
import { checkTables } from './backup-tables'
import { environmentOf, newestTools, programIn, run } from './backup-tools'
import { errorText, redact, sqlStateOf } from './errors'

/** Milliseconds between two looks at the size of a dump. */
const progressInterval = 500

/**
 * Dumps the whole database in PostgreSQL's custom format, for `pg_restore`, and reads the dump completely to verify it, while it is
 * written: each table must have as many rows in it as in the snapshot from which it was made.
 *
 * The password is passed in the environment, so that no list of processes shows it. Through a pooler the rows of the database are
 * not counted, because `pg_dump` may have to wait for the connection that the transaction of the count keeps.
 *
 * @throws AludelError `ALUDEL_BACKUP` when the dump fails or is damaged; the `reason` of the signal
 */
export async function copy(queryRunner: QueryRunner, options: CopyOptions): Promise<Copied> {
  const env = await environmentOf(queryRunner)
  try {
    const source = await dumpSource(queryRunner, options, env)
    await chmod(options.target, 0o600)
    return await verify(source, options)
  } catch (cause) {
    options.signal?.throwIfAborted()
    if (isAludelError(cause)) throw cause
    throw backupError(
      `the backup failed: ${redact(sqlStateOf(cause) === undefined ? messageOf(cause) : errorText(cause), [env['PGPASSWORD'] ?? ''])}`,
    )
  }
}

interface Source {
  readonly tables: readonly DumpedTable[]
  /** The rows of each; undefined if they were not counted. */
  readonly counts: readonly number[] | undefined
  /** The dump as it is read again, which may take longer than to write it. */
  readonly reading: Promise<Archive>
}

async function dumpSource(queryRunner: QueryRunner, options: CopyOptions, env: NodeJS.ProcessEnv): Promise<Source> {
  if (await isPooled(queryRunner)) return dumpUnseen(queryRunner, options, env)
  try {
    return await dumpSnapshot(queryRunner, options, env)
  } catch (error) {
    if (error instanceof SnapshotError) return dumpUnseen(queryRunner, options, env)
    throw error
  }
}

async function dumpSnapshot(queryRunner: QueryRunner, options: CopyOptions, env: NodeJS.ProcessEnv): Promise<Source> {
  const total = await estimateBackup(queryRunner, null)
  return inSnapshotTransaction(queryRunner, async () => {
    const snapshot = await exportSnapshot(queryRunner)
    await withSavepoint(queryRunner, () => options.inSnapshot(queryRunner))
    const tables = await dumpedTables(queryRunner)
    const canceler = await Canceler.of(queryRunner)
    const { dumping, reading } = dumpAndRead(options, env, total, snapshot)
    // The server counts while it dumps.
    const counting = countRows(queryRunner, tables)
    // A dump that has failed or was interrupted must not wait for the count.
    dumping.catch(canceler.cancel)
    const [dumped, counts] = await Promise.allSettled([dumping, counting])
    await canceler.settle()
    const failed = [dumped, counts].find(({ status }) => status === 'rejected')
    // No program must still read a file that is deleted.
    if (failed !== undefined) await Promise.allSettled([reading])
    if (dumped.status === 'rejected') throw dumped.reason
    if (counts.status === 'rejected') throw counts.reason
    return { tables, counts: counts.value, reading }
  })
}

async function dumpUnseen(queryRunner: QueryRunner, options: CopyOptions, env: NodeJS.ProcessEnv): Promise<Source> {
  const total = await estimateBackup(queryRunner, null)
  await options.inSnapshot(queryRunner)
  const tables = await dumpedTables(queryRunner)
  const { dumping, reading } = dumpAndRead(options, env, total, undefined)
  await dumping.catch(async (error: unknown) => {
    await Promise.allSettled([reading])
    throw error
  })
  return { tables, counts: undefined, reading }
}

/** Writes a dump, and reads it again as it grows. */
function dumpAndRead(
  options: CopyOptions,
  env: NodeJS.ProcessEnv,
  total: number,
  snapshot: string | undefined,
): { readonly dumping: Promise<void>; readonly reading: Promise<Archive> } {
  const { target, tools, signal, onProgress } = options
  const dumping = dump(options, env, total, snapshot)
  const reading = readArchive(programIn(tools ?? '', 'pg_restore'), { target, written: dumping, signal, onProgress })
  // Handled where it is awaited, after the dump.
  reading.catch(() => undefined)
  return { dumping, reading }
}

async function dump(
  { target, tools, signal, onProgress }: CopyOptions,
  env: NodeJS.ProcessEnv,
  total: number,
  snapshot: string | undefined,
): Promise<void> {
  const report = (bytes: number): void => onProgress({ phase: 'copy', bytes, total })
  report(0)
  const timer = setInterval(() => {
    stat(target).then(
      ({ size }) => report(size),
      () => undefined,
    )
  }, progressInterval)
  try {
    const given = snapshot === undefined ? [] : [`--snapshot=${snapshot}`]
    const args = ['--format=custom', '--no-password', '--file', target, ...given]
    await run(programIn(tools ?? '', 'pg_dump'), args, { env, signal })
  } finally {
    clearInterval(timer)
  }
}

/** Waits until the dump is read completely, and compares it with the database. */
async function verify({ tables, counts, reading }: Source, { target, tools, signal }: CopyOptions): Promise<Copied> {
  const [{ entries, program }, archive] = await together(
    listEntries(programIn(tools ?? '', 'pg_restore'), target, signal),
    reading,
  )
  for (const table of tables) {
    if (!entries.has(table.oid)) throw backupError(`the backup has no data of table ${table.schema}.${table.name}`)
  }
  const found = tables.map(({ schema, name }, index): CopiedTable => {
    const expected = counts?.[index]
    const rows = archive.rowsOf({ schema, name }) ?? expected ?? 0
    if (expected !== undefined && rows !== expected) {
      throw backupError(`the backup has ${String(rows)} rows of ${schema}.${name} where there are ${String(expected)}`)
    }
    return { schema, name, rows }
  })
  return { tables: found, program }
}

/** Waits for both even if one fails, so that no program still reads a file that is deleted. */
async function together<A, B>(one: Promise<A>, other: Promise<B>): Promise<readonly [A, B]> {
  const [first, second] = await Promise.allSettled([one, other])
  if (first.status === 'rejected') throw first.reason
  if (second.status === 'rejected') throw second.reason
  return [first.value, second.value]
}

/**
 * The tables of which a dump has data, by their number in the catalog: names in the list may contain anything.
 *
 * @throws Error when the list is empty, which even that of an empty database is not
 */
async function listEntries(
  restore: string,
  file: string,
  signal?: AbortSignal,
): Promise<{ readonly entries: ReadonlySet<number>; readonly program: string }> {
  const list = await run(restore, ['--list', file], { env: { ...process.env, LC_ALL: 'C' }, signal })
  const count = Number(/^;\s+TOC Entries: (\d+)/m.exec(list)?.[1] ?? 0)
  if (count === 0) throw new Error('pg_restore found no entries in the dump')
  const entries = new Set([...list.matchAll(/^\d+; \d+ (\d+) TABLE DATA /gm)].map((match) => Number(match[1])))
  const version = /^;\s+Dumped by pg_dump version: (\S+)/m.exec(list)?.[1]
  return { entries, program: version === undefined ? 'pg_dump' : `pg_dump ${version}` }
}

/** See `BackupRole.check`. */
export async function check(options: CheckOptions): Promise<readonly string[]> {
  if (options.kind === 'tables') return checkTables(options)
  const { target, tables = [], signal, onProgress } = options
  const restore = programIn(await newestTools(options.tools), 'pg_restore')
  try {
    const [, archive] = await together(
      listEntries(restore, target, signal),
      readArchive(restore, { target, signal, onProgress }),
    )
    return tables.flatMap((table) => {
      const rows = archive.rowsOf(table)
      if (rows === undefined && !archive.isComparable(table)) return []
      return rows === table.rows
        ? []
        : [`${keyOf(table)} has ${rows === undefined ? 'no' : String(rows)} rows instead of ${String(table.rows)}`]
    })
  } catch (error) {
    signal?.throwIfAborted()
    return [messageOf(error)]
  }
}

export function backupError(message: string): AludelError {
  return new AludelError('ALUDEL_BACKUP', message, {
    help: 'Nothing was changed. Fix the cause, or continue without a backup: --backup never',
  })
}
