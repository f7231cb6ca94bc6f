import { compareWith, findMatch, isEqual, type Match, unprovedIn } from '../inspect/match/match'
import type { MigratorContext } from '../project/context'
import type { AdoptResult } from '../results'
import { resolve } from '../revision/identifier'
import { sameData } from '../schema/json'
import { replayedSchema } from '../shadow/schemas'
import { preflight } from '../run/preflight'
import { underLock } from '../run/session'
import { settingsOf } from '../run/settings'
import { renderFiles } from '../create/files'
import { type Adoption, type AdoptOptions, changedMeanwhile, confirmOrRefuse, differing, foundIn } from './adoption'
import { baseDiff, proveBase, withBaseFile } from './base'
import { refuseAnswers } from './convert/answers'
import { planRenames } from './renames'
import { readLive, surveyDatabase } from './survey'
import { takeOver } from './take-over'

/**
 * Takes over a database that others made: by hand, with `synchronize`, or with another tool.
 *
 * - A revision has its schema: the newest one is recorded as applied.
 * - One has it, except for names of constraints and indexes: these are renamed first, in the same transaction.
 * - None has it: the differences from the nearest one are returned, and nothing is changed; or, with `convert`, the database gets the
 *   schema of that one, with all its rows.
 * - There are no revisions: the first one is written from the database, proved, and recorded.
 *
 * Only a conversion reads and changes rows. What other tools keep in the database stays.
 *
 * @throws AludelError see `Migrator.adopt`
 */
export async function adoptDatabase(context: MigratorContext, options: AdoptOptions): Promise<AdoptResult> {
  if (options.convert !== true && options.convert !== 'offer') refuseAnswers(options)
  context.revisions.allowMissing()
  return context.connection.withRunner(async (runner, dialect) => {
    const survey = await surveyDatabase(context, dialect, runner)
    const { graph } = survey.state
    const adoption = { context, dialect, runner, survey, options }
    if (graph.size === 0) return adoptWithBase(adoption)
    const match = await matchFor(adoption)
    if (match.operations.length === 0) return adoptMatch(adoption, match)
    if (options.convert === true || options.convert === 'offer') return later.convert().adoptConverted(adoption, match)
    return differing(adoption, match)
  })
}

/** Loaded only if a database is converted. */
const later = {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as in lazy.ts
  convert: () => require('./convert/adopt-converted') as typeof import('./convert/adopt-converted'),
}

/** @throws AludelError `ALUDEL_REPLAY`, and those of `resolve` */
async function matchFor({ context, dialect, runner, survey, options }: Adoption): Promise<Match> {
  const { graph } = survey.state
  const { revision } = options
  if (revision === undefined) {
    const match = await findMatch(context, dialect, graph, runner, survey.live.schema)
    if (match === undefined) throw new Error('a graph with revisions has a state')
    return match
  }
  const { ids } = resolve(graph, revision, { purpose: 'stamp' })
  const order = graph.sort(graph.ancestors(ids, { dependencies: true }))
  const schema = await replayedSchema(context, dialect, order)
  return compareWith(
    context,
    dialect,
    { heads: graph.currentOf(order.map(({ id }) => id)), schema },
    survey.live.schema,
  )
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
    const again = await compareWith(context, dialect, match, live.schema)
    const agreed = await planRenames(context, again.renames)
    if (again.operations.length > 0 || !sameData(agreed.sql, plan.sql) || !sameData(now.names, state.names))
      throw changedMeanwhile()
    const { backup, backupDirectory } = options
    const done = await takeOver(context, dialect, session, {
      ...{ backup, backupDirectory, heads },
      ...(agreed.sql.length > 0 && { changes: { kind: 'rename', sql: agreed.sql, rewrites: agreed.rewrites } }),
      isThere: async () =>
        isEqual(
          await compareWith(
            context,
            dialect,
            match,
            (await readLive(context, dialect, session.queryRunner, ignoreTables)).schema,
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
        isThere: () => Promise.resolve(true),
      })
    })
    return { ...plan, created }
  })
}
