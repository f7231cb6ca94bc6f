import { AludelError } from '../errors'
import { withoutExtraExtensions } from '../schema/extensions'
import { documentOf } from '../schema/document'
import { planChanges } from '../difference/plan-changes'
import { operationToJson } from '../difference/merge-dialects'
import type { Dialect } from '../dialect/dialect'
import type { TableEstimate } from '../dialect/roles/introspection'
import type { MigratorContext } from '../project/context'
import type { SchemaDifference, SchemaDocument } from '../results'
import type { RevisionGraph } from '../revision/graph'
import { needsApplied, resolve } from '../revision/identifier'
import { nearest } from '../revision/names'
import { displayName, type ObjectName, sameName, type Schema } from '../schema/schema'
import { replayedSchema } from '../shadow/schemas'

/** Options of `Migrator.schema`. */
export interface SchemaOptions {
  /** `live` (default): the database itself, or a REV: the schema that the revisions make, up to it. */
  readonly at?: string
  /** Only these tables and views, and the types of their columns; named as in the result. Default: everything. */
  readonly tables?: readonly string[]
}

/** Options of `Migrator.schemaDifference`. */
export interface SchemaDifferenceOptions {
  /** `live`, or a REV. */
  readonly from: string
  /** `live`, or a REV. */
  readonly to: string
}

/**
 * The schema of the live database, or of a revision: replayed on a shadow database, or from the cache.
 *
 * @throws AludelError as `show`, `ALUDEL_REPLAY`, `ALUDEL_SHADOW`, and those of connecting
 */
export async function readSchema(
  context: MigratorContext,
  { at = 'live', tables: names }: SchemaOptions,
): Promise<SchemaDocument> {
  const dialect = await context.connection.dialect()
  const { schema, estimates, ...side } = await sideOf(context, dialect, at, names, true)
  const { tables, ...objects } = documentOf(schema)
  const sizes = new Map(estimates?.map((estimate) => [estimate.name, estimate]))
  return {
    at: side.at,
    dialect: dialect.name,
    tables: tables.map((table) => {
      if (estimates === undefined) return table
      const { rows = null, bytes = null } = sizes.get(table.name) ?? {}
      return { ...table, rows, bytes }
    }),
    ...objects,
  }
}

/** The tables and views of these names, and the types of their columns. */
function partOf(schema: Schema, names: readonly string[] | undefined): Schema {
  if (names === undefined) return schema
  const known = [...schema.tables, ...schema.views].map(displayName)
  for (const name of names) if (!known.includes(name)) throw unknownTable(name, known)
  const isNamed = (object: ObjectName): boolean => names.includes(displayName(object))
  const tables = schema.tables.filter(isNamed)
  const types = tables.flatMap(({ columns }) => columns.flatMap((column) => column.enum ?? []))
  return {
    ...schema,
    tables,
    views: schema.views.filter(isNamed),
    enums: schema.enums.filter((type) => types.some((used) => sameName(used, type))),
    sequences: [],
  }
}

function unknownTable(name: string, known: readonly string[]): AludelError {
  const candidates = nearest(name, known)
  return new AludelError('ALUDEL_USAGE', `there is no table or view ${JSON.stringify(name)}`, {
    help: candidates.length === 0 ? undefined : `Nearest: ${candidates.join(', ')}.`,
    details: { table: name, nearest: candidates },
  })
}

/**
 * The operations that lead from one schema to another. Renames are not known, and are a drop and a create.
 *
 * @throws AludelError as {@link readSchema}
 */
export async function compareSchemas(
  context: MigratorContext,
  options: SchemaDifferenceOptions,
): Promise<SchemaDifference> {
  const dialect = await context.connection.dialect()
  const from = await sideOf(context, dialect, options.from)
  const to = await sideOf(context, dialect, options.to)
  const own = new Set(await context.connection.ownSchemas())
  const { operations } = planChanges(comparable(from, to, own), comparable(to, from, own), [], {
    unmanaged: context.ignored,
  })
  return {
    from: from.at,
    to: to.at,
    operations: operations.map((operation) => operationToJson(operation, [dialect.name])),
  }
}

/** A schema, and whose it is. */
interface Side {
  /** `live`, `base`, or ids with commas between them. */
  readonly at: string
  readonly schema: Schema
  readonly isLive: boolean
  readonly estimates?: readonly TableEstimate[]
}

async function sideOf(
  context: MigratorContext,
  dialect: Dialect,
  at: string,
  names?: readonly string[],
  isSized = false,
): Promise<Side> {
  if (at === 'live') return liveSide(context, dialect, names, isSized)
  const { graph, ids } = await resolved(context, at)
  const needed = graph.ancestors(ids, { dependencies: true })
  const schema = await replayedSchema(context, dialect, graph.sort(needed))
  return { at: ids.length === 0 ? 'base' : ids.join(), schema: partOf(schema, names), isLive: false }
}

async function resolved(
  context: MigratorContext,
  rev: string,
): Promise<{ readonly graph: RevisionGraph; readonly ids: readonly string[] }> {
  const { graph, revisions } = await context.revisions.read()
  // While a database has only some of the revisions that a squash replaces, its graph has these.
  const isReplaced = !graph.has(rev) && revisions.some(({ id }) => id === rev)
  const state = isReplaced || needsApplied(rev) ? await context.state() : { graph, applied: undefined }
  return { graph: state.graph, ids: resolve(state.graph, rev, { purpose: 'show', applied: state.applied }).ids }
}

function liveSide(
  context: MigratorContext,
  dialect: Dialect,
  names: readonly string[] | undefined,
  isSized: boolean,
): Promise<Side> {
  return context.connection.withReader(async (runner) => {
    const ignoreTables = await context.connection.ignoreTablesOf(runner)
    const schema = partOf(await dialect.introspection.read(runner, { ignoreTables }), names)
    const estimates = isSized
      ? await dialect.introspection.estimateSizes(runner, schema.tables.map(displayName))
      : undefined
    return { at: 'live', schema, isLive: true, estimates }
  })
}

/**
 * The schema of a live database without what depends on runs and not on revisions: the schemas of the tool's own tables, and
 * extensions that others installed.
 */
function comparable({ schema, isLive }: Side, other: Side, own: ReadonlySet<string>): Schema {
  if (!isLive || other.isLive) return schema
  const schemas = [
    ...schema.schemas.filter((name) => !own.has(name)),
    ...other.schema.schemas.filter((name) => own.has(name)),
  ].sort()
  return withoutExtraExtensions({ ...schema, schemas }, other.schema)
}
