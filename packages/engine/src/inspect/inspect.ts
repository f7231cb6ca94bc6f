import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { Finding } from '../history/findings'
import { nameInSchema } from '../history/history'
import type { MigratorContext } from '../project/context'
import type { State } from '../history/state'
import type { DatabaseEstimateResult, DatabaseInfoResult, RevisionInfo, RevisionsResult } from '../results'
import type { RevisionGraph } from '../revision/graph'
import { needsApplied, resolve } from '../revision/identifier'
import { revisionsInRange } from '../revision/range'
import type { Revision } from '../revision/revision'

/**
 * Describes revisions for results.
 *
 * @param state null if the database was not asked
 * @param halfway findings about revisions in the middle of which a run stopped
 */
export function revisionInfos(
  graph: RevisionGraph,
  revisions: readonly Revision[],
  state: State | null,
  halfway: readonly Finding[] = [],
): RevisionInfo[] {
  const current = new Set(state?.current)
  const stopped = new Map(halfway.map((finding) => [finding.revision, finding.stopped?.direction]))
  return revisions.map((revision) => infoOf(graph, revision, state, current, stopped.get(revision.id)))
}

/** {@link revisionInfos} of one revision, which need not be in the graph. */
export function revisionInfo(
  graph: RevisionGraph,
  revision: Revision,
  state: State,
  halfway: readonly Finding[],
): RevisionInfo {
  const stopped = halfway.find((finding) => finding.revision === revision.id)
  return infoOf(graph, revision, state, new Set(state.current), stopped?.stopped?.direction)
}

function infoOf(
  graph: RevisionGraph,
  revision: Revision,
  state: State | null,
  current: ReadonlySet<string>,
  halfway: RevisionInfo['halfway'],
): RevisionInfo {
  const { id } = revision
  const isThere = graph.has(id)
  return {
    revision: id,
    down: revision.down,
    dependsOn: revision.dependsOn,
    branchLabels: revision.branchLabels,
    replaces: revision.replaces?.map((replaced) => replaced.id),
    message: revision.message,
    createdAt: new Date(revision.timestamp).toISOString(),
    path: revision.path,
    name: revision.name,
    applied: state === null ? null : state.applied.has(id),
    halfway,
    isHead: isThere && graph.isHead(id),
    isCurrent: current.has(id),
    isBranchPoint: isThere && graph.isBranchPoint(id),
    isMergePoint: isThere && graph.isMergePoint(id),
  }
}

/** Options of {@link Migrator.history}. */
export interface HistoryOptions {
  /** `A:B`, both ends inclusive. Default: all. */
  readonly range?: string
  /** Ask the database what is applied. */
  readonly indicateCurrent?: boolean
  /** Also what each revision does and, with `indicateCurrent`, when and by whom it was applied. */
  readonly details?: boolean
}

/** Reads revisions, newest first, and the graph of all. */
export async function readHistory(
  context: MigratorContext,
  options: HistoryOptions,
): Promise<RevisionsResult & { readonly graph: RevisionGraph }> {
  const { range, details = false } = options
  const asksDatabase = options.indicateCurrent === true || (range !== undefined && needsApplied(range))
  const state = asksDatabase ? await context.state() : null
  const graph = state?.graph ?? (await context.revisions.read()).graph
  const revisions = range === undefined ? graph.order : revisionsInRange(graph, range, { applied: state?.applied })
  const isIndicated = options.indicateCurrent === true
  const asked = isIndicated ? state : null
  const halfway = asked === null ? [] : await context.halfway(asked)
  const infos = revisionInfos(graph, [...revisions].reverse(), asked, halfway)
  return { graph, revisions: details ? await withDetails(context, infos, revisions, isIndicated) : infos }
}

/**
 * The revisions to which a REV resolves.
 *
 * @param details also what they do, and from the database whether, when and by whom they were applied
 */
export async function readShown(context: MigratorContext, rev: string, details: boolean): Promise<RevisionsResult> {
  const state = details || needsApplied(rev) ? await context.state() : null
  const graph = state?.graph ?? (await context.revisions.read()).graph
  const revisions = resolve(graph, rev, { purpose: 'show', applied: state?.applied }).ids.map((id) => graph.get(id))
  const halfway = state === null ? [] : await context.halfway(state)
  const infos = revisionInfos(graph, revisions, state, halfway)
  return { revisions: details ? await withDetails(context, infos, revisions, true) : infos }
}

// eslint-disable-next-line @typescript-eslint/no-require-imports -- as in lazy.ts
const keptWork = () => require('../kept/list') as typeof import('../kept/list')

/** Loaded when somebody asks for details. */
// eslint-disable-next-line @typescript-eslint/no-require-imports
const details = () => require('./details') as typeof import('./details')

async function withDetails(
  context: MigratorContext,
  infos: readonly RevisionInfo[],
  revisions: readonly Revision[],
  isAsked: boolean,
): Promise<RevisionInfo[]> {
  const read = await details().readDetails(context, revisions, isAsked)
  return infos.map((info) => {
    const { does, ...applied } = read.get(info.revision) ?? {}
    return { ...info, does, ...(info.applied === true ? applied : {}) }
  })
}

/** Options of {@link Migrator.info}. */
export interface InfoOptions {
  /**
   * Do not count the rows: read what the database expects, without waiting for who has locked a table, and leave out the tables of
   * the history. Default is false: the rows of all tables are counted, which reads them.
   */
  readonly estimate?: boolean
}

/** Reads the name and version of the database, its applied heads, and the sizes of its tables. */
export async function readDatabaseInfo(context: MigratorContext): Promise<DatabaseInfoResult> {
  return readInfo(context, (runner, dialect) => dialect.introspection.tableSizes(runner))
}

/** {@link readDatabaseInfo}, without counting, and without the tables of the history. */
export async function readDatabaseEstimate(context: MigratorContext): Promise<DatabaseEstimateResult> {
  return readInfo(context, async (runner, { introspection }) => {
    const own = new Set(await context.connection.ignoreTables())
    const names = await introspection.tableNames(runner)
    return introspection.estimateSizes(
      runner,
      names.filter((name) => !own.has(nameInSchema(name))),
    )
  })
}

function readInfo<T>(
  context: MigratorContext,
  readTables: (runner: QueryRunner, dialect: Dialect) => Promise<T>,
): Promise<Omit<DatabaseInfoResult, 'tables'> & { readonly tables: T }> {
  return context.connection.withReader(async (runner, dialect) => {
    const state = await context.state(runner)
    const halfway = await context.halfway(state, runner)
    const { name, version } = await dialect.introspection.describe(runner)
    const leftovers = await dialect.restore.leftovers(runner)
    return {
      database: { dialect: dialect.name, name, version },
      current: state.current,
      upToDate: state.pending.length === 0 && halfway.length === 0,
      halfway: halfway.length === 0 ? undefined : halfway,
      leftovers: leftovers.length === 0 ? undefined : leftovers,
      tables: await readTables(runner, dialect),
      kept: await keptWork().summarizeKept(context, dialect, runner),
    }
  })
}
