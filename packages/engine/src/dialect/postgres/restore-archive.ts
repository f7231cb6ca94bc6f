import { availableParallelism } from 'node:os'

import type { QueryRunner } from 'typeorm'

import { AludelError, messageOf } from '../../errors'
import { candidates, environmentOf, installHelp, programIn, programsIn, run } from './backup-tools'
import { redact } from './errors'
import { rolesIn } from './restore-roles'

/**
 * The folder of a `pg_restore` that reads a dump: of the version of the server where there is one, because a later one may send
 * settings that the server does not know.
 *
 * @param dump major version of the `pg_dump` that wrote it; undefined if that is not known
 * @param server major version of the server
 * @param folder the only one to search, if it was configured
 * @throws AludelError `ALUDEL_BACKUP_TOOLS` when there is none, or all are older than the dump
 */
export async function restoreTools(
  dump: number | undefined,
  server: number,
  folder: string | undefined,
): Promise<string> {
  const found = await programsIn(folder === undefined ? await candidates() : [folder], 'pg_restore')
  const able = found.filter(({ major }) => major >= (dump ?? 0))
  const best = able.toSorted((a, b) => Math.abs(a.major - server) - Math.abs(b.major - server))[0]
  if (best !== undefined) return best.directory
  const [first] = found
  const needed = Math.max(dump ?? server, server)
  throw new AludelError(
    'ALUDEL_BACKUP_TOOLS',
    first === undefined
      ? `pg_restore is not installed${folder === undefined ? '' : ` in ${folder}`}, and a restore needs it`
      : `pg_restore is version ${String(first.major)}, but the backup was made by pg_dump ${String(dump)}`,
    {
      help:
        `Nothing was changed. Install the client tools of PostgreSQL ${String(needed)}: ${installHelp(needed)}\n` +
        'or name their folder with backup.tools in the configuration.',
      details: { ...(first === undefined ? {} : { pgDump: first.major }), server },
    },
  )
}

/** `pg_dump 18.1` → 18 */
export function majorOf(text: string | undefined): number | undefined {
  const major = Number(/(\d+)/.exec(text ?? '')?.[1])
  return Number.isInteger(major) ? major : undefined
}

interface ArchiveOptions {
  /** The folder of the programs. */
  readonly tools: string
  readonly file: string
  readonly withOwners: boolean
  readonly signal: AbortSignal | undefined
}

/** Options that leave out what refers to roles. */
function ownerFlags(withOwners: boolean): readonly string[] {
  return withOwners ? [] : ['--no-owner', '--no-privileges']
}

/**
 * The roles that a dump needs on the server, from its definitions.
 *
 * @throws AludelError `ALUDEL_RESTORE` when the file is no dump; the `reason` of the signal
 */
export async function rolesOfArchive({ tools, file, withOwners, signal }: ArchiveOptions): Promise<readonly string[]> {
  const args = ['--schema-only', '--file=-', ...ownerFlags(withOwners), file]
  try {
    return rolesIn(await run(programIn(tools, 'pg_restore'), args, { env: { ...process.env, LC_ALL: 'C' }, signal }))
  } catch (cause) {
    signal?.throwIfAborted()
    throw archiveError(file, messageOf(cause), cause)
  }
}

/** Sessions that restore tables and create indexes at once, at most. */
const mostJobs = 4

/**
 * Restores a dump into an empty database.
 *
 * @throws AludelError `ALUDEL_RESTORE` with the words of `pg_restore`, at the first error; the `reason` of the signal
 */
export async function restoreArchive(
  session: QueryRunner,
  database: string,
  { tools, file, withOwners, signal }: ArchiveOptions,
): Promise<void> {
  const env = await environmentOf(session)
  const target = `dbname='${database.replaceAll(/['\\]/g, '\\$&')}'`
  const jobs = `--jobs=${String(Math.min(availableParallelism(), mostJobs))}`
  const args = ['--exit-on-error', '--no-password', jobs, ...ownerFlags(withOwners), `--dbname=${target}`, file]
  try {
    await run(programIn(tools, 'pg_restore'), args, { env: { ...env, PGAPPNAME: 'aludel restore' }, signal })
  } catch (cause) {
    signal?.throwIfAborted()
    throw archiveError(file, redact(messageOf(cause), [env['PGPASSWORD'] ?? '']), cause)
  }
}

/** Explains what `pg_restore` printed. */
function archiveError(file: string, printed: string, cause: unknown): AludelError {
  const words = wordsOf(printed)
  const [, explanation = 'Nothing was changed. Choose another backup (aludel backup list), or remove the cause.'] =
    explanations.find(([pattern]) => pattern.test(printed)) ?? []
  return new AludelError('ALUDEL_RESTORE', `${JSON.stringify(file)} cannot be restored: ${words}`, {
    help: explanation,
    details: { path: file },
    // The output may contain rows.
    cause: cause instanceof Error ? new Error(words) : cause,
  })
}

/** The first error, without the statement and the names of programs before it. */
function wordsOf(printed: string): string {
  const lines = printed.split('\n')
  const error = lines.find((line) => /error:/i.test(line)) ?? lines[0] ?? ''
  return error
    .replace(/^pg_restore: (?:\[[^\]]*\] )?(?:error: )?/, '')
    .replace(/^could not execute query: (?:ERROR: +)?/, '')
    .replace(/^while .*$/, 'pg_restore failed')
    .trim()
}

const explanations: readonly (readonly [pattern: RegExp, help: string])[] = [
  [
    /No space left on device|could not extend file|disk full/i,
    'Nothing was changed. The disk of the server is full: make room there.',
  ],
  [
    /unsupported version \([\d.]+\) in file header/,
    'Nothing was changed. The dump was made by a later pg_dump: install its version, or name it with backup.tools.',
  ],
  [
    /unrecognized configuration parameter/,
    'Nothing was changed. This pg_restore is too new for the server: name one of its version with backup.tools.',
  ],
  [/text format dump/, 'Nothing was changed. It is a script of SQL: psql runs it.'],
  [
    /permission denied|must be (?:owner|superuser|member)/i,
    'Nothing was changed. Restore as a role that may create it, or without owners and rights: --no-owner',
  ],
]
