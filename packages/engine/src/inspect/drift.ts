import { createHash } from 'node:crypto'

import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import type { MigratorContext } from '../project/context'
import type { DriftResult } from '../results'
import { knownSchema, replayedSchema } from '../shadow/schemas'
import { compareLive, driftOf, headSide, incomparable } from './check'
import { examine } from './findings'

/** Options of `Migrator.drift`. */
export interface DriftOptions {
  /**
   * Replay at most this many revisions, where the scratch database for it is not made on the server of the database: in memory
   * (SQLite), or on another server (`shadow`). Default is 0: only an earlier replay is used, and no code of a revision is executed.
   */
  readonly replay?: number
}

/**
 * Compares the live database with its applied revisions, and with nothing else, without making anything on its server. Differences are
 * explained as far as that needs no other replay.
 *
 * @throws AludelError `ALUDEL_REPLAY`, `ALUDEL_INTERRUPTED`, and the errors of connecting
 */
export async function readDrift(context: MigratorContext, { replay = 0 }: DriftOptions): Promise<DriftResult> {
  return context.connection.withReader(async (runner, dialect) => {
    const state = await stateIn(context, dialect, runner)
    const examined = await examine(context, runner)
    const { graph, applied, unknown, pending } = examined.state
    if (unknown.length > 0) return { state, database: incomparable(examined), missing: null }
    const order = graph.sort(applied)
    let expected = await knownSchema(context, dialect, order)
    if (expected === null) {
      const url = context.options.shadow?.[dialect.name]
      const isApart = dialect.shadow.isApart({ template: await context.connection.dataSource(), url })
      if (!isApart || order.length > replay)
        return { state, database: null, missing: { revisions: order.length, isApart } }
      expected = await replayedSchema(context, dialect, order)
    }
    const known = expected
    const sides = await compareLive(context, dialect, runner, examined.state, known)
    const beyond = async () => {
      const head = pending.length === 0 ? null : await knownSchema(context, dialect, graph.order)
      return head === null ? [] : [headSide(context, dialect, known, head)]
    }
    const makers = () => Promise.resolve(new Map())
    return {
      state,
      database: await driftOf(context, dialect, runner, examined, sides, { beyond, makers }),
      missing: null,
    }
  })
}

/** See `Migrator.driftState`. */
export async function readDriftState(context: MigratorContext): Promise<string> {
  return context.connection.withReader((runner, dialect) => stateIn(context, dialect, runner))
}

async function stateIn(context: MigratorContext, dialect: Dialect, database: Queryable): Promise<string> {
  const history = await context.connection.history()
  const names = (await history.read(database)).map(({ name }) => name)
  const unfinished = await history.unfinished(database)
  const { revisions } = await context.revisions.read()
  const hash = createHash('sha256')
  hash.update(await dialect.introspection.mark(database))
  hash.update(JSON.stringify([names, unfinished.map((one) => [one.revision, one.outcome])]))
  for (const { name, checksum } of revisions) hash.update(`\n${name} ${checksum}`)
  return hash.digest('hex')
}
