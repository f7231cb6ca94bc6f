import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import { loadDialect } from '../dialect/registry'
import { type Finding, isUnrecorded } from '../history/findings'
import type { HeadSummary } from '../history/head-summary'
import { nameInSchema } from '../history/history'
import type { State } from '../history/state'
import { ownTables } from '../project/connection'
import type { MigratorContext } from '../project/context'
import type { CurrentResult } from '../results'
import { examine } from './findings'

// eslint-disable-next-line @typescript-eslint/no-require-imports -- as in lazy.ts
const keptWork = () => require('../kept/list') as typeof import('../kept/list')

/**
 * What is applied, on the cheap connection if the project has one.
 *
 * @param verbose also compares the history with the files
 */
export async function readCurrent(context: MigratorContext, verbose: boolean): Promise<CurrentResult> {
  const light = verbose ? null : await context.connection.readConnection()
  const summarize = (
    state: State,
    database: CurrentResult['database'],
    halfway: readonly Finding[],
    tables: readonly string[],
  ): CurrentResult => ({
    current: state.current,
    heads: state.heads,
    pending: state.pending.length,
    upToDate: state.pending.length === 0 && halfway.length === 0,
    database,
    halfway: halfway.length === 0 ? undefined : halfway,
    unknown: state.unknown,
    tables: tables.length === 0 ? undefined : tables,
    unfinished:
      state.unfinished.length === 0
        ? undefined
        : state.unfinished.map(({ squash, missing }) => ({
            revision: squash.id,
            missing: missing.map(({ id }) => id),
          })),
  })
  if (light !== null) {
    const found = await context.connection.readHistory((history, database) => context.headOrState(history, database))
    if ('head' in found) return resultAtHead(found.head, light)
    const { state } = found
    const halfway = await context.halfway(state)
    const tables = isWithoutHistory(state, halfway)
      ? await unrecordedTables(context, loadDialect(light.dialect), light, ownTables())
      : []
    return summarize(state, { dialect: light.dialect, name: light.name }, halfway, tables)
  }
  return context.connection.withReader(async (runner, dialect) => {
    // The history is read first: that translates a driver's errors (not a database, no permission) into our codes.
    const examined = verbose ? await examine(context, runner) : undefined
    const state = examined?.state ?? (await context.state(runner))
    const halfway =
      examined?.findings.filter(({ kind }) => kind === 'halfway') ?? (await context.halfway(state, runner))
    const { name } = await dialect.introspection.describe(runner)
    const tables = isWithoutHistory(state, halfway)
      ? await unrecordedTables(context, dialect, runner, await context.connection.ignoreTablesOf(runner))
      : []
    const kept = verbose ? await keptWork().summarizeKept(context, dialect, runner) : undefined
    return {
      ...summarize(state, { dialect: dialect.name, name }, halfway, tables),
      findings: examined?.findings,
      kept,
    }
  })
}

function resultAtHead({ current, heads }: HeadSummary, { dialect, name }: CurrentResult['database']): CurrentResult {
  return { current, heads, pending: 0, upToDate: true, database: { dialect, name }, unknown: [] }
}

function isWithoutHistory({ names, pending }: State, halfway: readonly Finding[]): boolean {
  return pending.length > 0 && isUnrecorded(names, halfway)
}

/** The tables of a database, without those of the tool and those that others manage. */
async function unrecordedTables(
  context: MigratorContext,
  dialect: Dialect,
  database: Queryable,
  own: readonly string[],
): Promise<readonly string[]> {
  const tables = await dialect.introspection.tableNames(database)
  return tables.filter((table) => !own.includes(nameInSchema(table)) && !context.ignored('table', undefined, table))
}
