import { AludelError, type ErrorCode, isAludelError, messageOf } from '../errors'
import type { MigratorContext } from '../project/context'
import type { RunResult } from '../results'
import type { MigrateOptions } from './run'

/** Loaded only after a failure. */
// eslint-disable-next-line @typescript-eslint/no-require-imports -- as in lazy.ts
const restores = () => require('../backup/restore') as typeof import('../backup/restore')

type Backup = NonNullable<RunResult['backup']>

/** How far a failed run has come, from the details of its error. */
interface Progress {
  readonly done?: readonly string[]
  readonly kept?: number
  readonly backup?: Backup
}

/** Adds the command that restores the backup of a run, if something of the run stays in the database. */
export function withRestoreCommand(error: unknown, backup: Backup | null): unknown {
  if (backup === null || !isAludelError(error) || !staysPartly(error)) return error
  const command = `aludel backup restore ${backup.id}`
  return explained(error, error.code, {
    message: error.message,
    help: [
      backup.kind === 'database'
        ? `To bring back the database as it was before this run: ${command}`
        : `The rows of the tables that this run changes, as they were before: ${command}`,
    ],
    details: { backup },
  })
}

/**
 * Restores the backup of a failed run.
 *
 * @returns the error of the run, which also says whether the database was restored
 */
export async function restoreAfter(
  context: MigratorContext,
  error: unknown,
  options: MigrateOptions,
): Promise<unknown> {
  // Whoever interrupts a run has not seen it fail, and the restore would be interrupted with it.
  if (!isAludelError(error) || error.kind === 'interrupted' || !staysPartly(error)) return error
  const { backup } = error.details as Progress
  if (backup?.kind !== 'database') return error
  context.reporter.warn(`${error.message}; restoring backup ${backup.id}`)
  try {
    const { kept, revision } = await restores().restoreBackup(context, backup.id, {
      directory: options.backupDirectory,
      disconnect: options.disconnect,
      lock: options.lock,
      lockTimeoutMs: options.lockTimeoutMs,
    })
    return explained(error, withoutRemains(error.code), {
      message: `${error.message}; the database was restored from backup ${backup.id}`,
      help: [`It is as before this run. What the run has left is kept as ${String(kept)}.`],
      details: { restored: backup.id, replaced: kept, current: revision },
      // What they say of the database is no longer true.
      isNew: true,
    })
  } catch (failure) {
    const help = isAludelError(failure) ? failure.help : undefined
    return explained(error, error.code, {
      message: `${error.message}; the database could not be restored: ${messageOf(failure)}`,
      help: help === undefined ? [] : [help],
      details: {},
    })
  }
}

/** True if revisions, or statements of one, are committed although the run failed. */
function staysPartly(error: AludelError): boolean {
  const { done = [], kept = 0 } = error.details as Progress
  return done.length > 0 || kept > 0 || error.kind === 'halfway'
}

/** Nothing is half-way in a restored database. */
function withoutRemains(code: ErrorCode): ErrorCode {
  return code === 'ALUDEL_STATEMENT_HALFWAY' ? 'ALUDEL_STATEMENT' : code
}

interface Words {
  readonly message: string
  readonly help: readonly string[]
  readonly details: Readonly<Record<string, unknown>>
  /** The help replaces that of the error. */
  readonly isNew?: boolean
}

function explained(error: AludelError, code: ErrorCode, { message, help, details, isNew }: Words): AludelError {
  const before = error.help === undefined || isNew === true ? [] : [error.help]
  return new AludelError(code, message, {
    help: [...before, ...help].join('\n'),
    details: { ...error.details, ...details },
    cause: error.cause,
  })
}
