import { type DialectDiff, diffOf, livePair } from '../create/diff'
import { keepDerivedNames } from '../difference/derived-names'
import type { Dialect } from '../dialect/dialect'
import type { Operation } from '../operations/operation'
import type { MigratorContext } from '../project/context'
import type { RevisionGraph } from '../revision/graph'
import type { Revision } from '../revision/revision'
import { sameData } from '../schema/json'
import { replayedSchema } from '../shadow/schemas'
import type { ObjectName, Schema } from '../schema/schema'
import { type Candidate, visitCandidates } from './candidates'

/** A database, without the tables of TypeORM and of this tool. */
export interface Live {
  readonly schema: Schema
  /** Tables of other tools. */
  readonly tools: readonly ObjectName[]
}

/** How a database compares with the state of revisions that is nearest to its own. */
export interface Match {
  readonly heads: readonly Revision[]
  /** Their schema. */
  readonly schema: Schema
  /** From the schema of the revisions to that of the database, without names of constraints and indexes. Empty: it has this schema. */
  readonly operations: readonly Operation[]
  /** The number of constraints and indexes that have another name in the database, and no other difference. */
  readonly names: number
  /** From the database to the schema of the revisions, if only such names differ. */
  readonly renames: DialectDiff | null
}

/**
 * The newest state of the revisions whose schema equals that of a database. If there is none, the one with the fewest differences;
 * names of constraints and indexes count last.
 *
 * @returns undefined if there are no revisions
 * @throws AludelError `ALUDEL_REPLAY`
 */
export async function findMatch(
  context: MigratorContext,
  dialect: Dialect,
  graph: RevisionGraph,
  live: Live,
): Promise<Match | undefined> {
  // Of the replays before this one, and of this one.
  let before: Match | undefined
  let best: Match | undefined
  await visitCandidates(
    context,
    dialect,
    graph,
    async (candidate, isFirst) => {
      if (isFirst) before = best
      const match = await compareWith(context, dialect, candidate, live)
      // In a replay, the newer of two equals wins; of two replays, the first one reaches newer revisions.
      const isBetter =
        best === undefined || (best === before ? distance(match) < distance(best) : distance(match) <= distance(best))
      if (isBetter) best = match
    },
    () => best !== undefined && isEqual(best),
  )
  return best
}

/** Whether a database has this state, with all names. */
export function isEqual({ operations, names }: Match): boolean {
  return operations.length + names === 0
}

/**
 * Structure first: names can be changed without touching a row. A table that only one side has counts with its columns, or a revision
 * that does not have it yet would be nearer than the one that has it in another form.
 */
function distance({ operations, names }: Match): number {
  const sizes = operations.map((operation) =>
    operation.op === 'createTable' || operation.op === 'dropTable' ? 1 + operation.definition.columns.length : 1,
  )
  return sizes.reduce((sum, size) => sum + size, 0) + names / (names + 1)
}

/** Compares one state with the database. */
export async function compareWith(
  context: MigratorContext,
  dialect: Dialect,
  { heads, schema: expected }: Candidate,
  live: Live,
): Promise<Match> {
  const pair = await livePair(context, dialect, expected, live.schema)
  const { to: named, names: unlike } = keepDerivedNames(pair.to, expected, () => true, pair.unmanaged)
  const rest = diffOf({ ...pair, from: named }).operations
  // Two that have swapped their names.
  const operations = rest.filter(({ op }) => op !== 'renameConstraint' && op !== 'renameIndex')
  const names = unlike.length + rest.length - operations.length
  const renames = operations.length === 0 && names > 0 ? diffOf({ ...pair, from: pair.to, to: expected }) : null
  return { heads, schema: expected, operations, names, renames }
}

/**
 * The newest revisions of a state that change no schema: rows, or nothing. A database of this schema need not have run them. The
 * newest first.
 *
 * @throws AludelError `ALUDEL_REPLAY`
 */
export async function unprovedIn(
  context: MigratorContext,
  dialect: Dialect,
  graph: RevisionGraph,
  { heads, schema }: Pick<Match, 'heads' | 'schema'>,
): Promise<readonly Revision[]> {
  const ids = heads.map(({ id }) => id)
  const order = [...graph.sort(graph.ancestors(ids, { dependencies: true }))]
  const found: Revision[] = []
  for (let last = order.pop(); last !== undefined; last = order.pop()) {
    if (!sameData(await replayedSchema(context, dialect, order), schema)) break
    found.push(last)
  }
  return found
}
