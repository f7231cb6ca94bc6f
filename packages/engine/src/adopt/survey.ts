import type { QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { Queryable } from '../dialect/queryable'
import { AludelError } from '../errors'
import { refuseUnknown, type State } from '../history/state'
import type { MigratorContext } from '../project/context'
import type { AdoptedTool } from '../results'
import { displayName, type ObjectName, type Schema } from '../schema/schema'
import { lastQuery, type Recognized, toolTables, withoutTables } from '../history/recognize'

/** A database, without the tables of TypeORM and of this tool. */
export interface Live {
  readonly schema: Schema
  /** Tables of other tools. */
  readonly tools: readonly ObjectName[]
}

/** A database that is to be taken over. */
export interface Survey {
  /** No revision is applied. */
  readonly state: State
  readonly live: Live
  /** Of TypeORM and of this tool. */
  readonly ignoreTables: readonly string[]
  /** The tools that have kept a history in it. */
  readonly tools: readonly AdoptedTool[]
}

/**
 * Reads a database: its history, its tables, and the histories that tools have kept in it. Changes nothing.
 *
 * @throws AludelError `ALUDEL_HISTORY_EXISTS` if it has run these revisions, `ALUDEL_UNKNOWN_APPLIED` if this tool has run others,
 *   `ALUDEL_NOTHING_TO_DO` if it has no tables
 */
export async function surveyDatabase(context: MigratorContext, dialect: Dialect, runner: QueryRunner): Promise<Survey> {
  const state = await context.state(runner)
  await refuseOurs(context, state, runner)
  const ours = await context.connection.ignoreTables()
  const ignoreTables = await context.connection.ignoreTablesOf(runner)
  const live = await readLive(context, dialect, runner, ignoreTables)
  const { tables: left, views, enums } = withoutTables(live.schema, live.tools)
  if (left.length + views.length + enums.length === 0) {
    throw new AludelError('ALUDEL_NOTHING_TO_DO', 'there is nothing to take over: the database has no tables', {
      help: 'The revisions create them: aludel migrate upgrade',
    })
  }
  const typeorm = [
    ...(state.unknown.length === 0 ? [] : [(await context.connection.history()).table]),
    ...ignoreTables.filter((table) => !ours.includes(table)),
  ]
  const tools: AdoptedTool[] = []
  for (const table of typeorm) tools.push(await typeormHistory(dialect, runner, table))
  for (const found of await context.connection.toolsIn(live.schema)) tools.push(await toolOf(dialect, runner, found))
  return { state, live, ignoreTables, tools }
}

/** Reads the schema of a database. It sends no statement that may fail, so it can be used in a transaction. */
export async function readLive(
  { connection }: MigratorContext,
  dialect: Dialect,
  database: Queryable,
  ignoreTables: readonly string[],
): Promise<Live> {
  const schema = await dialect.introspection.read(database, { ignoreTables })
  return { schema, tools: toolTables(schema, await connection.toolsIn(schema)) }
}

async function refuseOurs(context: MigratorContext, state: State, runner: QueryRunner): Promise<void> {
  const halfway = (await context.halfway(state, runner)).flatMap(({ revision }) => revision ?? [])
  if (state.names.length === state.unknown.length && halfway.length === 0) {
    if (state.unknown.length === 0) return
    // Rows that this tool has written are not forgotten: their files are missing, or this is the wrong directory.
    const written = await (await context.connection.history()).lastApplied(runner)
    if (state.unknown.some((name) => written.has(name))) refuseUnknown(state)
    return
  }
  const { current } = state
  throw new AludelError(
    'ALUDEL_HISTORY_EXISTS',
    `the database has a history of these revisions already: ${current.length > 0 ? `it is at ${current.join(', ')}` : halfway.length > 0 ? `a run stopped in ${halfway.join(', ')}` : 'some of what a squash replaces is applied'}`,
    {
      help: [
        'aludel migrate upgrade            applies what is pending',
        'aludel migrate check --database   compares the database with its revisions',
        'aludel migrate stamp REV          records another revision as applied',
      ].join('\n'),
      details: { current, halfway },
    },
  )
}

async function typeormHistory(dialect: Dialect, runner: QueryRunner, table: string): Promise<AdoptedTool> {
  const rows = await rowsOf(runner, dialect.journal.selectApplied(table))
  const last = rows.at(-1)?.['name']
  return { name: 'TypeORM', table, last: typeof last === 'string' ? last : null }
}

async function toolOf(dialect: Dialect, runner: QueryRunner, found: Recognized): Promise<AdoptedTool> {
  const rows = await rowsOf(
    runner,
    lastQuery(found, (identifier) => dialect.sql.quote(identifier)),
  )
  const last = rows.flatMap((row) => (typeof row['last'] === 'string' ? [row['last']] : []))
  return {
    name: found.tool.name,
    table: displayName(found.history),
    last: last.length === 0 ? null : last.join(', '),
  }
}

/** How far a tool was is worth a line, not a failure: a role may see a table and not read it. */
async function rowsOf(runner: QueryRunner, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  try {
    return (await runner.query(sql)) as Record<string, unknown>[]
  } catch {
    return []
  }
}
