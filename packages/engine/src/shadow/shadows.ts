import type { DataSource, QueryRunner } from 'typeorm'

import type { Dialect } from '../dialect/dialect'
import type { DialectName } from '../dialect/registry'
import type { ShadowDatabase, ShadowServer } from '../dialect/roles/shadow'
import { isAludelError } from '../errors'
import { rejectedEntities } from './entity-errors'

interface ShadowsOptions {
  readonly template: DataSource
  readonly urls: Readonly<Partial<Record<DialectName, string>>>
  readonly onProgress?: (message: string) => void
}

/** The shadow servers of one command: each is opened on first use, and all are closed together. */
export class Shadows {
  readonly #servers = new Map<DialectName, Promise<ShadowServer>>()
  /** Databases that are being opened: a server can only close those that are there. */
  readonly #opening = new Set<Promise<ShadowDatabase>>()

  constructor(private readonly options: ShadowsOptions) {}

  server(dialect: Dialect): Promise<ShadowServer> {
    const known = this.#servers.get(dialect.name)
    if (known !== undefined) return known
    const { template, urls, onProgress } = this.options
    const opened = dialect.shadow.open({ template, url: urls[dialect.name], onProgress })
    this.#servers.set(dialect.name, opened)
    return opened
  }

  /** Opens an empty database, which the caller drops or gives back. */
  async open(dialect: Dialect): Promise<ShadowDatabase> {
    const server = await this.server(dialect)
    return this.#noting(open(server, this.options.template))
  }

  /** Runs `work` with an empty database, which is emptied or removed afterwards. */
  async withDatabase<T>(
    dialect: Dialect,
    work: (database: ShadowDatabase, server: ShadowServer) => Promise<T>,
  ): Promise<T> {
    const server = await this.server(dialect)
    const database = await this.open(dialect)
    try {
      const result = await work(database, server)
      await database.giveBack()
      return result
    } catch (error) {
      await database.drop()
      throw error
    }
  }

  /**
   * Runs `work` with a query runner of an empty database that is stored as a live one is.
   *
   * @param file that of the live database; absent where it is not a file
   */
  async withRunnerBeside<T>(
    dialect: Dialect,
    file: string | undefined,
    work: (runner: QueryRunner) => Promise<T>,
  ): Promise<T> {
    const server = await this.server(dialect)
    const database = await this.#noting(server.openBeside(file))
    try {
      const result = await withRunner(database.dataSource, work)
      await database.giveBack()
      return result
    } catch (error) {
      await database.drop()
      throw error
    }
  }

  /** Runs `work` with a query runner of an empty database. */
  async withRunner<T>(dialect: Dialect, work: (runner: QueryRunner, dataSource: DataSource) => Promise<T>): Promise<T> {
    return this.withDatabase(dialect, ({ dataSource }) => withRunner(dataSource, (runner) => work(runner, dataSource)))
  }

  async #noting(opening: Promise<ShadowDatabase>): Promise<ShadowDatabase> {
    this.#opening.add(opening)
    try {
      return await opening
    } finally {
      this.#opening.delete(opening)
    }
  }

  /** Closes every server, with the databases that are being opened; never throws. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#opening)
    const opened = await Promise.allSettled(this.#servers.values())
    this.#servers.clear()
    for (const result of opened) if (result.status === 'fulfilled') await result.value.close()
  }
}

/** Opens a shadow database. Its DataSource has the entities of the project, so TypeORM may reject them here. */
async function open(server: ShadowServer, template: DataSource): Promise<ShadowDatabase> {
  try {
    return await server.open()
  } catch (cause) {
    if (isAludelError(cause) && cause.code !== 'ALUDEL_ENTITIES') throw cause
    throw await rejectedEntities(server, template, cause)
  }
}

/** Runs `work` with a query runner, which is released afterwards. */
export async function withRunner<T>(dataSource: DataSource, work: (runner: QueryRunner) => Promise<T>): Promise<T> {
  const runner = dataSource.createQueryRunner()
  try {
    return await work(runner)
  } finally {
    await runner.release()
  }
}
