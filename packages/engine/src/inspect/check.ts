import { compareBranches } from '../branches/compare-branches'
import type { MigratorContext } from '../project/context'
import { databasePair, diffOf, entityDiffs, livePair, operationsByDialect, type SidePair } from '../create/diff'
import { replayedSchema } from '../shadow/schemas'
import { findMakers, type Maker } from '../create/makers'
import { keepNames } from '../create/names'
import { unmanagedIn } from '../create/questions'
import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import { shownNames, toolTables } from '../history/recognize'
import type { State } from '../history/state'
import type { Operation } from '../operations/operation'
import type { CheckResult, DatabaseDrift, Drift, ToolTables } from '../results'
import { type UnmanagedDrop, unmanagedDrops } from '../difference/unmanaged-drops'
import { mergeOperations, operationToJson } from '../difference/merge-dialects'
import { findTable, type Schema } from '../schema/schema'
import { stableJson } from '../schema/json'
import { type Examined, examine } from './findings'
import { databaseWords, sidesAhead } from './sides'

/** Options of `Migrator.check`. */
export interface CheckOptions {
  /** Also compare the live database with its applied revisions. Default is false. */
  readonly database?: boolean
  /** Names that TypeORM derives, where they are the only difference, are not clean either. Default is false. */
  readonly names?: boolean
}

/**
 * Checks that the entities match the revisions, that the branches commute and, with `database`, that the live database
 * matches its applied revisions. Writes nothing.
 *
 * `unmanaged` objects equal any definition of them; objects that other tools manage (`ignore`) are skipped on all sides.
 *
 * @throws AludelError `ALUDEL_REPLAY`, `ALUDEL_ENTITIES`, and the errors of connecting
 * @example
 * const { clean, operations, unmanaged, database } = await migrator.check({ database: true })
 */
export async function checkProject(context: MigratorContext, options: CheckOptions = {}): Promise<CheckResult> {
  const { graph } = await context.revisions.read()
  const branches = await compareBranches(
    context,
    graph.heads.map(({ id }) => id),
  )
  if (branches.some(({ commute }) => !commute))
    return { clean: false, operations: [], unmanaged: [], names: [], database: null, branches }
  const { pairs, names } = keepNames(await entityDiffs(context, await context.connection.dialects()))
  const { diffs, unmanaged } = await unmanagedIn(context, pairs)
  const operations = mergeOperations(operationsByDialect(diffs)).map(({ operation, dialects }) =>
    operationToJson(operation, dialects),
  )
  const database = options.database === true ? await checkDatabase(context, pairs) : null
  const meets = branches.some(({ conflicts }) => conflicts.length > 0)
  const differ = operations.length + unmanaged.length + (options.names === true ? names.length : 0)
  return { clean: differ === 0 && !meets, operations, unmanaged, names, database, branches }
}

/** The drift of the database, explained. */
async function checkDatabase(context: MigratorContext, pairs: readonly SidePair[]): Promise<DatabaseDrift> {
  return context.connection.withReader(async (runner, dialect) => {
    const examined = await examine(context, runner)
    const { state } = examined
    if (state.unknown.length > 0) return incomparable(examined)
    const sides = await compareLive(context, dialect, runner, state)
    const pair = pairs.find((candidate) => candidate.dialect.name === dialect.name)
    return driftOf(context, dialect, runner, examined, sides, {
      beyond: () => sidesBeyond(context, dialect, state, sides.expected, pair),
      makers: (missing) => findMakers(context, dialect, missing),
    })
  })
}

/** If the files of applied revisions are missing, there is no schema to compare with. */
export function incomparable({ state, findings }: Examined): DatabaseDrift {
  return { clean: false, operations: [], pending: state.pending.length, matches: null, findings, broken: [] }
}

/** What explains differences, if there are any; each may replay revisions. */
export interface Explaining {
  readonly beyond: () => Promise<readonly Beyond[]>
  readonly makers: (missing: readonly UnmanagedDrop[]) => Promise<ReadonlyMap<string, Maker>>
}

/** The drift of a database whose schema has been compared. */
export async function driftOf(
  context: MigratorContext,
  dialect: Dialect,
  runner: Queryable,
  { state, findings }: Examined,
  { live, expected, operations }: Awaited<ReturnType<typeof compareLive>>,
  explaining: Explaining,
): Promise<DatabaseDrift> {
  const tools = await toolsBeside(context, live, expected)
  const beyond = operations.length === 0 ? [] : await explaining.beyond()
  let matches: Beyond | undefined
  for (const side of beyond) {
    if (diffOf(await livePair(context, dialect, side.schema, live)).operations.length > 0) continue
    matches = side
    break
  }
  const broken = (await dialect.introspection.brokenObjects(runner)).filter(
    ({ kind, name, table }) => !context.ignored(kind, table === undefined ? undefined : { name: table }, name),
  )
  return {
    clean: operations.length + broken.length === 0 && findings.every(({ kind }) => kind === 'late'),
    operations: await explain(dialect, operations, expected, beyond, explaining.makers),
    pending: state.pending.length,
    matches: matches?.name ?? null,
    findings,
    broken,
    ...(tools.length > 0 && { tools }),
  }
}

/** The tables of other tools that are not compared. */
async function toolsBeside(context: MigratorContext, live: Schema, expected: Schema): Promise<readonly ToolTables[]> {
  const found = await context.connection.toolsIn(live)
  const left = toolTables(live, found).filter((table) => findTable(expected, table) === undefined)
  return found.flatMap(({ tool, history, besides }) => {
    const tables = shownNames([history, ...besides].filter((table) => left.includes(table)))
    return tables.length === 0 ? [] : [{ name: tool.name, tables }]
  })
}

/**
 * The schemas of the database and of its applied revisions, and the operations from the latter to the former.
 *
 * @param known the schema of the applied revisions; default is that of a replay
 */
export async function compareLive(
  context: MigratorContext,
  dialect: Dialect,
  database: Queryable,
  { graph, applied }: State,
  known?: Schema,
) {
  const ignoreTables = await context.connection.ignoreTablesOf(database)
  const live = await dialect.introspection.read(database, { ignoreTables })
  const expected = known ?? (await replayedSchema(context, dialect, graph.sort(applied)))
  return { live, expected, operations: diffOf(await livePair(context, dialect, expected, live)).operations }
}

/** A schema that the database may already have: that after the pending revisions, or that of the entities. */
export interface Beyond {
  readonly name: 'head' | 'entities'
  readonly schema: Schema
  /** Operations from the schema of the applied revisions to this one, as text. */
  readonly changes: ReadonlySet<string>
}

async function sidesBeyond(
  context: MigratorContext,
  dialect: Dialect,
  state: State,
  expected: Schema,
  pair: SidePair | undefined,
): Promise<readonly Beyond[]> {
  const sides: Beyond[] = []
  if (state.pending.length > 0)
    sides.push(headSide(context, dialect, expected, await replayedSchema(context, dialect, state.graph.order)))
  if (pair !== undefined) {
    const { to, operations } = diffOf({ ...pair, from: expected })
    sides.push(sideOf('entities', to, operations))
  }
  return sides
}

/** The schema after the pending revisions, as the database may already have it. */
export function headSide(context: MigratorContext, dialect: Dialect, expected: Schema, head: Schema): Beyond {
  return sideOf('head', head, diffOf(databasePair(context, dialect, expected, head)).operations)
}

function sideOf(name: Beyond['name'], schema: Schema, operations: readonly Operation[]): Beyond {
  return { name, schema, changes: new Set(operations.map((operation) => stableJson(operation))) }
}

async function explain(
  dialect: Dialect,
  operations: readonly Operation[],
  expected: Schema,
  beyond: readonly Beyond[],
  makersOf: Explaining['makers'],
): Promise<Drift[]> {
  const missing = unmanagedDrops(operations, expected)
  const makers = await makersOf(missing)
  const aheadOf = sidesAhead(operations)
  return operations.map((operation): Drift => {
    const ahead = aheadOf(operation)
    const matches = beyond.find(({ changes }) => changes.has(stableJson(operation)))?.name ?? null
    const object = missing.find((candidate) => candidate.operation === operation)
    const maker = object === undefined ? undefined : makers.get(object.pattern)?.revision
    return {
      ...operationToJson(operation, [dialect.name]),
      ahead,
      matches,
      revision: maker?.id ?? null,
      explanation: explanationOf(
        operation,
        ahead,
        matches,
        maker === undefined ? null : `${maker.id} (${maker.message})`,
      ),
    }
  })
}

function explanationOf(
  operation: Operation,
  ahead: Drift['ahead'],
  matches: Drift['matches'],
  maker: string | null,
): string {
  const had = databaseWords(operation, ahead)
  if (operation.op.startsWith('drop')) {
    if (ahead === 'both') return maker === null ? had : `${had}: revision ${maker} creates it`
    const by = maker === null ? 'the applied revisions create it' : `revision ${maker} creates it`
    return `${had}: ${by}`
  }
  if (matches === 'head') return `${had}, which a pending revision creates`
  if (matches === 'entities') return `${had}, as the entities define it, and no revision creates it`
  return ahead === 'both' ? `${had} (changed by hand?)` : `${had}, which no revision creates (unmanaged?)`
}
