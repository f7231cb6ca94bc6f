import { type DialectDiff, diffOf, livePair } from '../../create/diff'
import { keepDerivedNames } from '../../difference/derived-names'
import type { Dialect } from '../../dialect/dialect'
import type { Queryable } from '../../dialect/queryable'
import { toolTables } from '../../history/recognize'
import type { Operation } from '../../operations/operation'
import type { MigratorContext } from '../../project/context'
import type { RevisionGraph } from '../../revision/graph'
import type { Revision } from '../../revision/revision'
import { sameData } from '../../schema/json'
import { displayName, type Schema, type Table } from '../../schema/schema'
import { replayedSchema } from '../../shadow/schemas'
import { type Candidate, visitCandidates } from './candidates'

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
 * @param live the schema of the database, without the tables of TypeORM and of this tool
 * @returns undefined if there are no revisions
 * @throws AludelError `ALUDEL_REPLAY`
 */
export async function findMatch(
  context: MigratorContext,
  dialect: Dialect,
  graph: RevisionGraph,
  database: Queryable,
  live: Schema,
): Promise<Match | undefined> {
  const tables = await tablesToFind(context, dialect, database, live)
  // The schema of all revisions.
  let whole: Schema | undefined
  // Of the replays before this one, and of this one.
  let before: Match | undefined
  let best: Match | undefined
  await visitCandidates(context, dialect, graph, {
    visit: async (candidate, isFirst) => {
      whole ??= candidate.schema
      if (isFirst) before = best
      const match = await compareWith(context, dialect, candidate, live)
      // In a replay, the newer of two equals wins; of two replays, the first one reaches newer revisions.
      const isBetter =
        best === undefined || (best === before ? distance(match) < distance(best) : distance(match) <= distance(best))
      if (isBetter) best = match
    },
    isTooFar: (names) => best !== undefined && leastDistance(tables, whole, names) > distance(best),
    isDone: () => best !== undefined && isEqual(best),
  })
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
    operation.op === 'createTable' || operation.op === 'dropTable' ? sizeOf(operation.definition) : 1,
  )
  return sizes.reduce((sum, size) => sum + size, 0) + names / (names + 1)
}

function sizeOf({ columns }: Pick<Table, 'columns'>): number {
  return 1 + columns.length
}

/** Tables of a live database by the names that a dialect lists without reading them. */
interface TablesToFind {
  readonly all: ReadonlySet<string>
  /** How far a state without this table is at least. */
  readonly sizes: ReadonlyMap<string, number>
  readonly isIgnored: (table: string) => boolean
}

async function tablesToFind(
  { connection, ignored }: MigratorContext,
  dialect: Dialect,
  database: Queryable,
  live: Schema,
): Promise<TablesToFind> {
  const all = new Set(await dialect.introspection.tableNames(database))
  const isIgnored = (table: string): boolean => ignored('table', undefined, table)
  // A comparison leaves them out.
  const tools = toolTables(live, await connection.toolsIn(live))
  const sizes = live.tables.flatMap((table): [string, number][] => {
    const name = displayName(table)
    if (!all.has(name) || tools.includes(table) || isIgnored(name)) return []
    return [[name, sizeOf({ columns: table.columns.filter((column) => !ignored('column', table, column.name)) })]]
  })
  return { all, sizes: new Map(sizes), isIgnored }
}

/**
 * How far a state is at least whose tables have these names: to read all of a schema takes many times as long, and most states of a
 * long history are far.
 *
 * @param whole the schema of all revisions: a table of it that only the state has is one difference at least
 */
function leastDistance(
  { all, sizes, isIgnored }: TablesToFind,
  whole: Schema | undefined,
  names: readonly string[],
): number {
  const made = new Set(names)
  const missing = [...sizes].reduce((sum, [name, size]) => (made.has(name) ? sum : sum + size), 0)
  const known = whole?.tables.map(displayName) ?? []
  return missing + known.filter((name) => made.has(name) && !all.has(name) && !isIgnored(name)).length
}

/** Compares one state with the database. */
export async function compareWith(
  context: MigratorContext,
  dialect: Dialect,
  { heads, schema: expected }: Candidate,
  live: Schema,
): Promise<Match> {
  const pair = await livePair(context, dialect, expected, live)
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
