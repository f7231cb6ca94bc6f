import type { DataSource } from 'typeorm'

import type { RebaseOptions } from './branches/rebase'
import type { CheckOptions } from './inspect/check'
import { MigratorContext } from './project/context'
import type { MigratorOptions } from './project/options'
import type { CreateOptions } from './create/create'
import type { MergeOptions, MergeResult } from './branches/merge'
import { AludelError } from './errors'
import { checkHeads, type HeadsOption } from './inspect/check-heads'
import type { GraphOptions } from './inspect/document'
import type { EditOptions } from './inspect/edit'
import { commands } from './lazy'
import { readDatabaseInfo, readHistory, revisionInfos } from './inspect/inspect'
import type {
  BranchesResult,
  CheckResult,
  CreateResult,
  CurrentResult,
  DatabaseInfoResult,
  EditResult,
  GraphResult,
  HeadsResult,
  PlanResult,
  RebaseResult,
  RepairResult,
  RevisionsResult,
  RunResult,
  SqlResult,
  SquashResult,
  StampResult,
  UnlockResult,
  VerifyResult,
} from './results'
import { needsApplied, resolve } from './revision/identifier'
import { isRange, revisionsInRange } from './revision/range'
import type { Direction } from './revision/revision'
import type { RepairOptions } from './repair/repair'
import type { MigrateOptions } from './run/run'
import { planTo } from './run/plan-to'
import type { StampOptions } from './run/stamp'
import type { UnlockOptions } from './run/unlock'
import type { State } from './history/state'
import type { SquashOptions } from './squash/squash'
import type { InitializeOptions, InitializeResult } from './run/start-up'
import { plural } from './text'

/** How a downgrade is confirmed; see {@link Migrator.downgrade}. */
export interface DowngradeOptions extends MigrateOptions {
  /** Shown what will be undone and lost; false stops. Absent: nobody is asked, as suits a program. */
  readonly confirm?: (plan: PlanResult) => Promise<boolean>
}

/**
 * Migrations of one project: every command of `aludel migrate` is one method here.
 *
 * Files are read and the database is connected when a method first needs them; `close` gives back what was opened.
 * Nothing is printed, asked or ended: progress comes as events, questions are callbacks, failures are `AludelError`s.
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
    this.#context = new MigratorContext(options)
  }

  /**
   * What is applied, against what there is.
   *
   * @param options `checkHeads`: throw unless every head is applied; `verbose`: also what is wrong between the history
   *   and the files, which costs a query more
   * @throws AludelError `ALUDEL_NOT_AT_HEAD` with `checkHeads`
   */
  async current(options: { readonly checkHeads?: boolean; readonly verbose?: boolean } = {}): Promise<CurrentResult> {
    const result = await readCurrent(this.#context, options.verbose === true)
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
   * The revisions, newest first.
   *
   * @param options `range`: `A:B`, both ends inclusive; `indicateCurrent`: ask the database what is applied
   */
  async history(
    options: { readonly range?: string; readonly indicateCurrent?: boolean } = {},
  ): Promise<RevisionsResult> {
    const { revisions } = await readHistory(this.#context, options)
    return { revisions }
  }

  /** Revisions that are nobody's parent. */
  async heads(): Promise<HeadsResult> {
    const { graph } = await this.#context.revisions.read()
    return { heads: revisionInfos(graph, graph.heads, null) }
  }

  /** Revisions that more than one other names as its parent. */
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
   * Every revision that REV names.
   *
   * @throws AludelError `ALUDEL_UNKNOWN_REVISION`, `ALUDEL_AMBIGUOUS_REVISION`, `ALUDEL_MALFORMED_REVISION`
   */
  async show(rev: string): Promise<RevisionsResult> {
    const state = needsApplied(rev) ? await this.#context.state() : null
    const graph = state?.graph ?? (await this.#context.revisions.read()).graph
    const { ids } = resolve(graph, rev, { purpose: 'show', ...(state === null ? {} : { applied: state.applied }) })
    return {
      revisions: revisionInfos(
        graph,
        ids.map((id) => graph.get(id)),
        state,
      ),
    }
  }

  /**
   * The graph of the revisions as a document: Mermaid, Graphviz or SVG. For a terminal, `drawLanes` takes what
   * {@link history} returns.
   *
   * @throws AludelError as {@link show}
   * @example
   * const { text } = await migrator.graph({ format: 'svg', indicateCurrent: true })
   */
  graph(options: GraphOptions = {}): Promise<GraphResult> {
    return commands.document().drawDocument(this.#context, options)
  }

  /**
   * The files of revisions, for somebody to edit.
   *
   * @param options `open`: lets them be edited; when it resolves the revisions are read again
   * @throws AludelError as {@link show}, and `ALUDEL_UNKNOWN_REVISION` for a REV that has no file (`base`). After `open`:
   *   what is wrong with the files now, `ALUDEL_REVISION_SYNTAX`, `ALUDEL_DUPLICATE_REVISION` …, and
   *   `ALUDEL_REVISION_INVALID` when a revision has lost its id
   */
  edit(revisions: readonly string[], options: EditOptions = {}): Promise<EditResult> {
    return commands.edit().editRevisions(this.#context, revisions, options)
  }

  /**
   * Applies what is pending up to `target`, each revision in its own transaction, under the lock.
   *
   * @param target a REV; default `head`
   * @throws AludelError `ALUDEL_STATEMENT` naming revision and statement (that revision is rolled back, those before
   *   it stay), `ALUDEL_LOCKED`, `ALUDEL_MULTIPLE_HEADS`, `ALUDEL_INTERRUPTED` …; before anything runs
   *   `ALUDEL_UNKNOWN_APPLIED`, `ALUDEL_REVISION_EDITED`, `ALUDEL_OUT_OF_ORDER`: see {@link repair}
   */
  upgrade(target = 'head', options: MigrateOptions = {}): Promise<RunResult> {
    return commands.run().runTo(this.#context, 'upgrade', target, options)
  }

  /**
   * Undoes applied revisions down to `target`.
   *
   * @param target a REV; default `-1`
   * @throws AludelError as {@link upgrade}; `ALUDEL_CONFIRMATION` when `confirm` says no
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

  /** The steps that `upgrade` or `downgrade` would take, what each destroys and locks. Nothing is written. */
  async plan(direction: Direction, target = direction === 'upgrade' ? 'head' : '-1'): Promise<PlanResult> {
    const context = this.#context
    return context.connection.withRunner(async (runner, dialect) => {
      const { prepare, planResult } = commands.plan()
      const plan = await prepare(context, dialect, runner, (state) => planTo(direction, state, target), {
        effects: 'always',
      })
      commands.guard().warnBeforeRun(plan, { warn: context.reporter.warn, showsSteps: true })
      return planResult(dialect, plan)
    })
  }

  /**
   * The script that `psql` or `sqlite3` can run instead: same schema, same history. Nothing is written.
   *
   * @param target a REV (the database is asked what is applied), or `A:B` (no database at all)
   */
  async sql(direction: Direction, target = direction === 'upgrade' ? 'head' : '-1'): Promise<SqlResult> {
    const statements = isRange(target)
      ? await commands.offline().offlineRange(this.#context, direction, target)
      : await commands.offline().offlineRun(this.#context, (state) => planTo(direction, state, target))
    return { statements }
  }

  /**
   * Writes a revision from the entities, proved on shadow databases of every dialect of the project.
   *
   * @throws AludelError `ALUDEL_RENAME_QUESTION`, `ALUDEL_CONFIRMATION`, `ALUDEL_CONVERSION`, `ALUDEL_PROOF`, `ALUDEL_ENTITIES`,
   *   `ALUDEL_REPLAY`
   * @example
   * await migrator.create('add priority to workflows', {
   *   rename: ['workflows.prio=priority'],
   *   backfill: ["workflows.team='nobody'"],
   * })
   */
  create(message: string, options: CreateOptions = {}): Promise<CreateResult> {
    return commands.create().createRevision(this.#context, message, options)
  }

  /**
   * Writes a revision with several parents and nothing to do, after a look whether they commute.
   *
   * @throws AludelError `ALUDEL_BRANCH_CONFLICT` when the branches meet somewhere and `confirm` does not say yes
   */
  merge(revisions: readonly string[], options: MergeOptions = {}): Promise<MergeResult> {
    return commands.merge().mergeRevisions(this.#context, revisions, options)
  }

  /**
   * Whether branches commute, and what both touch: replayed in both orders on shadow databases of every dialect.
   *
   * @param revs two or more REVs; default all heads
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
   * Writes one revision in the place of several, with the same schema and the same rows in the end, proved on shadow
   * databases. The old files stay until every database has them all.
   *
   * @param range `A:B`, both ends included
   * @throws AludelError `ALUDEL_SQUASH` naming what is in the way or cannot be kept, `ALUDEL_PROOF`, `ALUDEL_REPLAY`
   * @example
   * const { created, kept } = await migrator.squash('base:head')
   */
  squash(range: string, options: SquashOptions = {}): Promise<SquashResult> {
    return commands.squash().squash(this.#context, range, options)
  }

  /**
   * Ends a lease that nobody renews any more, and says who had it. A session lock ends with its session and is never
   * ended here.
   *
   * @param options `force`: also a lease that is alive; `confirm`: shown the lease before it is ended
   * @throws AludelError `ALUDEL_LOCK_LIVE` when its holder is alive; `ALUDEL_CONFIRMATION` when `confirm` says no
   * @example
   * const { lock, removed } = await migrator.unlock() // { lock: null, removed: false }: nobody holds it
   */
  unlock(options: UnlockOptions = {}): Promise<UnlockResult> {
    return commands.unlock().unlock(this.#context, options)
  }

  /** Sets what counts as applied without running anything, after a look at the database's shape. */
  stamp(revisions: readonly string[], options: StampOptions = {}): Promise<StampResult> {
    return commands.stamp().stampRevisions(this.#context, revisions, options)
  }

  /** The script of a stamp, for `psql` or `sqlite3`. */
  async stampSql(revisions: readonly string[], options: Pick<StampOptions, 'purge'> = {}): Promise<SqlResult> {
    return { statements: await commands.offline().offlineStamp(this.#context, revisions, options) }
  }

  /**
   * Mends what is wrong between the history and the files, or only says what is: files that were edited after they were
   * applied, rows that no file has, rows that are missing or out of order. No revision is run.
   *
   * @throws AludelError `ALUDEL_CONFIRMATION` when `confirm` says no, `ALUDEL_OUT_OF_ORDER`, `ALUDEL_STAMP_MISMATCH`,
   *   `ALUDEL_UNKNOWN_REVISION`, `ALUDEL_LOCKED` …
   * @example
   * const { findings } = await migrator.repair()
   * await migrator.repair({ revisions: ['3f9c'], remove: ['Old1763750000000'] })
   */
  repair(options: RepairOptions = {}): Promise<RepairResult> {
    return commands.repair().repair(this.#context, options)
  }

  /**
   * Do the entities match the revisions, and with `database` the live database its own? With `heads` alone only the
   * revision files are read, and the answer is whether they have one head.
   */
  async check(options: CheckOptions & HeadsOption = {}): Promise<CheckResult> {
    if (options.heads !== true) return commands.check().checkProject(this.#context, options)
    const heads = await checkHeads(this.#context)
    if (options.database !== true) return heads
    const whole = await commands.check().checkProject(this.#context, options)
    return { ...whole, clean: whole.clean && heads.clean, heads: heads.heads }
  }

  /**
   * Replays revisions on shadow databases: up, down, up.
   *
   * @param range `A:B`; default all
   */
  async verify(range?: string): Promise<VerifyResult> {
    const { graph } = await this.#context.revisions.read()
    const asksDatabase = range !== undefined && needsApplied(range)
    const options = asksDatabase ? { applied: (await this.#context.state()).applied } : {}
    const revisions = range === undefined ? graph.all : revisionsInRange(graph, range, options)
    return commands.verify().verifyRevisions(this.#context, new Set(revisions.map(({ id }) => id)))
  }

  /** Where the database is, its version, its tables with row counts and sizes. */
  info(): Promise<DatabaseInfoResult> {
    return readDatabaseInfo(this.#context)
  }

  /** What an application does at start-up; see {@link initializeDatabase}. */
  initialize(options: InitializeOptions = {}): Promise<InitializeResult> {
    return commands.startUp().initialize(this.#context, options)
  }

  /**
   * The DataSource of the project, connected: for work with its entities. `close` closes it again.
   *
   * @throws AludelError `ALUDEL_CONNECT` and its kin, `ALUDEL_ENTITIES`
   */
  connect(): Promise<DataSource> {
    return this.#context.connection.connected()
  }

  /** Closes what was opened here; a DataSource that came initialized stays so. */
  close(): Promise<void> {
    return this.#context.close()
  }
}

async function readCurrent(context: MigratorContext, verbose: boolean): Promise<CurrentResult> {
  const light = verbose ? null : await context.connection.readConnection()
  const summarize = (state: State, database: CurrentResult['database']): CurrentResult => ({
    current: state.current,
    heads: state.heads,
    pending: state.pending.length,
    upToDate: state.pending.length === 0,
    database,
    unknown: state.unknown,
    ...(state.unfinished.length > 0 && {
      unfinished: state.unfinished.map(({ squash, missing }) => ({
        revision: squash.id,
        missing: missing.map(({ id }) => id),
      })),
    }),
  })
  if (light !== null) return summarize(await context.state(), { dialect: light.dialect, name: light.name })
  return context.connection.withRunner(async (runner, dialect) => {
    // The history is asked first: reading it turns what a driver says of a bad file or a missing right into our codes.
    const examined = verbose ? await commands.findings().examine(context, runner) : undefined
    const state = examined?.state ?? (await context.state(runner))
    const { name } = await dialect.introspection.describe(runner)
    const result = summarize(state, { dialect: dialect.name, name })
    return examined === undefined ? result : { ...result, findings: examined.findings }
  })
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
