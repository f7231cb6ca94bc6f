import type { DataSourceOptions } from 'typeorm'

import type { Dialect } from './dialect'

/**
 * What is known of a dialect before it is loaded, which it is when it is first needed: a command on SQLite never reads
 * PostgreSQL's code. The loaders use `require` and not `import()`, which in a CommonJS package would go through the slower
 * module loader and give the same.
 */
export interface DialectEntry {
  /** Values of TypeORM's `type` option that the dialect serves. */
  readonly driverTypes: readonly string[]

  /** Schemes of the database URLs that it takes, without what follows a `+`. */
  readonly schemes: readonly string[]

  /** Forms of these URLs, for people. */
  readonly urlForms: string

  /**
   * The options that a URL stands for: of its connection only.
   *
   * @param cwd directory that relative paths start from
   * @throws AludelError `ALUDEL_DATABASE_URL`; the message never holds the password
   */
  fromUrl(url: string, cwd: string): DataSourceOptions

  load(): Dialect
}
