import type { DataSource, QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { GenerationStrategy } from '../dialect/roles/ddl'
import type { IsDerived } from '../schema/derived'
import { withCountedExtensions } from '../schema/extensions'
import { findTable, type ObjectName, type Schema } from '../schema/schema'
import type { IsUnmanaged } from '../schema/unmanaged'
import type { SchemaCache } from './cache'
import { concurrentIndexes, markConcurrent } from './concurrent'
import { declaredSum } from './declared'
import { entitiesError, watchTables } from './entity-errors'
import { disagreements, refuseTwins } from './shared-tables'
import { type Shadows, withRunner } from './shadows'
import { rememberTablePaths } from './table-paths'

interface WantedOptions {
  /** Called for entities that share a table and contradict each other. */
  readonly onWarning?: (message: string) => void
  /** Called with the empty database before the entities are created. */
  readonly prepare?: (runner: QueryRunner) => Promise<void>
  /** Called with the database in which the entities were created: one is made even if the cache has its schema. */
  readonly look?: ((runner: QueryRunner) => Promise<void>) | undefined
}

/** Where the schema is made, and kept for the next command. */
interface WantedSources {
  readonly shadows: Shadows
  readonly cache: SchemaCache
  /** Tables that belong to no project's schema. */
  readonly ignoreTables: readonly string[]
}

export interface Wanted {
  readonly schema: Schema
  /** True for tables, views and indexes declared with `synchronize: false`, which TypeORM does not create either. */
  readonly unsynchronized: IsUnmanaged
  /** Columns that the entities declare as generated, such as `@PrimaryGeneratedColumn('uuid')`. */
  readonly generated: readonly GeneratedColumn[]
  /** Columns whose default is the moment at which they were created, and so differs in every database. */
  readonly momentary: readonly MomentaryDefault[]
  /** True for names of constraints and indexes that TypeORM derived, because no entity gives one. */
  readonly derived: IsDerived
}

/** A column with a generation strategy. */
export interface GeneratedColumn {
  /** Without `schema` the table of that name in any. */
  readonly table: ObjectName
  readonly column: string
  readonly strategy: GenerationStrategy
}

/** A column whose default is a text that the database evaluates once: `default: 'now()'` on PostgreSQL. */
export interface MomentaryDefault {
  /** Without `schema` the table of that name in any. */
  readonly table: ObjectName
  readonly column: string
}

/**
 * The schema that the entities declare: TypeORM's schema sync on an empty shadow database, read by the introspector that
 * also reads the other side, so that the database canonicalizes both (decision D2). Without `prepare`, what the same
 * declarations gave before is taken from the cache, and no database is made.
 *
 * @throws AludelError `ALUDEL_ENTITIES` if TypeORM rejects an entity or cannot create its table
 */
export async function wantedSchema(
  dialect: Dialect,
  { shadows, cache, ignoreTables }: WantedSources,
  { onWarning, prepare, look }: WantedOptions = {},
): Promise<Wanted> {
  const declared = prepare === undefined ? await declaration(dialect, shadows, ignoreTables, cache) : undefined
  const known = declared === undefined || look !== undefined ? null : await cache.get(declared.key)
  if (declared !== undefined && known !== null) {
    const { dataSource } = declared
    return wantedOf(dialect, dataSource, known, concurrentIndexes(dataSource.entityMetadatas), onWarning)
  }
  return shadows.withDatabase(dialect, async ({ dataSource }) => {
    if (prepare !== undefined) await withRunner(dataSource, prepare)
    const concurrent = concurrentIndexes(dataSource.entityMetadatas)
    await synchronize(dataSource, dialect)
    const schema = await withRunner(dataSource, async (runner) => {
      await look?.(runner)
      return dialect.introspection.read(runner, { ignoreTables })
    })
    const wanted = wantedOf(dialect, dataSource, schema, concurrent, onWarning)
    if (declared !== undefined && wanted.momentary.length === 0) await cache.set(declared.key, schema)
    return wanted
  })
}

/** What the entities declare: a DataSource that knows them, and the key of their schema in the cache. */
async function declaration(
  dialect: Dialect,
  shadows: Shadows,
  ignoreTables: readonly string[],
  cache: SchemaCache,
): Promise<{ readonly dataSource: DataSource; readonly key: string } | undefined> {
  const server = await shadows.server(dialect)
  try {
    const { dataSource, options } = await server.describe()
    const sum = declaredSum(dataSource, options)
    return sum === undefined
      ? undefined
      : { dataSource, key: cache.entityKey(dialect.name, server.setting, sum, ignoreTables) }
  } catch {
    // TypeORM rejects them: opening a shadow database says why.
    return undefined
  }
}

function wantedOf(
  dialect: Dialect,
  dataSource: DataSource,
  schema: Schema,
  concurrent: ReturnType<typeof concurrentIndexes>,
  onWarning: WantedOptions['onWarning'],
): Wanted {
  refuseTwins(schema, dataSource)
  for (const message of disagreements(dataSource)) onWarning?.(message)
  const momentary = momentaryDefaults(dataSource, dialect)
  for (const { table, column } of momentary)
    onWarning?.(
      `the default of ${table.name}.${column} is a text that ${dialect.name} evaluates once, when the column is created; ` +
        "for the time of each row write default: () => 'now()'",
    )
  const { extensions } = dataSource.options as { readonly extensions?: readonly string[] }
  return {
    schema: markConcurrent(withCountedExtensions(schema, extensions), concurrent),
    unsynchronized: unsynchronized(dataSource),
    generated: generatedColumns(dataSource),
    momentary,
    derived: derivedNames(dataSource),
  }
}

function generatedColumns({ entityMetadatas }: DataSource): GeneratedColumn[] {
  return entityMetadatas.flatMap(({ columns, schema, tableName }) =>
    columns.flatMap(({ databaseName, isGenerated, generationStrategy }) =>
      isGenerated && generationStrategy !== undefined
        ? [{ table: { name: tableName, schema }, column: databaseName, strategy: generationStrategy }]
        : [],
    ),
  )
}

function momentaryDefaults({ entityMetadatas, driver }: DataSource, dialect: Dialect): MomentaryDefault[] {
  return entityMetadatas.flatMap(({ columns, schema, tableName }) =>
    columns.flatMap((column) =>
      typeof column.default === 'string' && dialect.shadow.evaluatesOnce(driver.normalizeType(column), column.default)
        ? [{ table: { name: tableName, schema }, column: column.databaseName }]
        : [],
    ),
  )
}

/**
 * The wanted schema with these defaults as they are in `from`, where it has one: otherwise they would differ in every
 * comparison.
 */
export function keepMomentary({ schema, momentary }: Wanted, from: Schema): Schema {
  if (momentary.length === 0) return schema
  const isMomentary = (table: ObjectName, column: string): boolean =>
    momentary.some(
      (one) =>
        one.table.name === table.name &&
        (one.table.schema === undefined || one.table.schema === table.schema) &&
        one.column === column,
    )
  return {
    ...schema,
    tables: schema.tables.map((table) => ({
      ...table,
      columns: table.columns.map((column) => {
        const old = findTable(from, table)?.columns.find(({ name }) => name === column.name)
        return old?.default === undefined || !isMomentary(table, column.name)
          ? column
          : { ...column, default: old.default }
      }),
    })),
  }
}

/** Every name that no decorator gives is derived: whatever the naming strategy makes of it. */
function derivedNames({ entityMetadatas, namingStrategy }: DataSource): IsDerived {
  const given = new Set<string>()
  for (const { tableName, columns, relations, ...entity } of entityMetadatas) {
    const named = [entity.indices, entity.uniques, entity.checks, entity.exclusions, entity.foreignKeys].flat()
    const names = [...named.map(({ givenName }) => givenName), ...columns.map((one) => one.primaryKeyConstraintName)]
    for (const name of names) given.add(JSON.stringify([tableName, name]))
    // TypeORM gives the unique constraint of a one-to-one relation its name as a decorator would.
    for (const { isOneToOneOwner, joinColumns } of relations) {
      if (!isOneToOneOwner) continue
      const keys = joinColumns.map(({ databaseName }) => databaseName)
      given.delete(JSON.stringify([tableName, namingStrategy.relationConstraintName(tableName, keys)]))
    }
  }
  return (table, name) => !given.has(JSON.stringify([table.name, name]))
}

function unsynchronized({ entityMetadatas }: DataSource): IsUnmanaged {
  const tables = new Set(entityMetadatas.flatMap((entity) => (entity.synchronize ? [] : [entity.tableName])))
  const indexes = new Set(
    entityMetadatas.flatMap(({ tableName, indices }) =>
      indices.flatMap((index) => (!index.synchronize ? [JSON.stringify([tableName, index.name])] : [])),
    ),
  )
  if (tables.size + indexes.size === 0) return () => false
  // The name may have the prefix of a schema.
  const isTable = (name: string): boolean => tables.has(name) || tables.has(name.slice(name.indexOf('.') + 1))
  return (kind, table, name) => {
    if (kind === 'table' || kind === 'view') return isTable(name)
    return kind === 'index' && table !== undefined && indexes.has(JSON.stringify([table.name, name]))
  }
}

/** Creates the tables of the entities in an empty database. */
export async function synchronize(dataSource: DataSource, dialect: Dialect): Promise<void> {
  const tables = watchTables(dataSource)
  const forgetPaths = rememberTablePaths(dataSource.driver)
  try {
    await dialect.shadow.createEntities(dataSource)
  } catch (cause) {
    throw entitiesError(dialect, dataSource, cause, tables)
  } finally {
    forgetPaths()
  }
}
