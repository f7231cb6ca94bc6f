import type { DataSourceOptions } from 'typeorm'

/** Names of the options of a DataSource that are about its connection, as the drivers of one dialect have them. */
export interface ConnectionOptions {
  /** Where the database is, as whom it is used, and how this one connection behaves. They leave when the database is another. */
  readonly place: readonly string[]
  /** What the driver is, and what it does to every connection. They stay for another database with the same driver. */
  readonly driver: readonly string[]
}

/** What makes a DataSource only do what it is told. */
export const passive = {
  migrations: [],
  subscribers: [],
  synchronize: false,
  migrationsRun: false,
  dropSchema: false,
  logging: false,
  cache: false,
} as const

/** Options that say nothing about what tables look like, whatever the driver. */
const withoutModel = [...Object.keys(passive), 'type', 'name', 'logger', 'maxQueryExecutionTime']

/** Options about the model that a DataSource of every dialect has. */
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

/** How a dialect is connected to, as far as it matters here. */
interface Drivers {
  readonly driverTypes: readonly string[]
  readonly options: ConnectionOptions
}

/**
 * The options under which a DataSource reads its entities and calls its tables, for another DataSource of the dialect with these drivers. Nothing
 * about a connection, and nothing that happens by itself.
 */
export function modelOptions(options: DataSourceOptions, drivers: Drivers): Partial<DataSourceOptions> {
  if (!drivers.driverTypes.includes(options.type)) return only(options, commonModel)
  const { place, driver } = drivers.options
  return without(options, [...place, ...driver, ...withoutModel])
}

/**
 * All of a DataSource's options, moved to another database.
 *
 * A URL says which database it is, and not by which driver: where the DataSource has one for it, that one is used.
 *
 * @param drivers those of the dialect of `options`, when it is also the dialect of `connection`
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

/** Those of the options that have one of these names and a value. */
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
