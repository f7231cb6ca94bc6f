import type { QueryRunner } from 'typeorm'

import type { Context } from '../project/context'
import { databasePair, diffOf } from '../create/diff'
import { entitySchema } from '../shadow/schemas'
import { replay } from '../shadow/replay'
import type { Dialect, Lock } from '../dialect/dialect'
import { type State, stateOf } from '../history/state'
import { describeOperation } from '../operations'
import type { Plan } from '../revision/revision'
import type { RunEvent } from '../project/events'
import { runPlan } from './executor'
import { compare } from '../difference/compare'
import { withCountedExtensions } from '../schema/extensions'
import { orderOperations } from '../difference/order'
import { emptySchema, type Schema } from '../schema/schema'
import {
  bringUpToDate,
  type InitializeOptions,
  type InitializeResult,
  type LockedDatabase,
  type MatchResult,
  type StartupMigrator,
  type StartupState,
} from './startup'
import { backUpBefore } from './back-up'
import { guardRun } from './guard'
import { preflight } from './preflight'
import { planTo, runSettings } from './run-settings'
import { locked, writeStamp } from './stamp'

/** What `Migrator.initialize` and {@link initializeDatabase} do. */
export async function initialize(context: Context, options: InitializeOptions): Promise<InitializeResult> {
  const warnings: string[] = []
  const listener = (event: RunEvent): void => {
    options.listener?.(event)
    if (event.type === 'warning') warnings.push(event.message)
  }
  const result = await context.telling(listener, () =>
    context.withRunner(async (runner, dialect) =>
      bringUpToDate({
        migrator: startupMigrator(context, runner, dialect, options),
        listener: context.emit,
        ...(options.migrate === undefined ? {} : { migrate: options.migrate }),
        ...(options.fallback === undefined ? {} : { fallback: options.fallback }),
      }),
    ),
  )
  // Also those of the run, and of what was looked at before it.
  return { ...result, warnings }
}

function startupMigrator(
  context: Context,
  runner: QueryRunner,
  dialect: Dialect,
  options: InitializeOptions,
): StartupMigrator {
  const readState = async (): Promise<StartupState> => startupState(await context.state(runner))
  return {
    dialectName: dialect.name,
    readState,
    whileLocked: async (work) => {
      await preflight(context, dialect, runner, { planned: () => pendingPlan(context, runner) })
      return locked(context, dialect, runner, (lock) =>
        work(lockedDatabase(context, runner, dialect, { lock, readState, options })),
      )
    },
  }
}

async function pendingPlan(context: Context, runner: QueryRunner): Promise<Plan> {
  return planTo('upgrade', await context.state(runner), 'heads')
}

function startupState(state: State): StartupState {
  return { ...state, applied: [...state.applied] }
}

/** What there is while the lock is held. */
interface Held {
  readonly lock: Lock
  readonly readState: () => Promise<StartupState>
  readonly options: InitializeOptions
}

function lockedDatabase(
  context: Context,
  runner: QueryRunner,
  dialect: Dialect,
  { lock, readState, options }: Held,
): LockedDatabase {
  const live = async (): Promise<Schema> => dialect.introspect(runner, { ignoreTables: await context.ignoreTables() })
  return {
    readState,
    isEmpty: async () => {
      const { tables, views, enums, sequences } = await live()
      return tables.length + views.length + enums.length + sequences.length === 0
    },
    upgradeToHead: async (mode) => {
      const files = await context.files()
      let state: State | undefined
      const outcome = await runPlan({
        ...(await runSettings(context, dialect, runner)),
        lock,
        mode,
        lockTimeoutMs: 0,
        replan: async (rows) => {
          const names = rows.map((row) => row.name)
          state = stateOf(files, names)
          const plan = planTo('upgrade', state, 'heads')
          await guardRun(context, runner, plan, names)
          return plan
        },
        beforeSteps: async (plan) => {
          const made = await backUpBefore(context, dialect, runner, { plan, state, ...options })
          if (made !== null) context.progress(`backed up to ${made.path}`)
        },
      })
      return outcome.steps.map((step) => step.revision)
    },
    findMatchingRevision: async () => findMatch(context, dialect, await live()),
    stamp: async (revision) => {
      await writeStamp(context, runner, lock, [revision], false)
    },
    createFromEntities: async () => {
      const { schema: wanted } = await entitySchema(context, dialect)
      const operations = orderOperations(compare(emptySchema, wanted), emptySchema, wanted)
      await lock.check()
      await runner.startTransaction()
      try {
        await lock.begin(runner)
        for (const { sql } of dialect.render(operations, emptySchema)) await runner.query(sql)
        await lock.beforeCommit(runner)
        await runner.commitTransaction()
      } catch (error) {
        await runner.rollbackTransaction().catch(() => undefined)
        throw error
      }
    },
  }
}

/**
 * The newest revision after which the replayed schema equals the live one, else how the live one differs from the
 * nearest.
 */
async function findMatch(context: Context, dialect: Dialect, live: Schema): Promise<MatchResult> {
  const { graph } = await context.files()
  const ignoreTables = await context.ignoreTables()
  let match: string | undefined
  let nearest: readonly string[] | undefined
  await (
    await context.shadows()
  ).withRunner(dialect, async (runner) => {
    const done = new Set<string>()
    await replay(dialect, runner, graph.order, 'upgrade', context.load, async (revision) => {
      done.add(revision.id)
      const complete = done.size === graph.size
      // With several lines, the schema in the middle of a replay may be one that no single revision stands for.
      if (!complete && graph.ancestors([revision.id], { dependencies: true }).size !== done.size) return
      const made = withCountedExtensions(await dialect.introspect(runner, { ignoreTables }))
      const differences = diffOf(databasePair(context, dialect, made, live)).operations
      if (differences.length === 0) match = complete ? 'heads' : revision.id
      if (nearest === undefined || differences.length < nearest.length) nearest = differences.map(describeOperation)
    })
  })
  return match === undefined ? { differences: nearest ?? [] } : { revision: match }
}
