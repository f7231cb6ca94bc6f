import type { Context } from '../context'
import { diffOf, entityDiffs, operationsByDialect, replayedSchema } from '../create/diff'
import { AludelError } from '../errors'
import type { CheckResult, OperationJson } from '../results'
import { mergeOperations, operationToJson } from '../schema/merge-dialects'

export interface CheckOptions {
  /** Also compare the live database with the revisions that it says are applied. */
  readonly database?: boolean
}

/**
 * Do the entities match the revisions, and the live database its own? Nothing is written.
 *
 * @throws AludelError `ALUDEL_REPLAY`, `ALUDEL_ENTITIES`, and those of connecting
 */
export async function checkProject(context: Context, options: CheckOptions = {}): Promise<CheckResult> {
  const diffs = (await entityDiffs(context, await context.dialects())).map((pair) => diffOf(pair))
  const operations = mergeOperations(operationsByDialect(diffs)).map(({ operation, dialects }) =>
    operationToJson(operation, dialects),
  )
  const database = options.database === true ? await checkDatabase(context) : null
  return { clean: operations.length === 0, operations, database }
}

/** Operations that lead from what the applied revisions make to what the database has: its drift. */
export async function checkDatabase(context: Context): Promise<{ clean: boolean; operations: OperationJson[] }> {
  return context.withRunner(async (runner, dialect) => {
    const state = await context.state(runner)
    if (state.unknown.length > 0) {
      throw new AludelError(
        'ALUDEL_UNKNOWN_APPLIED',
        `the database has revisions that no file has: ${state.unknown.join(', ')}`,
        {
          help: 'It can not be compared with files that do not know them.',
          details: { unknown: state.unknown },
        },
      )
    }
    const live = await dialect.introspect(runner, { ignoreTables: await context.ignoreTables() })
    const expected = await replayedSchema(context, dialect, state.applied)
    const { operations } = diffOf({ dialect, from: expected, to: live })
    return {
      clean: operations.length === 0,
      operations: operations.map((operation) => operationToJson(operation, [dialect.name])),
    }
  })
}
