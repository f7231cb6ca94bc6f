import type { DataSource } from 'typeorm'

import type { AdoptOptions } from './adopt/adoption'
import type { BackupPlace } from './backup/create'
import type { PruneBackupsOptions } from './backup/prune'
import type { RestoreBackupOptions } from './backup/restore'
import type { DropReplacedOptions } from './backup/restore-leftovers'
import type { RebaseOptions } from './branches/rebase'
import type { CheckOptions } from './inspect/check'
import { askedRevisions } from './project/asked'
import { MigratorContext } from './project/context'
import type { MigratorOptions } from './project/options'
import type { CreateOptions } from './create/options'
import type { PreviewCreateOptions } from './create/preview'
import type { MergeOptions, MergeResult } from './branches/merge'
import { AludelError } from './errors'
import { checkHeads, type HeadsOption } from './inspect/check-heads'
import type { GraphOptions } from './inspect/document'
import type { EditOptions } from './inspect/edit'
import type { JournalOptions } from './inspect/journal'
import type { DriftOptions } from './inspect/drift'
import { commands } from './lazy'
import type { SchemaDifferenceOptions, SchemaOptions } from './inspect/schema'
import type { VerifyOptions } from './inspect/verify'
import type { WaitOptions } from './inspect/wait'
import type { LintOptions } from './inspect/lint/lint'
import type { StoryOptions } from './inspect/story/story'
import {
  type HistoryOptions,
  type InfoOptions,
  readDatabaseEstimate,
  readDatabaseInfo,
  readHistory,
  readShown,
  revisionInfos,
} from './inspect/inspect'
import type {
  AdoptResult,
  BackupCheckResult,
  BackupPruneResult,
  BackupResult,
  BackupsResult,
  BranchesResult,
  CheckResult,
  CreatePreview,
  CreateResult,
  CurrentResult,
  DatabaseEstimateResult,
  DatabaseInfoResult,
  DriftResult,
  DropReplacedResult,
  EditResult,
  GraphResult,
  HeadsResult,
  JournalResult,
  KeptResult,
  LintResult,
  LintRuleInfo,
  PlanResult,
  PruneKeptResult,
  RebaseResult,
  RepairResult,
  RestoreResult,
  RevisionDetails,
  RevisionsResult,
  RunResult,
  SchemaDifference,
  SchemaDocument,
  SizedPlanResult,
  SqlResult,
  SquashResult,
  StampResult,
  Story,
  TestResult,
  UnlockResult,
  VerifyResult,
  WaitResult,
  WrittenTest,
} from './results'
import { resolve } from './revision/identifier'
import { isRange } from './revision/range'
import type { Direction } from './revision/revision'
import type { RepairOptions } from './repair/repair'
import type { MigrateOptions } from './run/run'
import { planTo } from './run/plan-to'
import type { PruneKeptOptions } from './run/prune-kept'
import type { StampOptions } from './run/stamp'
import type { UnlockOptions } from './run/unlock'
import type { SquashOptions } from './squash/squash'
import type { InitializeOptions, InitializeResult } from './run/start-up'
import type { TestOptions } from './testing/test'
import { plural } from './text'

/** Options of {@link Migrator.downgrade}. */
export interface DowngradeOptions extends MigrateOptions {
  /** Receives the plan before it runs; false stops. Absent: the downgrade runs without confirmation. */
  readonly confirm?: (plan: PlanResult) => Promise<boolean>
}

/** Options of {@link Migrator.plan}. */
export interface PlanOptions extends Pick<
  MigrateOptions,
  'keepDropped' | 'backup' | 'restoreOnFailure' | 'expectHead' | 'transaction'
> {
  /** Add the sizes of the tables, what would be backed up, and a fingerprint. Default is false. */
  readonly sizes?: boolean
  /**
   * Run the steps on shadow databases with sample rows, and add what each statement locks, rewrites and reads, and how long each step
   * would keep others waiting: see {@link PlanStep}. Default is false.
   */
  readonly trace?: boolean
}

/** How {@link Migrator.sql} writes a script. */
export type SqlOptions = Pick<MigrateOptions, 'transaction' | 'expectHead'>

/** The contexts from which others are derived, by the options of these. */
const bases = new WeakMap<MigratorOptions, MigratorContext>()

/**
 * The migrations of one project. Every command of `aludel migrate` is one method.
 *
 * Files are read and the database is connected when a method first needs them; `close` releases them. No method prints,
 * prompts or ends the process: progress is reported as events, questions are callbacks, failures are `AludelError`s.
 *
 * @example
 * const migrator = new Migrator({ dataSource, revisions: 'src/migrations' })
 * try {
 *   const { steps } = await migrator.upgrade()
 *   console.log(`${steps.length} revisions applied`)
 * } finally {
 *   await migrator.close()
 * }
 */
export class Migrator {
  readonly #context: MigratorContext

  constructor(options: MigratorOptions) {
    this.#context = new MigratorContext(options, bases.get(options))
  }

  /**
   * A `Migrator` of the same project with some other options: another signal, listener, actor or DataSource. What this one has read of
   * the revision files is used as long as they look the same, so that a server can have a `Migrator` for each request. Each is closed
   * on its own.
   *
   * @param options not `revisions` and `root`, which are those of this one
   * @example
   * const forThisRun = migrator.derive({ signal, onEvent })
   */
  derive(options: Partial<Omit<MigratorOptions, 'revisions' | 'root' | 'cacheDirectory'>>): Migrator {
    const all: MigratorOptions = { ...this.#context.options, ...options }
    bases.set(all, this.#context)
    return new Migrator(all)
  }

  /**
   * Compares the applied revisions with the revision files.
   *
   * @param options `checkHeads`: throw unless every head is applied; `verbose`: add `findings`, the inconsistencies
   *   between the history and the files, with further queries
   * @throws AludelError `ALUDEL_NOT_AT_HEAD` with `checkHeads`
   */
  async current(options: { readonly checkHeads?: boolean; readonly verbose?: boolean } = {}): Promise<CurrentResult> {
    const result = await commands.current().readCurrent(this.#context, options.verbose === true)
    if (options.checkHeads === true && !result.upToDate) {
      throw new AludelError(
        'ALUDEL_NOT_AT_HEAD',
        `the database is not at the head: ${plural(result.pending, 'revision is', 'revisions are')} pending`,
        {
          help: `Current: ${result.current.join(', ') || 'base'}. Heads: ${result.heads.join(', ')}. Run \`aludel migrate upgrade heads\`.`,
          details: { ...result },
        },
      )
    }
    return result
  }

  /**
   * Waits until the database has all revisions of the files: for a process that must not start before another one has migrated. It
   * writes nothing, takes no lock, and needs only the rights to connect and to read the history. A server that is not there yet, and
   * a database that does not exist yet, are waited for, too.
   *
   * A database that also has revisions of a newer release is ready: processes of the old release may start again while a new one is
   * rolled out.
   *
   * @throws AludelError `ALUDEL_WAIT_TIMEOUT`, `ALUDEL_INTERRUPTED`; at once the errors that waiting does not mend
   * @example
   * await migrator.wait({ timeoutMs: 60_000, onWait: ({ message }) => console.log(`waiting: ${message}`) })
   */
  wait(options: WaitOptions = {}): Promise<WaitResult> {
    return commands.wait().waitForDatabase(this.#context, options)
  }

  /**
   * Lists the revisions, newest first.
   *
   * @param options `range`, `indicateCurrent`, `details`: see {@link HistoryOptions}
   */
  async history(options: HistoryOptions = {}): Promise<RevisionsResult> {
    const { revisions } = await readHistory(this.#context, options)
    return { revisions }
  }

  /** Lists the heads: the revisions that are not a parent of another one. */
  async heads(): Promise<HeadsResult> {
    const { graph } = await this.#context.revisions.read()
    return { heads: revisionInfos(graph, graph.heads, null) }
  }

  /** Lists the branch points: the revisions that are the parent of several others. */
  async branches(): Promise<RevisionsResult> {
    const { graph } = await this.#context.revisions.read()
    return {
      revisions: revisionInfos(
        graph,
        graph.all.filter(({ id }) => graph.isBranchPoint(id)),
        null,
      ).reverse(),
    }
  }

  /**
   * The revisions to which a REV resolves.
   *
   * @param options `details`: also what they do, and whether, when and by whom the database had them applied
   * @throws AludelError `ALUDEL_UNKNOWN_REVISION`, `ALUDEL_AMBIGUOUS_REVISION`, `ALUDEL_MALFORMED_REVISION`
   */
  show(rev: string, { details = false }: { readonly details?: boolean } = {}): Promise<RevisionsResult> {
    return readShown(this.#context, rev, details)
  }

  /**
   * Everything that is known of one revision without running it: the text of its file, what its upgrade does and loses, its
   * statements by dialect, its runs in the journal, and what is wrong with it.
   *
   * @param rev a REV that names one revision
   * @throws AludelError as {@link show}, and `ALUDEL_AMBIGUOUS_REVISION` for a REV that names several
   * @example
   * const { does, destroys, sql, runs } = await migrator.describe('head')
   */
  describe(rev: string): Promise<RevisionDetails> {
    return commands.describe().describeRevision(this.#context, rev)
  }

  /**
   * Renders the graph of revisions as Mermaid, Graphviz or SVG. For a terminal, pass the revisions of {@link history} to
   * `drawLanes`.
   *
   * @throws AludelError as {@link show}
   * @example
   * const { text } = await migrator.graph({ format: 'svg', indicateCurrent: true })
   */
  graph(options: GraphOptions = {}): Promise<GraphResult> {
    return commands.document().drawDocument(this.#context, options)
  }

  /**
   * Finds the files of revisions, opens them with `open` and validates them afterwards.
   *
   * @throws AludelError as {@link show}, and `ALUDEL_UNKNOWN_REVISION` for a REV without a file (`base`). After `open`, the
   *   errors of the edited files: `ALUDEL_REVISION_SYNTAX`, `ALUDEL_DUPLICATE_REVISION` …, and `ALUDEL_REVISION_INVALID`
   *   when the id of a revision was removed
   */
  edit(revisions: readonly string[], options: EditOptions = {}): Promise<EditResult> {
    return commands.edit().editRevisions(this.#context, revisions, options)
  }

  /**
   * Applies the pending revisions up to `target`, each in its own transaction, under the migration lock.
   *
   * @param target a REV. Default is `head`.
   * @throws AludelError `ALUDEL_STATEMENT` with the revision and the statement (that revision is rolled back, earlier ones
   *   stay applied), `ALUDEL_LOCKED`, `ALUDEL_MULTIPLE_HEADS`, `ALUDEL_INTERRUPTED` …; before any statement
   *   `ALUDEL_PLAN_CHANGED` with `expect`, `ALUDEL_UNEXPECTED_HEAD` with `expectHead`, `ALUDEL_UNKNOWN_APPLIED`, `ALUDEL_REVISION_EDITED`, `ALUDEL_OUT_OF_ORDER`: see {@link repair}
   */
  upgrade(target = 'head', options: MigrateOptions = {}): Promise<RunResult> {
    return commands.run().runTo(this.#context, 'upgrade', target, options)
  }

  /**
   * Undoes applied revisions down to `target`.
   *
   * @param target a REV. Default is `-1`.
   * @throws AludelError as {@link upgrade}; `ALUDEL_CONFIRMATION` when `confirm` returns false
   */
  async downgrade(target = '-1', options: DowngradeOptions = {}): Promise<RunResult> {
    const { confirm, ...rest } = options
    if (confirm === undefined) return commands.run().runTo(this.#context, 'downgrade', target, rest)
    const plan = await this.plan('downgrade', target)
    if (plan.steps.length > 0 && !(await confirm(plan))) throw notConfirmed(plan)
    return commands.run().runTo(this.#context, 'downgrade', target, {
      ...rest,
      expectedSteps: plan.steps.map((step) => step.revision),
    })
  }

  /**
   * The steps that `upgrade` or `downgrade` would take, with their losses and locks, what would be kept of them, and what is given
   * back. Writes nothing.
   *
   * @param options `keepDropped`: as that of the run; `sizes`: see {@link SizedPlanResult}, for which `backup` and
   *   `restoreOnFailure` are those of the run
   * @example
   * const { steps, fingerprint } = await migrator.plan('upgrade', 'head', { sizes: true })
   * // … show it, and ask …
   * await migrator.upgrade('head', { expect: fingerprint })
   */
  plan(
    direction: Direction,
    target: string | undefined,
    options: PlanOptions & { readonly sizes: true },
  ): Promise<SizedPlanResult>
  plan(direction: Direction, target?: string, options?: PlanOptions): Promise<PlanResult>
  async plan(
    direction: Direction,
    target = direction === 'upgrade' ? 'head' : '-1',
    options: PlanOptions = {},
  ): Promise<PlanResult> {
    const context = this.#context
    const { expectHead } = options
    if (expectHead !== undefined) await commands.expectation().refuseUnexpected(context, expectHead)
    const shown = await context.connection.withReader(async (runner, dialect) => {
      const { prepare, planResult } = commands.plan()
      const plan = await prepare(context, dialect, runner, (state) => planTo(direction, state, target), {
        effects: 'always',
      })
      if (options.transaction === 'all') commands.steps().refuseOutside(plan.steps)
      commands.guard().warnBeforeRun(plan, { warn: context.reporter.warn, showsSteps: true })
      const keeping = await commands.keeping().keepingOf(context, dialect, runner, plan, options)
      const result = planResult(dialect, plan, keeping)
      return options.sizes === true
        ? commands.sizes().withSizes(context, dialect, runner, plan, result, options)
        : result
    })
    return options.trace === true ? commands.tracePlan().withTrace(context, shown, options) : shown
  }

  /**
   * Reads a page of the journal: which revisions were applied, undone or stamped, when, by whom, and how it ended. Newest entry
   * first; empty if nothing has run yet. Needs only the right to read.
   *
   * @throws AludelError `ALUDEL_USAGE` if `before` or `limit` is not valid; `ALUDEL_PERMISSION`
   * @example
   * const { runs, next } = await migrator.journal({ outcome: 'failed', limit: 20 })
   * if (next !== null) await migrator.journal({ outcome: 'failed', limit: 20, before: next })
   */
  journal(options: JournalOptions = {}): Promise<JournalResult> {
    return commands.journal().readJournal(this.#context, options)
  }

  /** What upgrades with `keepDropped` have set aside in the database, oldest first. */
  kept(): Promise<KeptResult> {
    return commands.kept().listKept(this.#context)
  }

  /**
   * Removes what is kept, for good: what is past the time of the configuration, unless the options choose otherwise.
   *
   * @throws AludelError `ALUDEL_USAGE` if the configuration has no time and the options choose nothing; `ALUDEL_CONFIRMATION` when
   *   `confirm` returns false
   * @example
   * const { pruned, left } = await migrator.pruneKept({ olderThan: '30d' })
   */
  pruneKept(options: PruneKeptOptions = {}): Promise<PruneKeptResult> {
    return commands.pruneKept().pruneKept(this.#context, options)
  }

  /**
   * A script for `psql` or `sqlite3` with the same effect as `upgrade` or `downgrade`, including the history. Writes
   * nothing.
   *
   * @param target a REV (reads the history of the database), or `A:B` (needs no database)
   * @throws AludelError `ALUDEL_TRANSACTION_MODE` when the script cannot be one transaction
   */
  async sql(
    direction: Direction,
    target = direction === 'upgrade' ? 'head' : '-1',
    { transaction = 'each', expectHead }: SqlOptions = {},
  ): Promise<SqlResult> {
    const { offlineRange, offlineRun } = commands.offline()
    if (expectHead !== undefined) {
      const { refuseOtherHead, refuseUnexpected } = commands.expectation()
      await (isRange(target) ? refuseOtherHead : refuseUnexpected)(this.#context, expectHead)
    }
    const statements = isRange(target)
      ? await offlineRange(this.#context, direction, target, transaction)
      : await offlineRun(this.#context, (state) => planTo(direction, state, target), transaction)
    return { statements }
  }

  /**
   * Writes a revision with the changes of the entities, proved on shadow databases of every dialect of the project.
   *
   * @throws AludelError `ALUDEL_RENAME_QUESTION`, `ALUDEL_CONFIRMATION`, `ALUDEL_CONVERSION`, `ALUDEL_PROOF`, `ALUDEL_ENTITIES`,
   *   `ALUDEL_REPLAY`
   * @example
   * await migrator.create('add priority to workflows', {
   *   rename: ['workflows.prio=priority'],
   *   backfill: ["workflows.team='nobody'"],
   * })
   */
  async create(message: string, options: CreateOptions = {}): Promise<CreateResult> {
    const result = await commands.create().createRevision(this.#context, message, options)
    if (options.test !== true || result.created === null) return result
    this.#context.revisions.forget()
    const { path } = await this.writeTest(result.created.revision)
    return { ...result, test: path }
  }

  /**
   * Does the work of {@link create} without writing anything: open questions are returned as data, and the file, proved, as a text.
   *
   * @throws AludelError as {@link create}, except for questions and confirmations
   * @example
   * const preview = await migrator.previewCreate('name them in full', { rename: ['users.name=full_name'] })
   * if (preview.state === 'ready') console.log(preview.file.source)
   */
  previewCreate(message: string, options: PreviewCreateOptions = {}): Promise<CreatePreview> {
    return commands.preview().previewCreate(this.#context, message, options)
  }

  /**
   * Writes an empty revision with several parents, after checking whether their branches commute.
   *
   * @throws AludelError `ALUDEL_BRANCH_CONFLICT` when the branches conflict and `confirm` does not return true
   */
  merge(revisions: readonly string[], options: MergeOptions = {}): Promise<MergeResult> {
    return commands.merge().mergeRevisions(this.#context, revisions, options)
  }

  /**
   * Finds out whether branches commute, and the objects that both touch: replays them in both orders on shadow databases of
   * every dialect.
   *
   * @param revs two or more REVs. Default: all heads.
   */
  async compareBranches(revs: readonly string[] = ['heads']): Promise<readonly BranchesResult[]> {
    const { graph } = await this.#context.revisions.read()
    const ids = new Set(revs.flatMap((rev) => resolve(graph, rev, { purpose: 'show' }).ids))
    return commands.branches().compareBranches(this.#context, [...ids])
  }

  /**
   * Moves a branch that is not applied yet on top of another head, proved on shadow databases.
   *
   * @throws AludelError `ALUDEL_REVISION_APPLIED`, `ALUDEL_PROOF`, `ALUDEL_NOTHING_TO_DO`, `ALUDEL_MULTIPLE_HEADS`
   * @example
   * await migrator.rebase('8a1b', { onto: '3f9c' })
   */
  rebase(rev: string, options: RebaseOptions = {}): Promise<RebaseResult> {
    return commands.rebase().rebase(this.#context, rev, options)
  }

  /**
   * Writes one revision that replaces several and leaves the same schema and rows, proved on shadow databases. Keep the
   * old files until every database has applied all of them.
   *
   * @param range `A:B`, both ends inclusive
   * @throws AludelError `ALUDEL_SQUASH` naming the revision that cannot be squashed, `ALUDEL_PROOF`, `ALUDEL_REPLAY`
   * @example
   * const { created, kept } = await migrator.squash('base:head')
   */
  squash(range: string, options: SquashOptions = {}): Promise<SquashResult> {
    return commands.squash().squash(this.#context, range, options)
  }

  /**
   * Removes an expired lease. A session lock is released with its session and is never removed here.
   *
   * @param options `force`: also remove a live lease; `confirm`: receives the lease before it is removed
   * @returns the holder of the lease
   * @throws AludelError `ALUDEL_LOCK_LIVE` when the lease is live; `ALUDEL_CONFIRMATION` when `confirm` returns false
   * @example
   * const { lock, removed } = await migrator.unlock() // { lock: null, removed: false }: the lock is free
   */
  unlock(options: UnlockOptions = {}): Promise<UnlockResult> {
    return commands.unlock().unlock(this.#context, options)
  }

  /**
   * Marks revisions as applied without running them, if the schema of the database matches.
   *
   * @throws AludelError `ALUDEL_STAMP_MISMATCH` when the schema differs, unless `force` is set
   */
  stamp(revisions: readonly string[], options: StampOptions = {}): Promise<StampResult> {
    return commands.stamp().stampRevisions(this.#context, revisions, options)
  }

  /** The script of a stamp, for `psql` or `sqlite3`. */
  async stampSql(revisions: readonly string[], options: Pick<StampOptions, 'purge'> = {}): Promise<SqlResult> {
    return { statements: await commands.offline().offlineStamp(this.#context, revisions, options) }
  }

  /**
   * Takes over a database that others made: by hand, with `synchronize`, or with another tool. Finds the newest revision whose schema
   * it has, and records that as applied. Where only names of constraints and indexes differ, renames them first; where there are no
   * revisions, writes the first one from the database. Rows are read and changed only with `convert`: where no revision has the schema
   * of the database, it gives it that of the nearest one, in one transaction, with all rows and their values.
   *
   * @returns `differences` from the nearest revision, if no revision has the schema of the database and it was not converted; nothing
   *   was changed then
   * @throws AludelError `ALUDEL_HISTORY_EXISTS` for a database that has run these revisions, `ALUDEL_NOTHING_TO_DO` for one without
   *   tables, `ALUDEL_CONFIRMATION` when `confirm` returns false, `ALUDEL_ADOPT_CONVERSION` when `convert` is true and a row or a value
   *   would be lost, `ALUDEL_REPLAY`, `ALUDEL_PROOF`, `ALUDEL_LOCKED`, `ALUDEL_TABLE_LOCKED` …
   * @example
   * const { tool, matches, differences } = await migrator.adopt({ confirm: (plan) => askSomebody(plan) })
   *
   * @example
   * const { conversion } = await migrator.adopt({ convert: true, map: ['tasks.state.ON_HOLD=open'] })
   */
  adopt(options: AdoptOptions = {}): Promise<AdoptResult> {
    return commands.adopt().adoptDatabase(this.#context, options)
  }

  /**
   * Lists the inconsistencies between the history and the files, and repairs those that the options name: files that were
   * edited after they were applied, rows without a file, rows that are missing or out of order. Runs no revision.
   *
   * @throws AludelError `ALUDEL_CONFIRMATION` when `confirm` returns false, `ALUDEL_OUT_OF_ORDER`,
   *   `ALUDEL_STAMP_MISMATCH`, `ALUDEL_UNKNOWN_REVISION`, `ALUDEL_LOCKED` …
   * @example
   * const { findings } = await migrator.repair()
   * await migrator.repair({ revisions: ['3f9c'], remove: ['Old1763750000000'] })
   */
  repair(options: RepairOptions = {}): Promise<RepairResult> {
    return commands.repair().repair(this.#context, options)
  }

  /**
   * Compares the entities with the revisions and, with `database`, the live database with its applied revisions. With
   * `heads` alone, reads only the revision files and checks that they have at most one head.
   */
  async check(options: CheckOptions & HeadsOption = {}): Promise<CheckResult> {
    if (options.heads !== true) return commands.check().checkProject(this.#context, options)
    const heads = await checkHeads(this.#context)
    if (options.database !== true) return heads
    const whole = await commands.check().checkProject(this.#context, options)
    return { ...whole, clean: whole.clean && heads.clean, heads: heads.heads }
  }

  /**
   * Compares the live database with its applied revisions as {@link check} does, but makes nothing on its server: for somebody who looks
   * often. The schema of the revisions is that of an earlier replay or, if the options allow it, of one elsewhere.
   *
   * @throws AludelError `ALUDEL_REPLAY`, `ALUDEL_INTERRUPTED`, and the errors of connecting
   * @example
   * const { database, missing } = await migrator.drift({ replay: 500 })
   * if (database === null) console.log(`${missing?.revisions} revisions must be replayed first: check({ database: true })`)
   */
  drift(options: DriftOptions = {}): Promise<DriftResult> {
    return commands.drift().readDrift(this.#context, options)
  }

  /**
   * A text that changes whenever the answer of {@link drift} may have changed: with the schema of the database, its history and the
   * files. Cheap: a few queries, however large the database is.
   *
   * @throws AludelError the errors of connecting
   * @example
   * if ((await migrator.driftState()) !== known.state) known = await migrator.drift()
   */
  driftState(): Promise<string> {
    return commands.drift().readDriftState(this.#context)
  }

  /**
   * Proves revisions on shadow databases, with sample rows: up, down, up.
   *
   * @param range `A:B`. Default: all revisions.
   * @example
   * const { revisions } = await migrator.verify(undefined, { observe: true })
   * const bad = revisions.filter(({ up, down }) => up !== 'ok' || down !== 'ok')
   */
  async verify(range?: string, options: VerifyOptions = {}): Promise<VerifyResult> {
    const revisions = await askedRevisions(this.#context, range)
    return commands.verify().verifyRevisions(this.#context, new Set(revisions.map(({ id }) => id)), options)
  }

  /**
   * Runs the tests beside revisions (`<name of its file>.test.ts`, see `testRevision`) on scratch databases of every dialect. Each test
   * begins at the revision below, inserts its rows, runs the revision, and asserts what is there then. With `hostile`, also runs revisions
   * with rows that they may not expect.
   *
   * @returns a result for each test and dialect, and what hostile rows have found; neither is an error
   * @throws AludelError as {@link verify} for a range; `ALUDEL_TEST_LOAD`, `ALUDEL_TEST_INVALID` and `ALUDEL_TEST_ORPHAN` for a test
   *   file; `ALUDEL_UNKNOWN_TEST` if `only` matches no test; `ALUDEL_SHADOW`, `ALUDEL_INTERRUPTED`
   * @example
   * const { tests } = await migrator.test({ range: 'head' })
   * const failed = tests.filter(({ outcome }) => outcome === 'failed')
   * @example
   * const { hostile } = await migrator.test({ range: 'head', hostile: 'only' })
   * hostile?.findings[0]?.message // 'the upgrade fails if a row has NULL in users.name: column "name" of …'
   */
  test(options: TestOptions = {}): Promise<TestResult> {
    return commands.test().testRevisions(this.#context, options)
  }

  /**
   * Writes a first test beside a revision that has none: sample rows of the tables that it changes, and what its upgrade makes of
   * them. The test passes, and shows what the revision does; change the rows to those that matter.
   *
   * @param rev a REV that names one revision
   * @throws AludelError `ALUDEL_REVISION_EXISTS` if there is a test; as {@link show}; `ALUDEL_REVISION_DIRECTORY`, `ALUDEL_SHADOW`
   * @example
   * const { path } = await migrator.writeTest('head')
   */
  writeTest(rev: string): Promise<WrittenTest> {
    return commands.writeTest().writeTest(this.#context, rev)
  }

  /**
   * What revisions block, lose and break, by rules: up and down, on every dialect of the project. Executes no code of them, unless `trace`
   * asks for it.
   *
   * @throws AludelError as {@link verify} for a range; `ALUDEL_CONFIG` if `lint.rules` names no rule; `ALUDEL_GIT`
   * @example
   * const { findings } = await migrator.lint({ range: 'head' })
   * const errors = findings.filter(({ severity }) => severity === 'error')
   */
  lint(options: LintOptions = {}): Promise<LintResult> {
    return commands.lint().lintRevisions(this.#context, options)
  }

  /** The rules of {@link lint}, with their severities in this project. */
  lintRules(): readonly LintRuleInfo[] {
    return commands.lint().lintRules(this.#context)
  }

  /**
   * The tables, columns, keys and indexes of the database, or of a revision: replayed on a shadow database, or from the cache.
   *
   * @throws AludelError as {@link show} for a REV, and `ALUDEL_REPLAY`, `ALUDEL_SHADOW`
   * @example
   * const { tables } = await migrator.schema() // the database
   * const before = await migrator.schema({ at: 'head-1' })
   */
  schema(options: SchemaOptions = {}): Promise<SchemaDocument> {
    return commands.schema().readSchema(this.#context, options)
  }

  /**
   * The operations that lead from one schema to another: between revisions, or a revision and the database (`live`). A rename is a
   * drop and a create here.
   *
   * @throws AludelError as {@link schema}
   * @example
   * const { operations } = await migrator.schemaDifference({ from: 'live', to: 'head' })
   */
  schemaDifference(options: SchemaDifferenceOptions): Promise<SchemaDifference> {
    return commands.schema().compareSchemas(this.#context, options)
  }

  /**
   * The revisions that made, changed, renamed and dropped a table or a column, oldest first; renames are followed backward. Replays
   * all revisions on a shadow database, unless the answer is cached.
   *
   * @throws AludelError `ALUDEL_REPLAY`, `ALUDEL_SHADOW`
   * @example
   * const { events } = await migrator.story({ table: 'orders', column: 'total' })
   * for (const { revision, operations } of events) console.log(revision, operations.join('; '))
   */
  story(options: StoryOptions): Promise<Story> {
    return commands.story().readStory(this.#context, options)
  }

  /**
   * The name and version of the database, and its tables with row counts and sizes.
   *
   * @param options `estimate`: do not count the rows, and wait for nobody who has locked a table; see {@link InfoOptions}
   * @example
   * const { tables } = await migrator.info({ estimate: true })
   */
  info(options: { readonly estimate: true }): Promise<DatabaseEstimateResult>
  info(options?: { readonly estimate?: false }): Promise<DatabaseInfoResult>
  info({ estimate = false }: InfoOptions = {}): Promise<DatabaseInfoResult | DatabaseEstimateResult> {
    return estimate ? readDatabaseEstimate(this.#context) : readDatabaseInfo(this.#context)
  }

  /** Upgrades the database at the start of an application; see {@link initializeDatabase}. */
  initialize(options: InitializeOptions = {}): Promise<InitializeResult> {
    return commands.startUp().initialize(this.#context, options)
  }

  /**
   * Connects the DataSource of the project, to work with its entities. {@link close} closes it.
   *
   * @throws AludelError `ALUDEL_CONNECT`, `ALUDEL_AUTHENTICATION` …, `ALUDEL_ENTITIES`
   */
  connect(): Promise<DataSource> {
    return this.#context.connection.connected()
  }

  /**
   * Makes a backup of the whole database, reads it back to verify it, and writes its manifest. Old backups of the same database that
   * `keep` of the settings does not keep are removed afterwards.
   *
   * @throws AludelError `ALUDEL_BACKUP`, `ALUDEL_BACKUP_TOOLS` when there is no `pg_dump` for the server, `ALUDEL_INTERRUPTED`; no
   *   file is left then
   * @example
   * const { id, path, revision } = await migrator.createBackup()
   */
  createBackup(options: BackupPlace = {}): Promise<BackupResult> {
    return commands.backups().createBackup(this.#context, options)
  }

  /**
   * Lists the backups in the directory, newest first. Needs no database.
   *
   * @throws AludelError `ALUDEL_BACKUP` when the directory cannot be read
   */
  listBackups(options: BackupPlace = {}): Promise<BackupsResult> {
    return commands.backups().listBackups(this.#context, options)
  }

  /**
   * The newest complete backup of this database, as it was made and verified; null if there is none.
   *
   * @throws AludelError `ALUDEL_BACKUP` when the directory cannot be read; where there is any backup, the errors of connecting
   * @example
   * const last = await migrator.lastBackup()
   * if (last !== null) console.log(`${last.createdAt}, ${last.bytes} bytes`)
   */
  lastBackup(options: BackupPlace = {}): Promise<BackupResult | null> {
    return commands.backups().lastBackup(this.#context, options)
  }

  /**
   * Reads a backup again: size, checksums, content and rows. Does not need the database that it is of.
   *
   * @param ref an id, a unique prefix of one, or `latest`
   * @throws AludelError `ALUDEL_UNKNOWN_BACKUP`, `ALUDEL_INTERRUPTED`; not for a damaged backup, which is `ok: false`
   */
  verifyBackup(ref = 'latest', options: BackupPlace = {}): Promise<BackupCheckResult> {
    return commands.backups().verifyBackup(this.#context, ref, options)
  }

  /**
   * Removes the backups of this database that the rules do not keep. The newest one, and those of other databases, always remain.
   *
   * @throws AludelError `ALUDEL_USAGE` without rules, `ALUDEL_CONFIRMATION` when `confirm` returns false, `ALUDEL_BACKUP` when a
   *   file cannot be removed
   * @example
   * await migrator.pruneBackups({ keep: { count: 5, age: '30d' } }) // keeps five, and all of the last 30 days
   */
  pruneBackups(options: PruneBackupsOptions = {}): Promise<BackupPruneResult> {
    return commands.backups().pruneBackups(this.#context, options)
  }

  /**
   * Restores a backup: into a new database or file beside the old one, verified, then swapped. A DataSource that was passed in
   * initialized is closed meanwhile. A backup of tables replaces their rows in one transaction.
   *
   * @param ref an id, a unique prefix of one, or `latest`: the newest one of this database; absent with the option `file`
   * @throws AludelError `ALUDEL_UNKNOWN_BACKUP`, `ALUDEL_RESTORE`, `ALUDEL_CONNECTED` when others are connected,
   *   `ALUDEL_CONFIRMATION` when `confirm` returns false, `ALUDEL_LOCKED`, `ALUDEL_PERMISSION` …; nothing was changed then
   * @example
   * const { kept } = await migrator.restoreBackup('latest')
   */
  restoreBackup(ref?: string, options: RestoreBackupOptions = {}): Promise<RestoreResult> {
    return commands.backups().restoreBackup(this.#context, ref, options)
  }

  /**
   * Drops the databases or files that restores have replaced and kept, and what killed restores have left.
   *
   * @throws AludelError `ALUDEL_CONFIRMATION` when `confirm` returns false, `ALUDEL_CONNECTED` when one is in use
   */
  dropReplaced(options: DropReplacedOptions = {}): Promise<DropReplacedResult> {
    return commands.backups().dropReplaced(this.#context, options)
  }

  /** Closes what was opened here. A DataSource that was passed in initialized stays open. */
  close(): Promise<void> {
    return this.#context.close()
  }
}

function notConfirmed(plan: PlanResult): AludelError {
  const destroys = plan.steps.flatMap((step) => step.destroys)
  return new AludelError(
    'ALUDEL_CONFIRMATION',
    `the downgrade of ${plural(plan.steps.length, 'revision')} was not confirmed`,
    {
      help: [
        ...plan.steps.map(
          ({ revision, message, because, edited }) =>
            `would undo ${revision} ${message}${because === undefined ? '' : ` (too: it ${because})`}${edited === true ? ' (its file was edited after it was applied)' : ''}`,
        ),
        ...destroys.map((text) => `would lose ${text}`),
        'Nothing was changed. Confirm with --yes.',
      ].join('\n'),
      details: { steps: plan.steps.map((step) => step.revision), destroys },
    },
  )
}
