import type { DataSourceOptions } from 'typeorm'

import type { AludelError } from '../errors'
import type { Dialect } from './dialect'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The part of a dialect that is available before the dialect is loaded. Dialects load on first use, so that a command on
 * SQLite never reads PostgreSQL's code. The loaders use `require`: in a CommonJS package `import()` gives the same result
 * through a slower module loader.
 */
export interface DialectEntry {
  /** Values of TypeORM's `type` option that the dialect serves. */
  readonly driverTypes: readonly string[]

  /** Accepted schemes of database URLs, without a `+driver` suffix. */
  readonly schemes: readonly string[]

  /** The form of these URLs, for help texts. */
  readonly urlForms: string

  /**
   * The connection options that a URL describes.
   *
   * @param cwd directory that relative paths start from
   * @param env variables that may replace missing parts of the URL
   * @throws AludelError `ALUDEL_DATABASE_URL`; it contains nothing of a malformed URL but its scheme
   */
  fromUrl(url: string, cwd: string, env: Environment): DataSourceOptions

  /** Explains a text that names a database of this dialect in another notation; undefined for any other text. */
  readonly notUrl?: (text: string) => AludelError | undefined

  load(): Dialect
}
