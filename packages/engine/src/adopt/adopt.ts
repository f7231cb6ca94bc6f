import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { operationToJson } from '../difference/merge-dialects'
import { AludelError } from '../errors'
import type { Operation } from '../operations/operation'
import { databaseWords, sidesAhead } from '../inspect/sides'
import type { MigratorContext } from '../project/context'
import type { AdoptDifference, AdoptResult } from '../results'
import { resolve } from '../revision/identifier'
import { sameData } from '../schema/json'
import { replayedSchema } from '../shadow/schemas'
import type { BackupOptions } from '../run/back-up'
import { preflight } from '../run/preflight'
import { underLock } from '../run/session'
import { settingsOf } from '../run/settings'
import { renderFiles } from '../create/files'
import { baseDiff, proveBase, withBaseFile } from './base'
import { compareWith, findMatch, isEqual, type Match, unprovedIn } from './match'
import { ignorePatterns, shownNames } from '../history/recognize'
import { noRenames, planRenames } from './renames'
import { readLive, type Survey, surveyDatabase } from './survey'
import { takeOver } from './take-over'

/** Options of `Migrator.adopt`. */
export interface AdoptOptions extends BackupOptions {
  /** A REV: compare with this revision only, and record it. Default: find the newest one whose schema the database has. */
  readonly revision?: string
  /** The message of the first revision, if there are none. Default is `adopt the database`. */
  readonly message?: string
  /**
   * Receives the result as it would be, before anything is written; false stops. Not called if no revision has the schema of the
   * database. Absent: it is done without confirmation.
   */
  readonly confirm?: (plan: AdoptResult) => Promise<boolean>
}

/**
 * Takes over a database that others made: by hand, with `synchronize`, or with another tool.
 *
 * - A revision has its schema: the newest one is recorded as applied.
 * - One has it, except for names of constraints and indexes: these are renamed first, in the same transaction.
 * - None has it: the differences from the nearest one are returned, and nothing is changed.
 * - There are no revisions: the first one is written from the database, proved, and recorded.
 *
 * Rows are neither read nor changed. What other tools keep in the database stays.
 *
 * @throws AludelError see `Migrator.adopt`
 */
export async function adoptDatabase(context: MigratorContext, options: AdoptOptions): Promise<AdoptResult> {
  context.revisions.allowMissing()
  return context.connection.withRunner(async (runner, dialect) => {
    const survey = await surveyDatabase(context, dialect, runner)
    const { graph } = survey.state
    const adoption = { context, dialect, runner, survey, options }
    if (graph.size === 0) return adoptWithBase(adoption)
    const match = await matchFor(adoption)
    const nearest = match.heads[0]?.id ?? null
    if (match.operations.length > 0)
      return { ...foundIn(survey), nearest, differences: differencesOf(dialect, match.operations) }
    return adoptMatch(adoption, match)
  })
}

/** One call, with what it has read before any question. */
interface Adoption {
  readonly context: MigratorContext
  readonly dialect: Dialect
  readonly runner: QueryRunner
  readonly survey: Survey
  readonly options: AdoptOptions
}

/** @throws AludelError `ALUDEL_REPLAY`, and those of `resolve` */
async function matchFor({ context, dialect, survey, options }: Adoption): Promise<Match> {
  const { graph } = survey.state
  const { revision } = options
  if (revision === undefined) {
    const match = await findMatch(context, dialect, graph, survey.live)
    if (match === undefined) throw new Error('a graph with revisions has a state')
    return match
  }
  const { ids } = resolve(graph, revision, { purpose: 'stamp' })
  const order = graph.sort(graph.ancestors(ids, { dependencies: true }))
  const schema = await replayedSchema(context, dialect, order)
  return compareWith(context, dialect, { heads: graph.currentOf(order.map(({ id }) => id)), schema }, survey.live)
}

/** Records the revisions whose schema the database has, after renames if only names differ. */
async function adoptMatch({ context, dialect, runner, survey, options }: Adoption, match: Match): Promise<AdoptResult> {
  const { state } = survey
  const heads = match.heads.map(({ id }) => id)
  const { rewrites: _, ...renames } = await planRenames(context, match.renames)
  const plan: AdoptResult = {
    ...foundIn(survey),
    ...renames,
    matches: heads[0] ?? null,
    nearest: heads[0] ?? null,
    stamped: heads,
    unproved: (await unprovedIn(context, dialect, state.graph, match)).map(({ id }) => id),
  }
  await confirmOrRefuse(options, plan)
  await preflight(context, dialect, runner)
  return underLock(await settingsOf(context, dialect, runner), async (session) => {
    const { ignoreTables, live, state: now } = await surveyDatabase(context, dialect, session.queryRunner)
    const again = await compareWith(context, dialect, match, live)
    const agreed = await planRenames(context, again.renames)
    if (again.operations.length > 0 || !sameData(agreed.sql, plan.sql) || !sameData(now.names, state.names))
      throw changedMeanwhile()
    const { backup, backupDirectory } = options
    const done = await takeOver(context, dialect, session, {
      ...{ backup, backupDirectory, heads, renames: agreed },
      isThere: async () =>
        isEqual(
          await compareWith(
            context,
            dialect,
            match,
            await readLive(context, dialect, session.queryRunner, ignoreTables),
          ),
        ),
    })
    return { ...plan, ...done }
  })
}

/** Writes the first revision from the database, and records it. */
async function adoptWithBase({ context, dialect, runner, survey, options }: Adoption): Promise<AdoptResult> {
  const unread = await dialect.introspection.unreadObjects(runner)
  const { diff, file } = await proveBase(context, dialect, survey.live, {
    message: options.message ?? 'adopt the database',
    unread,
  })
  const [rendered] = await renderFiles(context, [file])
  const plan: AdoptResult = {
    ...foundIn(survey),
    ...{
      matches: file.id,
      nearest: file.id,
      stamped: [file.id],
      created: { revision: file.id, path: rendered?.path ?? '' },
    },
    ...(unread.length > 0 && { unread }),
  }
  await confirmOrRefuse(options, plan)
  await preflight(context, dialect, runner)
  return underLock(await settingsOf(context, dialect, runner), async (session) => {
    const { live, state } = await surveyDatabase(context, dialect, session.queryRunner)
    const again = await baseDiff(context, dialect, live)
    if (!sameData(again.operations, diff.operations) || !sameData(state.names, survey.state.names))
      throw changedMeanwhile()
    const created = await withBaseFile(context, file, async () => {
      await takeOver(context, dialect, session, {
        heads: [file.id],
        renames: noRenames,
        isThere: () => Promise.resolve(true),
      })
    })
    return { ...plan, created }
  })
}

/** What is the same whatever is done. */
function foundIn({ tools: [tool, ...others], live, state }: Survey): AdoptResult {
  return {
    ...{
      tool: tool ?? null,
      others,
      tables: shownNames(live.tools),
      ignore: ignorePatterns(live.schema, live.tools),
      forgotten: state.unknown,
    },
    ...{ matches: null, nearest: null, stamped: [], unproved: [], created: null },
    ...{ renames: [], sql: [], backup: null, differences: [] },
  }
}

function differencesOf({ name }: Dialect, operations: readonly Operation[]): AdoptDifference[] {
  const aheadOf = sidesAhead(operations)
  return operations.map((operation) => {
    const ahead = aheadOf(operation)
    return { ...operationToJson(operation, [name]), ahead, explanation: databaseWords(operation, ahead) }
  })
}

/** On SQLite, a constraint without a name gets one by being dropped and added. */
function isHalf(op: string): boolean {
  return op.startsWith('drop')
}

async function confirmOrRefuse({ confirm }: AdoptOptions, plan: AdoptResult): Promise<void> {
  if (confirm === undefined || (await confirm(plan))) return
  const { tool, created, renames, stamped, unproved, forgotten } = plan
  throw new AludelError('ALUDEL_CONFIRMATION', 'taking over the database was not confirmed', {
    help: [
      ...(tool === null ? [] : [`${tool.name} has a history in ${tool.table}`]),
      ...(created === null ? [] : [`would write ${created.path}`]),
      ...renames.flatMap(({ op, description }) => (isHalf(op) ? [] : [`would ${description}`])),
      `would record ${stamped.join(', ')} as applied`,
      ...unproved.map((id) => `${id} changes no schema: the database cannot show whether it ever ran`),
      ...forgotten.map((name) => `would remove ${name} from the history, which has no file`),
      'Nothing was changed. Confirm with --yes.',
    ].join('\n'),
    details: { steps: stamped },
  })
}

function changedMeanwhile(): AludelError {
  return new AludelError('ALUDEL_CONFIRMATION', 'the database changed while waiting for confirmation', {
    help: 'Nothing was changed; ask again.',
  })
}
