import type { QueryRunner } from 'typeorm'

import { livePair, diffOf } from '../create/diff'
import type { Dialect } from '../dialect/dialect'
import { compare } from '../difference/compare'
import { orderOperations } from '../difference/order'
import { AludelError, isAludelError, messageOf } from '../errors'
import type { State } from '../history/state'
import { findMatch, isEqual, type Match } from '../inspect/match/match'
import { databaseDifferences } from '../inspect/sides'
import { describeOperation } from '../operations'
import type { Operation } from '../operations/operation'
import type { MigratorContext } from '../project/context'
import type { Revision } from '../revision/revision'
import { sameData } from '../schema/json'
import { emptySchema, type Schema } from '../schema/schema'
import { entitySchema, replayedSchema } from '../shadow/schemas'
import { plural, upToThree } from '../text'
import type { BackupOptions } from './back-up'
import { refuseAhead } from './expected-head'
import { planTo } from './plan-to'
import { preflight } from './preflight'
import { inOneTransaction, type Session, underLock } from './session'
import { settingsOf } from './settings'
import { writeStamp } from './stamp'
import type { InitializeOptions, InitializeResult, Report } from './start-up'
import type { TransactionMode } from './steps'
import { runUnderLock } from './under-lock'

/**
 * Brings a database with pending revisions up to date, under the lock: the second part of `initialize`.
 *
 * @throws AludelError `ALUDEL_SCHEMA_MISMATCH`, `ALUDEL_UNKNOWN_APPLIED`, and whatever running the revisions throws
 */
export async function bringUpToDate(
  context: MigratorContext,
  dialect: Dialect,
  queryRunner: QueryRunner,
  options: InitializeOptions,
  report: Report,
): Promise<Omit<InitializeResult, 'warnings'>> {
  await preflight(context, dialect, queryRunner, { planner: toHeads })
  return underLock(await settingsOf(context, dialect, queryRunner), async (session) => {
    const startUp = new StartUp(context, dialect, session, options)
    // Another process may have upgraded the database before this one got the lock.
    const state = await startUp.state()
    if (options.expectHead !== undefined) refuseAhead(state)
    if (state.pending.length === 0) return report('none', state)
    refuseBehindAndAhead(state)
    if (state.applied.size > 0) {
      const applied = await startUp.upgrade('each')
      return report('upgraded', await startUp.state(), { applied })
    }
    const live = await startUp.live()
    if (isEmpty(live)) {
      const applied = await startUp.fill(options.fallback ?? 'none')
      return report(applied === null ? 'created' : 'upgraded', await startUp.state(), { applied: applied ?? [] })
    }
    const match = await findMatch(context, dialect, state.graph, session.queryRunner, live)
    if (match === undefined || !isEqual(match)) {
      if (!(await startUp.isOfOthers(live))) throw await startUp.mismatch(state, match, live)
      const applied = await startUp.upgrade('each')
      return report('upgraded', await startUp.state(), { applied })
    }
    const stamped = nameOf(match, state)
    await startUp.stamp(stamped)
    const { pending } = await startUp.state()
    const applied = pending.length > 0 ? await startUp.upgrade('each') : []
    return report('stamped', await startUp.state(), { applied, stamped })
  })
}

/** The steps of a start-up under the lock. */
class StartUp {
  constructor(
    private readonly context: MigratorContext,
    private readonly dialect: Dialect,
    private readonly session: Session,
    private readonly options: BackupOptions,
  ) {}

  state(): Promise<State> {
    return this.context.state(this.session.queryRunner)
  }

  async live(): Promise<Schema> {
    const { queryRunner } = this.session
    const ignoreTables = await this.context.connection.ignoreTablesOf(queryRunner)
    return this.dialect.introspection.read(queryRunner, { ignoreTables })
  }

  /**
   * Runs all pending revisions, as `upgrade heads` does.
   *
   * @returns the ids that were run
   */
  async upgrade(transaction: TransactionMode): Promise<readonly string[]> {
    const { context, dialect, session, options } = this
    const { done, backup } = await runUnderLock(context, dialect, session, toHeads, { ...options, transaction })
    if (backup !== null) context.reporter.progress(`backed up to ${backup.path}`)
    return done.map(({ step }) => step.revision.id)
  }

  /**
   * Whether everything in the database may belong to other projects: it has their history, and nothing that has the name of
   * something which these revisions create.
   */
  async isOfOthers(live: Schema): Promise<boolean> {
    const { context, dialect, session } = this
    if ((await session.settings.history.others(session.queryRunner)).length === 0) return false
    const { graph } = await context.revisions.read()
    const ours = namesIn(await replayedSchema(context, dialect, graph.order))
    return [...namesIn(live)].every((name) => !ours.has(name))
  }

  /** @param match the nearest revision, if there is one */
  async mismatch(state: State, match: Match | undefined, live: Schema): Promise<AludelError> {
    if (match === undefined) return mismatch(state, [], [])
    const { operations } = diffOf(await livePair(this.context, this.dialect, match.schema, live))
    return mismatch(state, match.heads, operations)
  }

  async stamp(revision: string): Promise<void> {
    await writeStamp(this.context, this.session, [revision], false)
  }

  /**
   * Brings an empty database to the heads: by the revisions or, if they fail and the fallback is `create`, from the entities.
   *
   * @returns the ids that were run; null when the tables were created from the entities
   */
  async fill(fallback: 'none' | 'create'): Promise<readonly string[] | null> {
    if (fallback === 'none') return this.upgrade('each')
    try {
      return await this.#upgradeAtOnce()
    } catch (error) {
      if (isAludelError(error) && (error.kind === 'interrupted' || error.kind === 'locked')) throw error
      if ((await this.state()).applied.size > 0 || !isEmpty(await this.live())) throw error
      const { warn } = this.context.reporter
      try {
        await this.#createFromEntities()
        await this.stamp('heads')
      } catch (fallbackError) {
        warn(`The tables could not be created from the entities either: ${messageOf(fallbackError)}`)
        throw error
      }
      warn(
        `The revisions failed on the empty database (${messageOf(error)}); its tables were created from the entities instead`,
      )
      return null
    }
  }

  /** In one transaction if the revisions allow it, so that the database stays empty if one fails. */
  async #upgradeAtOnce(): Promise<readonly string[]> {
    try {
      return await this.upgrade('all')
    } catch (error) {
      if (!isAludelError(error) || error.code !== 'ALUDEL_TRANSACTION_MODE') throw error
      return this.upgrade('each')
    }
  }

  async #createFromEntities(): Promise<void> {
    const { context, dialect, session } = this
    const { schema: wanted } = await entitySchema(context, dialect)
    const operations = orderOperations(compare(emptySchema, wanted), emptySchema, wanted)
    await inOneTransaction(session, async () => {
      for (const { sql } of dialect.ddl.render(operations, emptySchema)) await session.queryRunner.query(sql)
    })
  }
}

const toHeads = (state: State): ReturnType<typeof planTo> => planTo('upgrade', state, 'heads')

function isEmpty({ tables, views, enums, sequences }: Schema): boolean {
  return tables.length + views.length + enums.length + sequences.length === 0
}

/** The names of all that shares a namespace with tables, and of the types. */
function namesIn({ tables, views, enums, sequences }: Schema): ReadonlySet<string> {
  return new Set(
    [...tables, ...views, ...enums, ...sequences].map(({ schema, name }) => JSON.stringify([schema ?? null, name])),
  )
}

/** `heads` for all of them, otherwise the one revision. */
function nameOf({ heads }: Match, { graph }: State): string {
  const all = graph.currentOf(graph.order.map(({ id }) => id))
  const ids = heads.map(({ id }) => id)
  return sameData(
    ids,
    all.map(({ id }) => id),
  )
    ? 'heads'
    : ids.join(' ')
}

function refuseBehindAndAhead(state: State): void {
  if (state.unknown.length === 0) return
  throw new AludelError(
    'ALUDEL_UNKNOWN_APPLIED',
    `${plural(state.pending.length, 'revision is', 'revisions are')} pending, but ${upToThree(state.unknown)} is applied and has no revision file`,
    {
      help: [
        'The database belongs to another version of the application, or files are missing. Deploy the version that has them.',
        'If they are lost for good, forget them: aludel migrate repair --remove NAME',
      ].join('\n'),
      details: { unknown: state.unknown, pending: state.pending, current: state.current, heads: state.heads },
    },
  )
}

function mismatch(state: State, nearest: readonly Revision[], operations: readonly Operation[]): AludelError {
  const lines = databaseDifferences(operations)
  const names = nearest.map(({ id, message }) => `${id} (${message})`)
  return new AludelError(
    'ALUDEL_SCHEMA_MISMATCH',
    'the database has tables but no history, and its schema matches no revision',
    {
      help: [
        ...(names.length === 0 ? [] : [`The nearest is ${names.join(' and ')}. Compared with its schema:`]),
        ...lines.slice(0, 10).map((line) => `- ${line}`),
        ...(lines.length > 10 ? [`- and ${String(lines.length - 10)} more`] : []),
        'Nothing was changed. `aludel migrate adopt` shows all differences, and mends those of names alone.',
        'Otherwise change the tables to match, or record the revision they correspond to: aludel migrate stamp REV --force',
      ].join('\n'),
      details: {
        differences: operations.map(describeOperation),
        heads: state.heads,
        ...(nearest[0] !== undefined && { nearest: nearest[0].id }),
      },
    },
  )
}
