import type { ColumnsOf, EffectsReader } from '../../sql/effects'

/** How SQL is written for a database, and read. */
export interface SqlRole {
  /**
   * Quotes an identifier, doubling quotes inside it.
   *
   * @example
   * dialect.sql.quote('a"b') // '"a""b"'
   */
  quote(identifier: string): string

  /** A literal for offline scripts: strings, numbers, booleans, null, Date, Buffer, and JSON for other objects. */
  literal(value: unknown): string

  /** The placeholder of the n-th parameter (1-based): `$1`, `?`. */
  placeholder(n: number): string

  /**
   * A reader of what statements do; see `sql/effects.ts`. What it needs (a parser) is loaded here.
   *
   * @param columns of the live tables; called where a rebuild shows what it loses by what it does not copy
   */
  readEffects(columns: () => Promise<ColumnsOf>): Promise<EffectsReader>

  /** True where statements lock single tables, which a plan then names; false where a writer locks the whole database. */
  readonly locksTables: boolean

  /** What is around the statements of an offline script. */
  readonly script: ScriptFrame
}

/** Text around the statements of one revision in an offline script, for `psql` or `sqlite3`. */
export interface ScriptFrame {
  /** Once, at the top (for example `\set ON_ERROR_STOP on`, `.bail on`). */
  readonly header: readonly string[]
  begin(transactional: boolean): readonly string[]
  /** What must hold before a revision is recorded, or before a transaction of several is committed. */
  readonly check: readonly string[]
  commit(transactional: boolean): readonly string[]
  readonly footer: readonly string[]
}
