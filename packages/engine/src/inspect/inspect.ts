import type { MigratorContext } from '../project/context'
import type { State } from '../history/state'
import type { DatabaseInfoResult, RevisionInfo, RevisionsResult } from '../results'
import type { RevisionGraph } from '../revision/graph'
import { needsApplied } from '../revision/identifier'
import { revisionsInRange } from '../revision/range'
import type { Revision } from '../revision/revision'

/**
 * Describes revisions for results.
 *
 * @param state null if the database was not asked
 */
export function revisionInfos(
  graph: RevisionGraph,
  revisions: readonly Revision[],
  state: State | null,
): RevisionInfo[] {
  const current = new Set(state?.current)
  return revisions.map((revision) => ({
    revision: revision.id,
    down: revision.down,
    dependsOn: revision.dependsOn,
    branchLabels: revision.branchLabels,
    replaces: revision.replaces?.map(({ id }) => id),
    message: revision.message,
    createdAt: new Date(revision.timestamp).toISOString(),
    path: revision.path,
    name: revision.name,
    applied: state === null ? null : state.applied.has(revision.id),
    isHead: graph.isHead(revision.id),
    isCurrent: current.has(revision.id),
    isBranchPoint: graph.isBranchPoint(revision.id),
    isMergePoint: graph.isMergePoint(revision.id),
  }))
}

/** Reads revisions, newest first, and the graph of all. */
export async function readHistory(
  context: MigratorContext,
  options: { readonly range?: string; readonly indicateCurrent?: boolean },
): Promise<RevisionsResult & { readonly graph: RevisionGraph }> {
  const { range } = options
  const asksDatabase = options.indicateCurrent === true || (range !== undefined && needsApplied(range))
  const state = asksDatabase ? await context.state() : null
  const graph = state?.graph ?? (await context.revisions.read()).graph
  const revisions = range === undefined ? graph.order : revisionsInRange(graph, range, { applied: state?.applied })
  return {
    graph,
    revisions: revisionInfos(graph, [...revisions].reverse(), options.indicateCurrent === true ? state : null),
  }
}

/** Reads the name and version of the database, its applied heads, and the sizes of its tables. */
export async function readDatabaseInfo(context: MigratorContext): Promise<DatabaseInfoResult> {
  return context.connection.withRunner(async (runner, dialect) => {
    const state = await context.state(runner)
    const { name, version } = await dialect.introspection.describe(runner)
    return {
      database: { dialect: dialect.name, name, version },
      current: state.current,
      upToDate: state.pending.length === 0,
      tables: await dialect.introspection.tableSizes(runner),
    }
  })
}
