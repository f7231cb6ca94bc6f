import type { DataSourceOptions } from 'typeorm'

/** Names of the DataSource options that concern the connection, for the drivers of one dialect. */
export interface ConnectionOptions {
  /** Location, user and behavior of this one connection. Not carried over to another database. */
  readonly place: readonly string[]
  /** The driver, and its effect on every connection. Carried over to another database with the same driver. */
  readonly driver: readonly string[]
}

/** Options that stop a DataSource from doing anything automatically. */
export const passive = {
  migrations: [],
  subscribers: [],
  synchronize: false,
  migrationsRun: false,
  dropSchema: false,
  logging: false,
  cache: false,
} as const

/** Options that do not affect tables, whatever the driver. */
const withoutModel = [...Object.keys(passive), 'type', 'name', 'logger', 'maxQueryExecutionTime']

/** Options about the model that exist in every dialect. */
const commonModel = [
  'entities',
  'entityPrefix',
  'entitySkipConstructor',
  'invalidWhereValuesBehavior',
  'isolateWhereStatements',
  'metadataTableName',
  'migrationsTableName',
  'migrationsTransactionMode',
  'namingStrategy',
  'relationLoadStrategy',
  'typename',
]

/** The drivers of a dialect, and their connection options. */
interface Drivers {
  readonly driverTypes: readonly string[]
  readonly options: ConnectionOptions
}

/**
 * The options that decide which entities a DataSource has and what their tables are called, for use in another DataSource
 * with these drivers. Excludes the connection, and everything that would run automatically.
 */
export function modelOptions(options: DataSourceOptions, drivers: Drivers): Partial<DataSourceOptions> {
  if (!drivers.driverTypes.includes(options.type)) return only(options, commonModel)
  const { place, driver } = drivers.options
  return without(options, [...place, ...driver, ...withoutModel])
}

/**
 * All options of a DataSource, pointed at another database.
 *
 * A URL names a database but not a driver, so the driver of the DataSource is kept where it serves that database.
 *
 * @param drivers of the dialect of `options`; undefined when `connection` has another dialect
 */
export function movedOptions(
  options: DataSourceOptions,
  connection: DataSourceOptions,
  drivers: Drivers | undefined,
): DataSourceOptions {
  const kept = drivers === undefined ? only(options, commonModel) : without(options, [...drivers.options.place, 'type'])
  const type = drivers === undefined ? connection.type : options.type
  return { ...kept, ...connection, type } as DataSourceOptions
}

/** The options with one of these names and a defined value. */
export function only(options: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => names.includes(name) && value !== undefined),
  )
}

function without(options: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => !names.includes(name) && value !== undefined),
  )
}
