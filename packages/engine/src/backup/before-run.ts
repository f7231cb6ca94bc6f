import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { TablePath } from '../dialect/roles/backup'
import { AludelError, isAludelError } from '../errors'
import type { MigratorContext } from '../project/context'
import type { PlannedBackup, RunResult } from '../results'
import type { Loss } from '../sql/effects'
import { upToThree } from '../text'
import { makeBackup } from './make'
import type { BackupReason } from './manifest'
import { storeOf } from './place'

/** What a run is about to do. */
interface BeforeRun {
  /** Absolute. */
  readonly directory: string
  /** Without a backup, the run must not begin. */
  readonly isRequired: boolean
  /** Only a backup of the whole database will do. */
  readonly isWhole: boolean
  readonly reason: BackupReason
  readonly losses: readonly Loss[]
  /** Tables, as the database displays them. */
  readonly rewrites: readonly string[]
}

/**
 * Makes a backup of the whole database before a run, or, where its programs are missing, of the tables that the run destroys or
 * rewrites.
 *
 * @returns null, after a warning, when neither is possible and no backup is required
 * @throws AludelError `ALUDEL_BACKUP`, `ALUDEL_BACKUP_TOOLS`, `ALUDEL_INTERRUPTED`
 */
export async function backUpBefore(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  run: BeforeRun,
): Promise<RunResult['backup']> {
  const { reporter } = context
  const store = storeOf(context, run.directory)
  const tools = await findTools(context, dialect, runner)
  if (!isAludelError(tools)) {
    const { manifest, path } = await makeBackup(context, dialect, runner, { store, reason: run.reason, tools })
    return { path, id: manifest.id, kind: manifest.kind }
  }
  if (run.isWhole) throw tools
  const tables = await tablesOf(dialect, runner, run)
  if (typeof tables === 'string') {
    const message = `${tools.message}; the tables cannot be copied without it, because ${tables}`
    if (run.isRequired) {
      throw new AludelError('ALUDEL_BACKUP_TOOLS', message, { help: tools.help, details: tools.details })
    }
    reporter.warn(`no backup was made: ${message}`)
    return null
  }
  const names = tables.map(({ schema, name }) => (schema === undefined ? name : `${schema}.${name}`))
  const { manifest, path } = await makeBackup(context, dialect, runner, {
    store,
    reason: run.reason,
    tools: null,
    tables,
  })
  reporter.warn(`only ${upToThree(names)} ${names.length === 1 ? 'was' : 'were'} backed up: ${tools.message}`)
  return { path, id: manifest.id, kind: manifest.kind }
}

/**
 * What {@link backUpBefore} would do.
 *
 * @returns null if no backup is possible
 */
export async function plannedBackup(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
  run: Pick<BeforeRun, 'isWhole' | 'losses' | 'rewrites'>,
): Promise<PlannedBackup | null> {
  const tools = await findTools(context, dialect, runner)
  if (!isAludelError(tools)) return { kind: 'database', bytes: await dialect.backup.estimate(runner, null) }
  const tables = run.isWhole ? 'a copy of tables is not enough' : await tablesOf(dialect, runner, run)
  return typeof tables === 'string' ? null : { kind: 'tables', bytes: await dialect.backup.estimate(runner, tables) }
}

/** Missing programs are a permanent state, in which backups are made in another way. */
async function findTools(
  context: MigratorContext,
  dialect: Dialect,
  runner: QueryRunner,
): Promise<string | null | AludelError<'ALUDEL_BACKUP_TOOLS'>> {
  try {
    return await dialect.backup.findTools(runner, context.options.backups?.tools)
  } catch (error) {
    if (isAludelError(error, 'ALUDEL_BACKUP_TOOLS')) return error
    throw error
  }
}

/** The tables that a run destroys or rewrites, or why they are not known. */
async function tablesOf(
  dialect: Dialect,
  runner: QueryRunner,
  { losses, rewrites }: Pick<BeforeRun, 'losses' | 'rewrites'>,
): Promise<readonly TablePath[] | string> {
  const vague = losses.find(({ table }) => table === undefined)
  if (vague !== undefined) return `it is not known which ones lose ${vague.text}`
  const names = [...new Set([...losses.flatMap(({ table }) => table ?? []), ...rewrites])]
  if (names.length === 0) return 'the run loses nothing of a table'
  const found = new Map<string, TablePath>()
  for (const name of names) {
    const tables = await dialect.backup.tablesOf(runner, [name])
    // A step before may give a table this name, and it has another one now.
    if (tables.length === 0) return `there is no table ${name} yet`
    for (const table of tables) found.set(JSON.stringify([table.schema, table.name]), table)
  }
  return [...found.values()]
}
