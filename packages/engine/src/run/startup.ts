import type { BackupOptions } from './back-up'
import type { DialectName } from '../dialect/dialect'
import { AludelError, isAludelError, messageOf } from '../errors'
import type { RunListener } from '../project/events'
import { plural } from '../text'

/** What a database is like, compared with the revisions; ids throughout. */
export interface StartupState {
  /** Applied revisions that the files know. */
  readonly applied: readonly string[]
  /** Applied heads. */
  readonly current: readonly string[]
  readonly heads: readonly string[]
  /** Revisions that an upgrade to the heads would run. */
  readonly pending: readonly string[]
  /** Names in the history table that no file has: the database is ahead of these files, or belongs to others. */
  readonly unknown: readonly string[]
}

/** What {@link bringUpToDate} may do to a database; only while the lock is held. */
export interface LockedDatabase {
  /** The state again, as the one who held the lock before has left it. */
  readState(): Promise<StartupState>
  /** True when there is no table but those of the history. */
  isEmpty(): Promise<boolean>
  /**
   * Runs what is pending, up to all heads.
   *
   * @param mode one transaction for each revision, or one for all of them
   * @returns the ids that were run
   */
  upgradeToHead(mode: 'each' | 'all'): Promise<readonly string[]>
  /** Compares the live schema with that of each revision: the newest one it equals, or how it differs from the nearest. */
  findMatchingRevision(): Promise<MatchResult>
  /** Records a revision, and all it stands on, as applied. `heads` for all heads. */
  stamp(revision: string): Promise<void>
  /** Makes the tables of the entities, without revisions. */
  createFromEntities(): Promise<void>
}

export type MatchResult = { readonly revision: string } | { readonly differences: readonly string[] }

/** What {@link bringUpToDate} needs; `Migrator` is one. */
export interface StartupMigrator {
  readonly dialectName: DialectName
  /** One query. */
  readState(): Promise<StartupState>
  /** Takes the lock that every run takes, calls `work`, gives the lock back. */
  whileLocked<Result>(work: (database: LockedDatabase) => Promise<Result>): Promise<Result>
}

/** How a database is brought up to date at start-up; a backup is made first where `upgrade` would make one. */
export interface InitializeOptions extends BackupOptions {
  /** Default true. False: change nothing, only warn when the database is not up to date. */
  readonly migrate?: boolean
  /**
   * `create`: on an empty database, and only there, make the tables from the entities when the revisions fail, and record
   * the heads as applied. Default `none`.
   */
  readonly fallback?: 'none' | 'create'
  /** Warnings and progress. */
  readonly listener?: RunListener
}

export interface StartupOptions extends InitializeOptions {
  readonly migrator: StartupMigrator
}

/** What {@link bringUpToDate} did. */
export interface InitializeResult {
  readonly dialect: DialectName
  /**
   * `none` nothing was pending (or another process did it first) · `upgraded` revisions were run · `stamped` the tables
   * that were there equal a revision, which was recorded (and later ones were run) · `created` the fallback ·
   * `outdated` revisions are pending and `migrate` is false
   */
  readonly action: 'none' | 'upgraded' | 'stamped' | 'created' | 'outdated'
  /** Applied heads before and after. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** Revisions that were run. */
  readonly applied: readonly string[]
  readonly upToDate: boolean
  /** The revision that was recorded without being run. */
  readonly stamped?: string
  readonly warnings: readonly string[]
}

/**
 * Brings a database to the heads of the revisions when an application starts. Any number of processes may do so at once:
 * one works, the others wait and find it done. When nothing is pending it costs one query.
 *
 * - A new database: all revisions are run.
 * - Tables but no history (made by `synchronize`, or by hand): when they equal those of a revision, it is recorded and the
 *   later ones are run; otherwise nothing is touched.
 * - A database ahead of the revisions: a warning when nothing is pending.
 *
 * @throws AludelError
 * - `ALUDEL_SCHEMA_MISMATCH` tables but no history, and they equal no revision (the differences are in `details`)
 * - `ALUDEL_UNKNOWN_APPLIED` something is pending, and something is applied that no file knows
 * - whatever running the revisions throws
 *
 * @example
 * const result = await bringUpToDate({ migrator, listener: (event) => logger.info(event) })
 * result.action // 'upgraded'
 */
export async function bringUpToDate(options: StartupOptions): Promise<InitializeResult> {
  const { migrator } = options
  const warnings: string[] = []
  const warn = (message: string): void => {
    warnings.push(message)
    options.listener?.({ type: 'warning', message })
  }
  const before = await migrator.readState()
  const report = (
    action: InitializeResult['action'],
    after: StartupState,
    done: { readonly applied?: readonly string[]; readonly stamped?: string } = {},
  ): InitializeResult => ({
    dialect: migrator.dialectName,
    action,
    from: before.current,
    to: after.current,
    applied: [],
    upToDate: after.pending.length === 0,
    warnings,
    ...done,
  })

  if (before.unknown.length > 0 && (before.pending.length === 0 || options.migrate === false)) warn(aheadText(before))
  if (before.pending.length === 0) return report('none', before)
  if (options.migrate === false) {
    warn(outdatedText(before))
    return report('outdated', before)
  }
  return migrator.whileLocked(async (database) => {
    const state = await database.readState()
    if (state.pending.length === 0) return report('none', state)
    refuseUnknown(state)
    if (state.applied.length > 0) {
      const applied = await database.upgradeToHead('each')
      return report('upgraded', await database.readState(), { applied })
    }
    if (await database.isEmpty()) {
      const applied = await fill(database, options.fallback ?? 'none', warn)
      return report(applied === undefined ? 'created' : 'upgraded', await database.readState(), {
        applied: applied ?? [],
      })
    }
    const match = await database.findMatchingRevision()
    if ('differences' in match) throw mismatch(state, match.differences)
    await database.stamp(match.revision)
    const { pending } = await database.readState()
    const applied = pending.length > 0 ? await database.upgradeToHead('each') : []
    return report('stamped', await database.readState(), { applied, stamped: match.revision })
  })
}

/**
 * Brings an empty database to the heads, by the revisions or, when they fail and it is allowed, from the entities.
 *
 * @returns the ids that were run; undefined when the tables were made from the entities
 */
async function fill(
  database: LockedDatabase,
  fallback: 'none' | 'create',
  warn: (message: string) => void,
): Promise<readonly string[] | undefined> {
  if (fallback === 'none') return database.upgradeToHead('each')
  try {
    return await upgradeAtOnce(database)
  } catch (error) {
    if (isAludelError(error) && (error.kind === 'interrupted' || error.kind === 'locked')) throw error
    const state = await database.readState()
    if (state.applied.length > 0 || !(await database.isEmpty())) throw error
    try {
      await database.createFromEntities()
      await database.stamp('heads')
    } catch (fallbackError) {
      warn(`The tables could not be made from the entities either: ${messageOf(fallbackError)}`)
      throw error
    }
    warn(
      `The revisions failed on the empty database (${messageOf(error)}); its tables were made from the entities instead`,
    )
    return undefined
  }
}

/** In one transaction if the revisions allow it, so that a failing one leaves the database as empty as it was. */
async function upgradeAtOnce(database: LockedDatabase): Promise<readonly string[]> {
  try {
    return await database.upgradeToHead('all')
  } catch (error) {
    if (!isAludelError(error) || error.code !== 'ALUDEL_TRANSACTION_MODE') throw error
    return database.upgradeToHead('each')
  }
}

function refuseUnknown(state: StartupState): void {
  if (state.unknown.length === 0) return
  throw new AludelError(
    'ALUDEL_UNKNOWN_APPLIED',
    `${plural(state.pending.length, 'revision is', 'revisions are')} pending, but the database has ${list(state.unknown)} applied, which no revision file holds`,
    {
      help: [
        'The database belongs to another version of the application, or files are missing. Deploy the version that has them.',
        'Where they are gone for good, forget them: aludel migrate repair --remove NAME',
      ].join('\n'),
      details: { unknown: state.unknown, pending: state.pending, current: state.current, heads: state.heads },
    },
  )
}

function mismatch(state: StartupState, differences: readonly string[]): AludelError {
  return new AludelError(
    'ALUDEL_SCHEMA_MISMATCH',
    'the database has tables but no history, and they are not those of any revision',
    {
      help: [
        ...differences.slice(0, 10).map((difference) => `- ${difference}`),
        ...(differences.length > 10 ? [`- and ${String(differences.length - 10)} more`] : []),
        'Nothing was touched. Change the tables to fit, or record the revision they stand for: aludel migrate stamp REV --force',
      ].join('\n'),
      details: { differences, heads: state.heads },
    },
  )
}

function outdatedText({ current, heads }: StartupState): string {
  const target = heads.length > 1 ? ' heads' : ''
  return (
    `Database not up to date: current ${current.join(', ') || 'base'}, ` +
    `head ${heads.join(', ')}; run \`aludel migrate upgrade${target}\``
  )
}

function aheadText({ unknown }: StartupState): string {
  return `The database is ahead of these revisions: ${list(unknown)} applied, in no revision file`
}

function list(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${String(names.length - 3)} more`
}
