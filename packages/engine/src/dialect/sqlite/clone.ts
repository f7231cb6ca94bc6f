import type { DataSource, DataSourceOptions } from 'typeorm'

/** Options of a DataSource that are about the driver and not about what is in the database. */
const driverOptions = ['driver', 'nativeBinding', 'key', 'prepareDatabase', 'statementCacheSize'] as const

/** Options under which a DataSource reads its entities, and nothing of what happens at its start. */
const modelOptions = [
  'entities',
  'entityPrefix',
  'entitySkipConstructor',
  'metadataTableName',
  'namingStrategy',
  'relationLoadStrategy',
  'typename',
] as const

/** The options of another DataSource for the same driver: no entities, nothing that happens by itself. */
export function driverOptionsOf(options: DataSourceOptions): Record<string, unknown> {
  return { ...pick(options, driverOptions), ...passive, type: options.type, entities: [] }
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

export function modelOptionsOf(options: DataSourceOptions): Record<string, unknown> {
  return pick(options, modelOptions)
}

/** A DataSource of the same TypeORM as the template: the project's, which need not be the one that Aludel would find. */
export function newDataSource(template: DataSource, options: Record<string, unknown>): DataSource {
  const Constructor = template.constructor as new (options: DataSourceOptions) => DataSource
  return new Constructor(options as unknown as DataSourceOptions)
}

function pick(options: object, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => names.includes(name) && value !== undefined),
  )
}
