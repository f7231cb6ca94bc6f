import type { DataSource, DataSourceOptions, QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import { withMetadata } from '../dialect/entity-metadata'
import type { Queryable } from '../dialect/queryable'
import { dialectNameOf, loadDialect } from '../dialect/registry'
import {
  batchesName,
  History,
  historyTables,
  journalName,
  metadataName,
  metadataTable,
  nameInSchema,
  schemaPrefix,
} from '../history/history'
import type { DatabaseInfo } from '../results'
import type { Revision } from '../revision/revision'
import type { Schema } from '../schema/schema'
import { type Recognized, recognizeTools } from '../history/recognize'
import { callDataSource, loadEntityFiles, withoutEntities } from './data-source'
import { withRunner } from '../shadow/shadows'
import type { MigratorOptions } from './options'
import { openDataSource } from './open'
import type { ReadConnection } from './project'
import { watchFunctions } from './watch-functions'

/** The table of leases. It exists if the database was ever migrated with one. */
const lockTable = 'aludel_lock'

/** See {@link Connection.ignoreTables}. The cheap connection exists only for the default names. */
export function ownTables({
  migrationsTableName = 'migrations',
  metadataTableName = metadataName,
}: Partial<Pick<DataSourceOptions, 'migrationsTableName' | 'metadataTableName'>> = {}): readonly string[] {
  return [migrationsTableName, journalName, lockTable, batchesName, metadataTableName]
}

/** The database of a project: its DataSource, connected on first use, and closed if it was opened here. */
export class Connection {
  readonly #options: Pick<MigratorOptions, 'dataSource' | 'dialects' | 'readConnection'>
  #dataSource: Promise<DataSource> | undefined
  #opened: DataSource | undefined
  #kept: DataSource | undefined
  #read: ReadConnection | undefined
  #entities: Promise<ReadonlySet<string>> | undefined

  /** @param revisions those of the project, with which the history recognizes its rows of earlier versions */
  constructor(
    options: Pick<MigratorOptions, 'dataSource' | 'dialects' | 'readConnection'>,
    private readonly revisions?: () => Promise<readonly Revision[]>,
  ) {
    this.#options = options
  }

  /** The DataSource, with its entities, not necessarily initialized. */
  async withEntities(): Promise<DataSource> {
    const dataSource = await this.dataSource()
    await loadEntityFiles(dataSource)
    return dataSource
  }

  /** The DataSource, not necessarily initialized. */
  dataSource(): Promise<DataSource> {
    return (this.#dataSource ??= this.#findDataSource())
  }

  async #findDataSource(): Promise<DataSource> {
    const { dataSource } = this.#options
    const found =
      typeof dataSource === 'function' ? await callDataSource('the dataSource function', dataSource) : dataSource
    watchFunctions(found, 'the DataSource')
    return found
  }

  async dialect(): Promise<Dialect> {
    return loadDialect(dialectNameOf((await this.dataSource()).options.type))
  }

  /** Dialects for which new revisions contain statements. */
  async dialects(): Promise<readonly Dialect[]> {
    const names = this.#options.dialects ?? [dialectNameOf((await this.dataSource()).options.type)]
    return names.map(loadDialect)
  }

  async history(): Promise<History> {
    return History.of(await this.dialect(), await this.dataSource(), this.revisions)
  }

  /** Reads the history, on the cheap connection if the project has one. */
  async readHistory<T>(work: (history: History, database: Queryable) => Promise<T>): Promise<T> {
    const light = await this.readConnection()
    if (light === null) return this.withReader(async (runner) => work(await this.history(), runner))
    return work(this.#historyOf(light), light)
  }

  /**
   * Reads the history on a connection that is opened for it and closed at once, for somebody who looks again and again: an idle
   * session would keep a restore or a `DROP DATABASE` waiting, and would not notice that the server behind the address is another
   * one now. Creates nothing.
   *
   * @throws AludelError `ALUDEL_DATABASE_MISSING` also where connecting would create the database
   */
  async glance<T>(
    work: (history: History, database: Queryable, about: () => Promise<DatabaseInfo>) => Promise<T>,
  ): Promise<T> {
    const { readConnection } = this.#options
    if (readConnection === undefined) {
      const { isInitialized, options } = await this.dataSource()
      const missing = isInitialized ? undefined : (await this.dialect()).connection.missing(options)
      if (missing !== undefined) throw missing
      return this.withReader(async (runner, dialect) =>
        work(await this.history(), runner, async () => ({
          dialect: dialect.name,
          name: (await dialect.introspection.describe(runner)).name,
        })),
      )
    }
    const light = await readConnection()
    try {
      return await work(this.#historyOf(light), light, () =>
        Promise.resolve({ dialect: light.dialect, name: light.name }),
      )
    } finally {
      // The answer is here; a connection that is lost cannot be closed.
      await light.close().catch(() => undefined)
    }
  }

  #historyOf(light: ReadConnection): History {
    const dialect = loadDialect(light.dialect)
    return new History({ dialect, table: 'migrations', journalTable: journalName, revisions: this.revisions })
  }

  /**
   * What {@link ignoreTables} returns, and the histories of other projects in this database: tables that look like one, are
   * no entity of this project, and hold nothing but migrations.
   */
  async ignoreTablesOf(database: Queryable): Promise<readonly string[]> {
    const others = await (await this.history()).others(database)
    if (others.length === 0) return this.ignoreTables()
    const entities = await this.#entityTables()
    return [
      ...(await this.ignoreTables()),
      ...others.filter((table) => !entities.has(nameInSchema(table).toLowerCase())),
    ]
  }

  /**
   * The histories of other tools in a database, without tables that an entity describes: no comparison shows them, as it shows none
   * of {@link ignoreTablesOf}.
   */
  async toolsIn(schema: Schema): Promise<readonly Recognized[]> {
    const tools = recognizeTools(schema)
    if (tools.length === 0) return tools
    const entities = await this.#entityTables()
    return tools.flatMap(({ tool, history, besides }) =>
      entities.has(history.name.toLowerCase())
        ? []
        : [{ tool, history, besides: besides.filter(({ name }) => !entities.has(name.toLowerCase())) }],
    )
  }

  /** The names of the tables that entities describe, in lower case. */
  #entityTables(): Promise<ReadonlySet<string>> {
    return (this.#entities ??= this.withEntities()
      .then(withMetadata)
      .then(({ entityMetadatas }) => new Set(entityMetadatas.map(({ tableName }) => tableName.toLowerCase()))))
  }

  /** Tables that belong to no project's schema: TypeORM's and our own. */
  async ignoreTables(): Promise<readonly string[]> {
    return ownTables((await this.dataSource()).options)
  }

  /** The schemas of the history and of TypeORM's metadata table, which a run creates before its first revision. */
  async ownSchemas(): Promise<readonly string[]> {
    const { options } = await this.dataSource()
    const prefixes = [historyTables(options).table, metadataTable(options)].map(schemaPrefix)
    return prefixes.filter((prefix) => prefix !== '').map((prefix) => prefix.slice(0, -1))
  }

  /** The type of a DataSource for which the statements of a dialect are read: that of the project, if it is of this dialect. */
  async driverOf({ name, connection: { driverTypes } }: Dialect): Promise<string> {
    const { type } = (await this.dataSource()).options
    return driverTypes.includes(type) ? type : (driverTypes[0] ?? name)
  }

  /** Runs `work` with a query runner, and releases it afterwards. Connects if necessary. */
  async withRunner<T>(work: (runner: QueryRunner, dialect: Dialect, dataSource: DataSource) => Promise<T>): Promise<T> {
    const dataSource = await this.connected()
    const dialect = await this.dialect()
    return borrowRunner(dataSource, dialect, (runner) => work(runner, dialect, dataSource))
  }

  /**
   * {@link withRunner} for what only looks at the database, on another connection that knows no entity: a broken entity must not
   * hide what is applied, and TypeORM creates the extensions that entities need when it connects.
   */
  async withReader<T>(work: (runner: QueryRunner, dialect: Dialect) => Promise<T>): Promise<T> {
    const dataSource = await this.dataSource()
    if (dataSource.isInitialized) return this.withRunner(work)
    const dialect = await this.dialect()
    const reader = withoutEntities(dataSource)
    await openDataSource(reader, dialect)
    try {
      return await borrowRunner(reader, dialect, (runner) => work(runner, dialect))
    } finally {
      await reader.destroy()
    }
  }

  /**
   * The DataSource, initialized.
   *
   * @throws AludelError `ALUDEL_ENTITIES` when TypeORM rejects the entities or cannot load a file; `ALUDEL_DATA_SOURCE` when a
   *   function of the options throws; `ALUDEL_CONNECT` and similar codes when it cannot connect
   */
  async connected(): Promise<DataSource> {
    const dataSource = await this.dataSource()
    if (dataSource.isInitialized) return dataSource
    await loadEntityFiles(dataSource)
    await openDataSource(dataSource, await this.dialect())
    this.#opened = dataSource
    return dataSource
  }

  /** The cheap connection, opened once; null if the project has none or a DataSource is open. */
  async readConnection(): Promise<ReadConnection | null> {
    const { readConnection } = this.#options
    // If a DataSource is open, a second connection would cost more than it saves.
    if (readConnection === undefined || this.#opened !== undefined) return null
    return (this.#read ??= await readConnection())
  }

  /** Closes the cheap connection, for a run: a pooler may have no second session for it. */
  async closeReadConnection(): Promise<void> {
    const read = this.#read
    this.#read = undefined
    await read?.close()
  }

  /** Calls `work` while nothing is connected through this object. A DataSource that others have initialized is opened again. */
  async whileClosed<T>(work: () => Promise<T>): Promise<T> {
    await this.close()
    const dataSource = await this.dataSource()
    const wasOpen = dataSource.isInitialized
    if (wasOpen) await dataSource.destroy()
    try {
      return await work()
    } finally {
      if (wasOpen) await openDataSource(dataSource, await this.dialect())
    }
  }

  /** True if the DataSource was not initialized by this object. */
  get wasInitialized(): boolean {
    return this.#opened === undefined && this.#kept === undefined
  }

  /** Leaves the DataSource connected on {@link close}. */
  keepOpen(): void {
    this.#kept = this.#opened
    this.#opened = undefined
  }

  /** Closes what was opened here. A DataSource that was passed in initialized stays open. */
  async close(): Promise<void> {
    await this.closeReadConnection()
    const opened = this.#opened
    this.#opened = undefined
    if (opened?.isInitialized === true) await opened.destroy()
  }
}

/** Runs `work` with a query runner that has a connection, and releases it afterwards. */
function borrowRunner<T>(
  dataSource: DataSource,
  dialect: Dialect,
  work: (runner: QueryRunner) => Promise<T>,
): Promise<T> {
  return withRunner(dataSource, async (runner) => {
    try {
      await dialect.connection.connect(runner)
    } catch (error) {
      throw dialect.errors.connectError(error, dataSource.options)
    }
    return work(runner)
  })
}
