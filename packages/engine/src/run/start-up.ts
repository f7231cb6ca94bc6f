import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { DialectName } from '../dialect/registry'
import type { Finding } from '../history/findings'
import type { State } from '../history/state'
import type { MigratorContext } from '../project/context'
import type { RunEvent, RunListener } from '../project/events'
import { upToThree } from '../text'
import type { BackupOptions } from './back-up'
import type { ExpectOptions } from './expected-head'

/** How a database is brought up to date at start-up. A backup is made first if `upgrade` would make one. */
export interface InitializeOptions extends BackupOptions, ExpectOptions {
  /** Default is true. False: change nothing, only warn when the database is not up to date. */
  readonly migrate?: boolean
  /**
   * `create`: if the revisions fail on an empty database, create the tables from the entities and record the heads as
   * applied. Default is `none`.
   */
  readonly fallback?: 'none' | 'create'
  /** Warnings and progress. */
  readonly listener?: RunListener
}

/** What a start-up did. */
export interface InitializeResult {
  readonly dialect: DialectName
  /**
   * `none` nothing was pending (or another process did it first) · `upgraded` revisions were run · `stamped` the existing
   * tables match a revision, which was recorded (and later ones were run) · `created` the fallback ·
   * `outdated` revisions are pending and `migrate` is false
   */
  readonly action: 'none' | 'upgraded' | 'stamped' | 'created' | 'outdated'
  /** Applied heads before and after. */
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** Ids of the revisions that were run. */
  readonly applied: readonly string[]
  /** True if nothing is pending and no run stopped half-way. */
  readonly upToDate: boolean
  /** Revisions in the middle of which a run stopped; absent if none. */
  readonly halfway?: readonly Finding[]
  /** The revision that was recorded without being run. */
  readonly stamped?: string
  readonly warnings: readonly string[]
}

/**
 * Brings a database to the heads of the revisions when an application starts. Any number of processes may call it at once:
 * one works, the others wait and find nothing to do. When nothing is pending it costs two queries.
 *
 * - A new database: all revisions are run.
 * - Tables but no history (created by `synchronize`, or by hand): if they match a revision, it is recorded and the later
 *   ones are run; otherwise nothing is touched.
 * - Tables of another project, which has its own history in this database, and none of these revisions: all are run.
 * - A database ahead of the revisions: a warning when nothing is pending.
 *
 * @throws AludelError
 * - `ALUDEL_SCHEMA_MISMATCH` tables but no history, and they match no revision (the differences are in `details`)
 * - `ALUDEL_UNKNOWN_APPLIED` revisions are pending, and an applied one has no file; with `expectHead` also if nothing is pending
 * - `ALUDEL_UNEXPECTED_HEAD` the head of the files is not `expectHead`
 * - whatever running the revisions throws
 *
 * @example
 * const result = await initialize(context, { listener: (event) => logger.info(event) })
 * result.action // 'upgraded'
 */
export async function initialize(context: MigratorContext, options: InitializeOptions): Promise<InitializeResult> {
  const warnings: string[] = []
  const listener = (event: RunEvent): void => {
    options.listener?.(event)
    if (event.type === 'warning') warnings.push(event.message)
  }
  if (options.expectHead !== undefined) await expectation().refuseOtherHead(context, options.expectHead)
  const result = await context.reporter.withListener(listener, () =>
    context.connection.withRunner((queryRunner, dialect) => start(context, dialect, queryRunner, options)),
  )
  return { ...result, warnings }
}

type Result = Omit<InitializeResult, 'warnings'>

/** Describes what a start-up did. */
export type Report = (action: Result['action'], after: State, done?: Partial<Result>) => Promise<Result>

/** What changes a database is loaded when revisions are pending: an application waits for every start. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const work = () => require('./start-up-under-lock') as typeof import('./start-up-under-lock')

/** Loaded where something is expected. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const expectation = () => require('./expected-head') as typeof import('./expected-head')

/** Loaded where something is kept. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const kept = () => require('../kept/list') as typeof import('../kept/list')

async function start(
  context: MigratorContext,
  dialect: Dialect,
  queryRunner: QueryRunner,
  { migrate = true, ...options }: InitializeOptions,
): Promise<Result> {
  const found = await context.headOrState(await context.connection.history(), queryRunner)
  const warnOfKept = async (): Promise<void> => {
    if (found.isKept) await kept().warnOfExpired(context, dialect, queryRunner)
  }
  if ('head' in found) {
    await warnOfKept()
    const { current } = found.head
    return { dialect: dialect.name, action: 'none', from: current, to: current, applied: [], upToDate: true }
  }
  const before = found.state
  if (options.expectHead !== undefined) expectation().refuseAhead(before)
  const report: Report = async (action, after, done = {}) => {
    const halfway = await context.halfway(after, queryRunner)
    // A run under the lock has warned of them.
    if (action === 'none' || action === 'outdated') for (const { message } of halfway) context.reporter.warn(message)
    return {
      dialect: dialect.name,
      action,
      from: before.current,
      to: after.current,
      applied: [],
      upToDate: after.pending.length === 0 && halfway.length === 0,
      halfway: halfway.length === 0 ? undefined : halfway,
      ...done,
    }
  }

  if (before.unknown.length > 0 && (before.pending.length === 0 || !migrate)) context.reporter.warn(aheadText(before))
  if (before.pending.length === 0) {
    await warnOfKept()
    return report('none', before)
  }
  if (!migrate) {
    context.reporter.warn(outdatedText(before))
    return report('outdated', before)
  }
  return work().bringUpToDate(context, dialect, queryRunner, options, report)
}

function outdatedText({ current, heads }: State): string {
  const target = heads.length > 1 ? ' heads' : ''
  return (
    `Database not up to date: current ${current.join(', ') || 'base'}, ` +
    `head ${heads.join(', ')}; run \`aludel migrate upgrade${target}\``
  )
}

function aheadText({ unknown }: State): string {
  return `The database is ahead of these revisions: ${upToThree(unknown)} applied, without a revision file`
}
