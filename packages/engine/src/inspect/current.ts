import type { Finding } from '../history/findings'
import type { State } from '../history/state'
import type { MigratorContext } from '../project/context'
import type { CurrentResult } from '../results'
import { examine } from './findings'

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
  ): CurrentResult => ({
    current: state.current,
    heads: state.heads,
    pending: state.pending.length,
    upToDate: state.pending.length === 0 && halfway.length === 0,
    database,
    halfway: halfway.length === 0 ? undefined : halfway,
    unknown: state.unknown,
    unfinished:
      state.unfinished.length === 0
        ? undefined
        : state.unfinished.map(({ squash, missing }) => ({
            revision: squash.id,
            missing: missing.map(({ id }) => id),
          })),
  })
  if (light !== null) {
    const state = await context.state()
    return summarize(state, { dialect: light.dialect, name: light.name }, await context.halfway(state))
  }
  return context.connection.withReader(async (runner, dialect) => {
    // The history is read first: that translates a driver's errors (not a database, no permission) into our codes.
    const examined = verbose ? await examine(context, runner) : undefined
    const state = examined?.state ?? (await context.state(runner))
    const halfway =
      examined?.findings.filter(({ kind }) => kind === 'halfway') ?? (await context.halfway(state, runner))
    const { name } = await dialect.introspection.describe(runner)
    return { ...summarize(state, { dialect: dialect.name, name }, halfway), findings: examined?.findings }
  })
}
