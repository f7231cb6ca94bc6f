import type { DataSource } from 'typeorm'

import type { Dialect, DialectName, ShadowDatabase, ShadowServer } from '../dialect/dialect'

export interface ShadowsOptions {
  readonly template: DataSource
  readonly urls: Readonly<Partial<Record<DialectName, string>>>
  readonly onProgress?: (message: string) => void
}

/**
 * The shadow servers of one command: each is opened when first asked for, and all are closed together.
 */
export class Shadows {
  readonly #servers = new Map<DialectName, Promise<ShadowServer>>()

  constructor(private readonly options: ShadowsOptions) {}

  server(dialect: Dialect): Promise<ShadowServer> {
    const known = this.#servers.get(dialect.name)
    if (known !== undefined) return known
    const { template, urls, onProgress } = this.options
    const url = urls[dialect.name]
    const opened = dialect.openShadow({
      template,
      ...(url === undefined ? {} : { url }),
      ...(onProgress === undefined ? {} : { onProgress }),
    })
    this.#servers.set(dialect.name, opened)
    return opened
  }

  /** Runs `work` with a new, empty database, which is removed afterwards. */
  async withDatabase<T>(dialect: Dialect, work: (database: ShadowDatabase, server: ShadowServer) => Promise<T>): Promise<T> {
    const server = await this.server(dialect)
    const database = await server.open()
    try {
      return await work(database, server)
    } finally {
      await database.drop()
    }
  }

  /** Closes every server; never throws. */
  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.#servers.values())
    this.#servers.clear()
    await Promise.all(opened.map((result) => (result.status === 'fulfilled' ? result.value.close() : undefined)))
  }
}
